import { describe, expect, test } from '@jest/globals';
import { decode } from '../../shared/signals/decode.ts';
import type { Trust } from '../../shared/signals/senders.ts';
import { alarm, alarmAction, alarmEvent, event, instanceId, message, notification } from './fixtures.ts';

const [ours, theirs, home] = ['111122223333', '444455556666', '777788889999'];
const nobody: Trust = { home, monitoring: [], health: [] };
const arn = (service: string, resource: string, account = theirs) => `arn:aws:${service}:us-west-2:${account}:${resource}`;
const stopped = (parts: object = {}) => ({
  ...event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': instanceId, state: 'stopped' }),
  resources: [arn('ec2', `instance/${instanceId}`, ours)],
  ...parts,
});
const alarmOn = (metrics: object[], parts: object = {}) => {
  const told = alarmEvent(alarm());
  return { ...told, detail: { ...(told.detail as object), configuration: { metrics }, ...parts } };
};
const metric = (accountId?: string) => ({
  id: 'm1',
  metricStat: { metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: { InstanceId: instanceId } }, stat: 'Average' },
  ...(accountId ? { accountId } : {}),
});
const task = (parts: object = {}) => ({
  ...event('aws.ecs', 'ECS Task State Change', {
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    taskArn: arn('ecs', 'task/web/0123456789abcdef0123456789abcdef', ours),
    clusterArn: arn('ecs', 'cluster/web', ours),
    containers: [{ exitCode: 1 }],
    ...parts,
  }),
});
const invocation = (requestContext: object, parts: object = {}) => ({
  ...event('lambda', 'Lambda Function Invocation Result - Failure', {
    timestamp: '2026-11-20T12:00:00Z',
    requestContext: { functionArn: arn('lambda', 'function:web:$LATEST', ours), condition: 'RetriesExhausted', ...requestContext },
    ...parts,
  }),
});
const health = (parts: object = {}) =>
  event('aws.health', 'AWS Health Event', {
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED',
    eventTypeCategory: 'scheduledChange',
    eventRegion: 'us-west-2',
    affectedEntities: [{ entityValue: instanceId }],
    ...parts,
  });
const told = (body: object) => ({ ...notification(body), TopicArn: arn('sns', 'alarms', ours) });

describe('an event', () => {
  test.each<[string, unknown]>([
    ['a resource', stopped({ resources: [arn('ec2', `instance/${instanceId}`)] })],
    ['a second resource', stopped({ resources: [arn('ec2', `instance/${instanceId}`, ours), arn('ec2', `instance/${instanceId}`)] })],
    ['an ARN with spaces in it', stopped({ resources: [` arn:aws:ec2:us-west-2: ${theirs}:instance/${instanceId} `] })],
    ['a resource, and no account, which makes it ours', stopped({ account: undefined, resources: [arn('ec2', `instance/${instanceId}`)] })],
    ['a resource, and an account that is none', stopped({ account: '4444', resources: [arn('ec2', `instance/${instanceId}`)] })],
    ['a cluster', task({ clusterArn: arn('ecs', 'cluster/web') })],
    ['a task', task({ taskArn: arn('ecs', 'task/web/0123456789abcdef0123456789abcdef') })],
    ['a function', invocation({ functionArn: arn('lambda', 'function:web:$LATEST') })],
    ['the ARN of an alarm', { ...alarmEvent(alarm()), resources: [arn('cloudwatch', 'alarm:an-alarm')] }],
    ['the account of a metric', alarmOn([metric(theirs)])],
    ['the account of one of its metrics', alarmOn([metric(), metric(theirs)])],
    ['the ARN of an alarm that invokes the function', { ...alarmAction(alarm()), alarmArn: arn('cloudwatch', 'alarm:an-alarm') }],
    ['the ARN of an alarm in a message', { ...message(alarm()), AlarmArn: arn('cloudwatch', 'alarm:an-alarm') }],
    ['a child', { ...message(alarm()), AlarmRule: 'ALARM(a)', TriggeringChildren: [{ Arn: arn('cloudwatch', 'alarm:a') }] }],
    [
      'an alarm of another account than that of its topic',
      told({ ...message(alarm()), AWSAccountId: theirs, AlarmArn: arn('cloudwatch', 'alarm:an-alarm') }),
    ],
    ['an event of another account than that of its topic', told(stopped({ account: theirs, resources: [] }))],
    [
      'a group',
      {
        Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
        AutoScalingGroupName: 'web',
        AccountId: ours,
        Time: '2026-11-20T12:00:00Z',
        AutoScalingGroupARN: arn('autoscaling', 'autoScalingGroup:1:autoScalingGroupName/web'),
      },
    ],
    ['an affected account', health({ affectedAccount: theirs })],
    ['an affected resource', health({ affectedEntities: [{ entityValue: arn('ec2', `instance/${instanceId}`) }] })],
  ])('of one account that names another is rejected: by %s', (_, body) => {
    const { signals, rejected } = decode(body, nobody);
    expect(signals).toEqual([]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.error).toMatch(/^account: sent by account (111122223333|777788889999), but about account 444455556666/);
    // It is held to its sender, and not unreadable.
    expect(decode(body).rejected).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['of its own account', stopped()],
    ['that leads to nothing', { ...alarmEvent(alarm({ state: 'OK' })), resources: [arn('cloudwatch', 'alarm:an-alarm')] }],
    [
      'of a service that is not served',
      event('aws.guardduty', 'GuardDuty Finding', { accountId: theirs, arn: arn('guardduty', 'detector/1') }),
    ],
    ['whose snapshot has no account in its ARN', stopped({ resources: ['arn:aws:ec2::us-west-2:snapshot/snap-0a1b2c3d4e5f60718'] })],
    ['with a key of another account', task({ kmsKeyArn: arn('kms', 'key/1') })],
    ['with a role of another account', task({ overrides: { taskRoleArn: `arn:aws:iam::${theirs}:role/web` } })],
    ['whose payload names another account', invocation({}, { requestPayload: { functionArn: arn('lambda', 'function:web') } })],
    ['whose function reads the stream of another account', invocation({}, { KinesisBatchInfo: { streamArn: arn('kinesis', 'stream/x') } })],
    ['in a namespace of another account', task({ serviceRegistryArns: [arn('servicediscovery', 'service/srv-1')] })],
    ['whose tags name another account', alarmOn([metric()], { alarmTags: { topicArn: arn('sns', 'x') } })],
    ['whose actions are in another account', { ...message(alarm()), AlarmActions: [arn('sns', 'alarms')] }],
    ['of a group, in its topic', told({ ...message(alarm()), AWSAccountId: ours })],
    ['without any account', { ...message(alarm()), AWSAccountId: undefined, AlarmArn: undefined }],
  ])('%s is taken in', (_, body) => {
    const { signals, rejected } = decode(body, nobody);
    expect(rejected).toEqual([]);
    expect(signals.length).toBeGreaterThan(0);
  });

  const monitoring = { ...nobody, monitoring: [ours] };
  const delegated = { ...nobody, health: [ours] };
  test.each<[string, unknown, Trust, boolean]>([
    ['an alarm of a monitoring account', alarmOn([metric(theirs)]), monitoring, true],
    ['an alarm of whom AWS Health tells of others', alarmOn([metric(theirs)]), delegated, false],
    ['AWS Health, of whom it tells of others', health({ affectedAccount: theirs }), delegated, true],
    ['AWS Health, of a monitoring account', health({ affectedAccount: theirs }), monitoring, false],
    ['an instance, of a monitoring account', stopped({ resources: [arn('ec2', `instance/${instanceId}`)] }), monitoring, false],
    ['an alarm of another account than the listed one', { ...alarmOn([metric(ours)]), account: theirs }, monitoring, false],
  ])('may name another account if the policy lists its sender for that: %s', (_, body, trust, taken) => {
    const { signals, rejected } = decode(body, trust);
    expect([signals.length > 0, rejected.length === 0]).toEqual([taken, taken]);
  });

  test('that is rejected takes no other of its batch with it', () => {
    const { signals, rejected } = decode([stopped(), stopped({ account: theirs }), stopped()], nobody);
    expect([signals.length, rejected.map(({ record }) => record)]).toEqual([2, [1]]);
  });
});
