import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, snsRecord, verdictOf } from './fixtures.ts';

const database = { type: 'database', id: 'orders' };
const told = (id: string, categories: string[] | undefined, parts: object = {}, type = 'RDS DB Instance Event') => {
  return event('aws.rds', type, {
    EventID: `RDS-EVENT-${id}`,
    EventCategories: categories,
    SourceIdentifier: 'orders',
    Message: 'a message',
    Date: '2026-11-20T13:30:00.000Z',
    ...parts,
  });
};

describe('rds', () => {
  test.each(['0004', '0006', '0007', '0022', '0031', '0034', '0045', '0069', '0089', '0221', '0222', '0227', '0403', '0419'])(
    'RDS-EVENT-%s is trouble',
    (id) => {
      expect(verdictOf(told(id, []))).toMatchObject({
        failure: 'database-impaired',
        disposition: 'escalate',
        resource: database,
        playbook: null,
        at: Date.UTC(2026, 10, 20, 13, 30),
      });
    },
  );

  test.each([
    ['9999', ['failure']],
    ['9999', ['notification', 'low storage']],
  ])('RDS-EVENT-%s of %j is trouble by its category', (id, categories) => {
    expect(verdictOf(told(id, categories)).failure).toBe('database-impaired');
  });

  test.each([
    ['0001', ['backup']],
    ['0049', ['failover']],
    ['0087', ['notification']],
    ['0219', ['failure']],
    ['0220', ['failure']],
    ['0420', ['failure']],
    ['9999', undefined],
  ])('RDS-EVENT-%s of %j is not', (id, categories) => {
    expect(verdictOf(told(id, categories))).toMatchObject({ failure: null, disposition: 'ignore', resource: database });
  });

  test('clusters count too, and the name may be only in the ARN', () => {
    expect(verdictOf(told('0069', ['failover'], {}, 'RDS DB Cluster Event')).failure).toBe('database-impaired');
    expect(
      verdictOf(told('0031', [], { SourceIdentifier: undefined, SourceArn: 'arn:aws:rds:us-west-2:111122223333:db:orders' })).resource,
    ).toEqual(database);
    expect(readEvent(told('0031', [], { SourceIdentifier: 'orders; drop' })).rejected[0]?.error).toContain('detail.SourceIdentifier');
  });

  test('a subscription speaks another dialect, without account and region', () => {
    const message = {
      'Event Source': 'db-instance',
      'Event Time': '2026-11-20 13:30:00.000',
      'Source ID': 'orders',
      'Event ID': 'http://docs.example.com/#RDS-EVENT-0031',
      'Event Message': 'failed',
    };
    expect(verdictOf({ Records: [snsRecord(message)] })).toMatchObject({
      failure: 'database-impaired',
      resource: database,
      account: '111122223333',
      region: 'us-west-2',
      at: Date.UTC(2026, 10, 20, 13, 30),
    });
    expect(verdictOf({ Records: [snsRecord({ ...message, 'Source ARN': 'arn:aws:rds:eu-west-1:444455556666:db:orders' })] })).toMatchObject(
      { account: '444455556666', region: 'eu-west-1' },
    );
    expect(
      verdictOf({ Records: [snsRecord({ ...message, 'Event ID': 'RDS-EVENT-9999', 'Event Categories': ['failure', 7] })] }).disposition,
    ).toBe('escalate');
    expect(verdictOf({ Records: [snsRecord({ ...message, 'Event ID': 'RDS-EVENT-0001' })] }).disposition).toBe('ignore');
  });

  const notice = (id: string, parts: object = {}) => ({
    Records: [
      snsRecord({
        'Event Source': 'db-instance',
        'Event Time': '2026-11-20 13:30:00.000',
        'Source ID': 'orders',
        'Event ID': `http://docs.example.com/#RDS-EVENT-${id}`,
        'Event Message': 'a message',
        ...parts,
      }),
    ],
  });

  test.each([
    ['0031', 'escalate'],
    ['0058', 'escalate'],
    ['0081', 'escalate'],
    ['0195', 'escalate'],
    ['0243', 'escalate'],
    ['0777', 'escalate'],
    ['none', 'escalate'],
    ['0219', 'ignore'],
    ['0001', 'ignore'],
    ['0087', 'ignore'],
    ['0049', 'ignore'],
  ])('a subscription tells no category: RDS-EVENT-%s is one to %s', (id, disposition) => {
    expect(verdictOf(notice(id))).toMatchObject({ disposition, resource: database });
  });

  test.each([
    ['db-proxy', 'orders-proxy', 'database'],
    ['db-snapshot', 'rds:orders-2026-11-20-04-10', 'service'],
    ['blue-green-deployment', 'bgd-0a1b2c3d4e', 'database'],
  ])('what belongs to databases has its failures told, too: %s', (source, id, type) => {
    expect(verdictOf(notice('0243', { 'Event Source': source, 'Source ID': id }))).toMatchObject({
      failure: 'database-impaired',
      disposition: 'escalate',
      resource: { type, id },
    });
  });

  test.each(['RDS DB Proxy Event', 'RDS DB Snapshot Event', 'RDS Blue Green Deployment Event'])(
    '%s: failures are told by category',
    (type) => {
      expect(verdictOf(told('9999', ['failure'], { SourceIdentifier: 'rds:orders' }, type))).toMatchObject({
        failure: 'database-impaired',
        resource: { type: 'service', id: 'rds:orders' },
      });
      expect(verdictOf(told('9999', ['notification'], {}, type)).disposition).toBe('ignore');
    },
  );
});
