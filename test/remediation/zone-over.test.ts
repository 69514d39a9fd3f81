import { describe, expect, test } from '@jest/globals';
import { noRules } from '../../shared/model/classification-rules.ts';
import { liftZoneHold } from '../../shared/recovery/zone-over.ts';

const home = { account: '123456789012', region: 'us-east-1' };
const health = (detail: Record<string, unknown>, resources: string[] = []) => ({
  version: '0',
  id: '5f0e0f6e-0000-4000-8000-000000000001',
  'detail-type': 'AWS Health Event',
  source: 'aws.health',
  account: home.account,
  region: home.region,
  time: '2026-11-20T12:00:00Z',
  resources,
  detail: {
    eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    statusCode: 'closed',
    availabilityZone: 'use1-az1',
    affectedEntities: [],
    ...detail,
  },
});
const lift = async (event: unknown, scope = noRules.scope) => {
  const cleared: unknown[] = [];
  const places = await liftZoneHold(event, { clearImpaired: async (place, id) => void cleared.push([place, id]) }, home, scope);
  return { places, cleared };
};

describe('a zone that is over', () => {
  test('is held no longer, in the account and region that the issue was told of', async () => {
    expect(await lift(health({}))).toEqual({ places: ['use1-az1'], cleared: [[home, 'use1-az1']] });
  });

  test('may be a region, where the issue names no zone', async () => {
    expect((await lift(health({ availabilityZone: undefined }))).places).toEqual(['us-east-1']);
  });

  test.each([
    ['an open issue', health({ statusCode: 'open' })],
    ['an issue about one instance', health({ affectedEntities: [{ entityValue: 'i-0a1b2c3d4e5f60718' }], availabilityZone: undefined })],
    ['an issue of another service', health({ service: 'LAMBDA' })],
    ['what is no event of AWS Health', { ...health({}), source: 'custom' }],
    ['nothing at all', {}],
  ])('is not %s', async (_, event) => {
    expect(await lift(event)).toEqual({ places: [], cleared: [] });
  });

  test('of another account is ended by a sender that the policy lists, and by nobody else', async () => {
    const elsewhere = health({ affectedAccount: '444455556666' });
    expect(await lift(elsewhere)).toEqual({ places: [], cleared: [] });
    const place = { ...home, account: '444455556666' };
    expect((await lift(elsewhere, { monitoring: [], health: [home.account] })).cleared).toEqual([[place, 'use1-az1']]);
  });

  test('is tried again where the ledger can not be told', async () => {
    const failing = { clearImpaired: async () => Promise.reject(new Error('throttled')) };
    await expect(liftZoneHold(health({}), failing, home, noRules.scope)).rejects.toThrow('throttled');
  });
});
