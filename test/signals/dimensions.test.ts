import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { mustBeWellFormed, typeOfDimension } from '../../shared/model/resources/index.ts';
import { alarm, alarmEvent, verdictOf } from './fixtures.ts';

describe('dimensions', () => {
  test.each([
    ['AWS/EC2', 'InstanceId'],
    ['CWAgent', 'InstanceId'],
    ['CWAgent', 'AutoScalingGroupName'],
    ['AWS/EBS', 'VolumeId'],
    ['AWS/SQS', 'QueueName'],
    ['AWS/ApplicationELB', 'TargetGroup'],
    ['AWS/RDS', 'DBInstanceIdentifier'],
  ])('in %s, a %s that is no id is malformed', (namespace, name) => {
    expect(mustBeWellFormed(namespace, name)).toBe(true);
    expect(typeOfDimension(name)).toBeDefined();
    const { rejected } = readEvent(alarmEvent(alarm({ namespace, metric: 'x', dimensions: { [name]: 'no;id\u0007' } })));
    expect(rejected).toEqual([{ record: 0, error: expect.stringContaining(`dimension ${name}: not a well-formed id`) }]);
  });

  test.each([
    ['AWS/FSx', 'VolumeId', 'fsvol-0a1b2c3d4e5f60718'],
    ['AWS/StorageGateway', 'VolumeId', 'vol-AB12'],
    ['AWS/Connect', 'InstanceId', '5d4c3b2a-1908-4f6e'],
    ['AWS/DMS', 'InstanceId', 'i-am-mine'],
    ['CWAgent', 'QueueName', 'mailers:high'],
    ['CWAgent', 'Broker', 'a broker'],
    ['Shop', 'InstanceId', 'till 7'],
  ])("in %s, a %s is the service's own: %s", (namespace, name, value) => {
    expect(mustBeWellFormed(namespace, name)).toBe(false);
    expect(verdictOf(alarmEvent(alarm({ namespace, metric: 'x', dimensions: { [name]: value } })))).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
      resource: { type: 'alarm' },
    });
  });
});
