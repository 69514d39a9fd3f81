import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { verdictOf } from './fixtures.ts';

describe('other', () => {
  test.each([
    [
      {
        eventVersion: '1.08',
        eventSource: 'ec2.amazonaws.com',
        eventName: 'StopInstances',
        userIdentity: {},
        recipientAccountId: '444455556666',
        awsRegion: 'eu-west-1',
      },
      '444455556666',
    ],
    [{ configRuleName: 'r', invokingEvent: '{}' }, null],
    [{ deploymentId: 'd-1', applicationName: 'shop' }, null],
    [{ 'Event Source': 'replication-task', 'Event Message': 'stopped' }, null],
    [{ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }, null],
    [{ 'ElastiCache:CacheClusterProvisioningComplete': 'sessions' }, null],
  ])('%j is left alone', (body, account) => {
    expect(verdictOf(body)).toMatchObject({ failure: null, disposition: 'ignore', resource: null, account });
  });

  test('what nobody knows is rejected', () => {
    expect(readEvent({ hello: 'world' }).rejected).toHaveLength(1);
  });
});
