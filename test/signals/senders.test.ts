import { describe, expect, jest, test } from '@jest/globals';
import { decode } from '../../shared/signals/decode.ts';
import type { Trust } from '../../shared/signals/senders.ts';
import { alarm, alarmAction, alarmEvent, event, instanceId, message, notification } from './fixtures.ts';

const [ours, theirs, home] = ['111122223333', '444455556666', '777788889999'];
const nobody: Trust = { home, monitoring: [], health: [], topics: null };
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

describe('what comes by a topic, in a hub that listens to that of one member,', () => {
  const [shop, region] = [ours, 'us-west-2'];
  const trust: Trust = { ...nobody, topics: [{ account: shop, region }] };
  const topicOf = (account: string, there = region) => `arn:aws:sns:${there}:${account}:selfheal-prod-member-alarms`;
  const alarmArn = (account: string, there = region) => `arn:aws:cloudwatch:${there}:${account}:alarm:an-alarm`;
  const body = (account: string, there = region): Record<string, unknown> => ({
    ...message(alarm()),
    AWSAccountId: account,
    AlarmArn: alarmArn(account, there),
  });
  /** As Lambda gets it. */
  const by = (TopicArn: unknown, content: object | string, Type = 'Notification') => ({
    Records: [
      { EventSource: 'aws:sns', Sns: { Type, TopicArn, Message: typeof content === 'string' ? content : JSON.stringify(content) } },
    ],
  });
  const { AWSAccountId: _account, AlarmArn: _arn, ...unsigned } = body(shop);

  test("is taken in if it is an alarm of that member, or of the hub's own account wherever its topic is", () => {
    for (const event of [by(topicOf(shop), body(shop)), by(topicOf(home, 'eu-west-1'), body(home, 'eu-west-1'))]) {
      const { signals, rejected } = decode(event, trust);
      expect(rejected).toEqual([]);
      expect(signals).toMatchObject([{ kind: 'cloudwatch-alarm' }]);
    }
  });

  const notListened =
    /^TopicArn: came by a topic of account \d{12} in [a-z0-9-]+, which is none that this hub listens to \(parameter memberTopics\)$/;
  test.each<[string, unknown, RegExp]>([
    ['of an account outside of the organisation', by(topicOf(theirs), body(theirs)), notListened],
    ["of an account outside of the organisation, in the member's name", by(topicOf(theirs), body(shop)), notListened],
    ["of an account outside of the organisation, in the hub's name", by(topicOf(theirs), body(home)), notListened],
    [
      'of an account outside of the organisation, though the alarm is over',
      by(topicOf(theirs), { ...body(theirs), NewStateValue: 'OK' }),
      notListened,
    ],
    ['of an account outside of the organisation, with something else', by(topicOf(theirs), stopped({ account: theirs })), notListened],
    ['of a region of the member that it does not listen to', by(topicOf(shop, 'eu-west-1'), body(shop, 'eu-west-1')), notListened],
    ['of nobody', by(undefined, body(shop)), /^TopicArn: came by no topic of any account, /],
    ['of a topic that is none', by(arn('sqs', 'queue', shop), body(shop)), /^TopicArn: came by no topic of any account, /],
    ['that asks to confirm a subscription', by(topicOf(theirs), 'You have chosen to subscribe', 'SubscriptionConfirmation'), notListened],
    [
      "of the member with another member's alarm",
      by(topicOf(shop), body(theirs)),
      /^account: sent by the topic of account 111122223333 in us-west-2, but about account 444455556666$/,
    ],
    ["of the member with an alarm of the hub's", by(topicOf(shop), body(home)), /but about account 777788889999$/],
    ["of the member with an alarm that doesn't say whose it is", by(topicOf(shop), unsigned), /but about no account$/],
    [
      'of the member with an alarm of another region',
      by(topicOf(shop), body(shop, 'eu-west-1')),
      /^region: .*, but about an alarm in eu-west-1$/,
    ],
    [
      "of the member with an alarm on another account's resource",
      by(topicOf(shop), { ...body(shop), AlarmRule: 'ALARM(a)', TriggeringChildren: [{ Arn: alarmArn(theirs) }] }),
      /^account: sent by account 111122223333, but about account 444455556666/,
    ],
    ['of the member with an event of an instance', by(topicOf(shop), stopped({ account: shop })), /, which is for alarms alone$/],
    [
      'of the member with an alarm as the event bus tells of it',
      by(topicOf(shop), { ...alarmEvent(alarm()), account: shop, resources: [alarmArn(shop)] }),
      /, which is for alarms alone$/,
    ],
    [
      "of the member with a message that says it came by another's topic",
      by(topicOf(shop), { Type: 'Notification', TopicArn: topicOf(home), Message: JSON.stringify(body(home)) }),
      /^account: sent by the topic of account 111122223333 in us-west-2, but about account 777788889999$/,
    ],
    [
      "of the member with a batch of another's topic",
      by(topicOf(shop), by(topicOf(home), body(home))),
      /^account: sent by the topic of account 111122223333 in us-west-2, but about account 777788889999$/,
    ],
  ])('is rejected if it is %s', (_, event, reason) => {
    const { signals, rejected } = decode(event, trust);
    expect(signals).toEqual([]);
    expect(rejected).toEqual([{ record: 0, error: expect.stringMatching(reason) }]);
  });

  test('leads to nothing if it asks to confirm a subscription in the name of the member, and nothing is requested for it', () => {
    const fetched = jest.spyOn(globalThis, 'fetch');
    const SubscribeURL = 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=1';
    for (const forged of [
      by(topicOf(shop), 'You have chosen to subscribe', 'SubscriptionConfirmation'),
      by(topicOf(shop), { Type: 'SubscriptionConfirmation', TopicArn: topicOf(shop), Token: '1', SubscribeURL, Message: 'x' }),
    ]) {
      const { signals, rejected } = decode(forged, trust);
      expect(rejected).toEqual([]);
      expect(signals).toMatchObject([{ quiet: 'SNS confirms a subscription' }]);
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test('is held to no such list where the policy names its account, or where there is no hub', () => {
    const event = by(topicOf(theirs), body(theirs));
    for (const other of [
      { ...trust, monitoring: [theirs] },
      { ...trust, topics: null },
    ])
      expect(decode(event, other).rejected).toEqual([]);
    expect(decode(event, { ...trust, topics: [] }).rejected).toHaveLength(1);
  });

  test('takes nothing else of its batch along if it is rejected', () => {
    const Records = [by(topicOf(theirs), body(theirs)), by(topicOf(shop), body(shop))].flatMap((one) => one.Records);
    const { signals, rejected } = decode({ Records }, trust);
    expect([signals.length, rejected.map(({ record }) => record)]).toEqual([1, [0]]);
  });
});
