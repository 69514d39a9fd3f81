import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, verdictOf } from './fixtures.ts';

const volume = 'vol-0123456789abcdef0';
const told = (type: string, detail: unknown, ...arns: string[]) => event('aws.ec2', type, detail, { resources: arns });
const arn = (resource: string) => `arn:aws:ec2:us-west-2:111122223333:${resource}`;

describe('ebs', () => {
  test.each([
    ['createVolume', 'failed', 'volume-impaired', 'escalate'],
    ['attachVolume', 'failed', 'volume-impaired', 'escalate'],
    ['modifyVolume', 'Failed', 'volume-impaired', 'escalate'],
    ['volumeIo', 'impaired', 'volume-impaired', 'escalate'],
    ['createVolume', 'available', null, 'ignore'],
    ['deleteVolume', 'deleted', null, 'ignore'],
    ['modifyVolume', 'optimizing', null, 'ignore'],
  ])('%s that ends as %s is %s: %s', (name, result, failure, disposition) => {
    const verdict = verdictOf(told('EBS Volume Notification', { event: name, result, cause: 'a cause' }, arn(`volume/${volume}`)));
    expect(verdict).toMatchObject({ failure, disposition, playbook: null, resource: { type: 'volume', id: volume } });
  });

  test('a failed snapshot is told, a good one ignored', () => {
    const snapshot = { snapshot_id: 'arn:aws:ec2::us-west-2:snapshot/snap-0123456789abcdef0', event: 'createSnapshot' };
    expect(verdictOf(told('EBS Snapshot Notification', { ...snapshot, result: 'failed' }))).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
      resource: { type: 'snapshot', id: 'snap-0123456789abcdef0' },
    });
    expect(verdictOf(told('EBS Snapshot Notification', { ...snapshot, result: 'succeeded' })).disposition).toBe('ignore');
    expect(
      verdictOf(told('EBS Multi-Volume Snapshots Completion Status', { event: 'createSnapshots', result: 'succeeded' })).resource,
    ).toBeNull();
  });

  test('a malformed volume is rejected', () => {
    expect(
      readEvent(told('EBS Volume Notification', { event: 'attachVolume', result: 'failed' }, arn('volume/vol-1'))).rejected[0]?.error,
    ).toContain('resources');
    expect(readEvent(told('EBS Volume Notification', { event: 'attachVolume' })).rejected[0]?.error).toContain('detail.result');
  });
});
