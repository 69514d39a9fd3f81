import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalOrganization, inProcess, type LocalOrganization } from '#local-aws';
import { partOf, standalone } from '../../local/testbed/template-parts.ts';
import { localClients, refusal, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { place } from './place.ts';

const [hub, member, stranger] = ['111111111111', '222222222222', '333333333333'];
const [home, abroad] = ['us-east-1', 'eu-west-1'];
const id = 'o-abcdefghij';
const intake = `arn:aws:lambda:${home}:${hub}:function:selfheal-prod-intake`;

const parameters = {
  HubAccount: hub,
  HubRegion: home,
  HubRole: `arn:aws:iam::${hub}:role/hub`,
  HubWatchRole: `arn:aws:iam::${hub}:role/hub-watch`,
  Organization: id,
  ExternalId: '',
  PermissionsBoundary: '',
  AlarmTopic: 'off',
};
const topicArn = (region: string, account = member) => `arn:aws:sns:${region}:${account}:selfheal-prod-member-alarms`;
const terminated = {
  source: 'aws.ec2',
  detailType: 'EC2 Instance State-change Notification',
  resources: [],
  detail: { 'instance-id': 'i-0a1b2c3d4e5f60718', state: 'terminated' },
};

describe('the template of members', () => {
  let org: LocalOrganization;
  let heard: { account: string; region: string }[];

  beforeEach(async () => {
    heard = [];
    org = createLocalOrganization({
      id,
      seed: worldOptions.seed,
      start: worldOptions.start,
      accounts: [hub, member, stranger],
      regions: [home, abroad],
      each: () => ({
        onInvoke: ({ payload }) => {
          heard.push(payload as { account: string; region: string });
          return {};
        },
      }),
    });
    org.world(hub, home).lambda.place({ name: 'selfheal-prod-intake', modifiedAt: 0 });
  });
  afterEach(() => org.close());

  const placeHub = async (organization = id, memberTopics = '') =>
    place(
      org.world(hub, home),
      await partOf('hub.cjs', {
        'param:hub': 'on',
        'param:organization': organization,
        'param:externalId': '',
        'param:memberTopics': memberTopics,
        'self:custom.names.hub': 'selfheal-prod-hub',
        'self:custom.names.member': 'selfheal-member-prod',
        'self:custom.names.memberWatch': 'selfheal-member-watch-prod',
        'self:custom.names.memberAlarms': 'selfheal-prod-member-alarms',
        'self:provider.region': home,
      }),
      { 'IntakeLambdaFunction.Arn': intake, 'EventDeadLetters.Arn': org.world(hub, home).world.arn('sqs', 'dead') },
      (region) => as(hub, region),
    );
  const as = (account: string, region: string) => localClients(org.handle, { region, accessKeyId: account });
  const happens = async (account: string, region: string) => {
    org.world(account, region).world.putEvent(terminated);
    await org.advanceTo(org.aws.world.clock.now() + 60_000);
  };

  test.each([home, abroad])(
    'sends what happens in %s to intake of the hub in its own region, with the account and region where it was',
    async (region) => {
      await placeHub();
      await place(org.world(member, region), standalone('member.yml'), parameters);
      await happens(member, region);
      expect(heard).toMatchObject([{ account: member, region, source: 'aws.ec2', detail: terminated.detail }]);
    },
  );

  test('sends nothing of regions where it is not', async () => {
    await placeHub();
    await place(org.world(member, home), standalone('member.yml'), parameters);
    await happens(member, abroad);
    expect(heard).toEqual([]);
  });

  test('sends nothing to the hub of another organisation', async () => {
    await placeHub('o-zzzzzzzzzz');
    await place(org.world(member, abroad), standalone('member.yml'), parameters);
    await happens(member, abroad);
    expect(heard).toEqual([]);
  });

  describe('with a topic for alarms', () => {
    /** An alarm that nothing tells the hub of but its action. */
    const rings = async (account: string, region: string, topic = topicArn(region)) => {
      const { cloudWatch } = as(account, region);
      const metric = { Namespace: 'shop', MetricName: 'orders', Statistic: 'Sum' as const, Period: 60, EvaluationPeriods: 1 };
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: 'orders', ...metric, Threshold: 1, ComparisonOperator: 'LessThanThreshold', AlarmActions: [topic] },
        }),
      );
      await cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'orders', StateValue: 'ALARM', StateReason: 'a test' }));
      await org.advanceTo(org.aws.world.clock.now() + 60_000);
    };
    const topics = () =>
      heard.flatMap((one) => ((one as { Records?: { Sns: { TopicArn: string } }[] }).Records ?? []).map(({ Sns }) => Sns.TopicArn));
    const placeMember = (region: string, change: object = {}, account = member) =>
      place(org.world(account, region), standalone('member.yml'), { ...parameters, AlarmTopic: 'on', ...change });

    test.each([home, abroad])('in %s leads it to intake, once the hub names it, and has a key of its own', async (region) => {
      await placeMember(region);
      await rings(member, region);
      expect(topics()).toEqual([]);
      await placeHub(id, `${member}:${region}`);
      await rings(member, region);
      expect(topics()).toEqual([topicArn(region)]);
      const { Attributes } = await as(member, region).sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn(region) }));
      expect(Attributes?.KmsMasterKeyId).toMatch(/^[0-9a-f-]{36}$/);
      const { Policy = '' } = await lambda().send(new GetPolicyCommand({ FunctionName: intake }));
      const ofTopics = (JSON.parse(Policy) as { Statement: { Principal: object; Condition: object }[] }).Statement.slice(1);
      expect(ofTopics).toMatchObject([
        { Principal: { Service: 'sns.amazonaws.com' }, Condition: { ArnLike: { 'AWS:SourceArn': topicArn(region) } } },
      ]);
    });
    const lambda = () =>
      new LambdaClient({
        ...{ region: home, endpoint: 'http://local', requestHandler: inProcess(org.handle) },
        credentials: { accessKeyId: hub, secretAccessKey: 'local' },
      });

    test('is there only where its parameter says so, and then takes the alarms of its own account and no other message', async () => {
      await place(org.world(member, abroad), standalone('member.yml'), parameters);
      expect(await refusal(as(member, abroad).sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn(abroad) })))).toMatchObject({
        code: 'NotFoundException',
      });
      await placeMember(home);
      await placeHub(id, `${member}:${home}`);
      await rings(stranger, home);
      for (const account of [member, hub, stranger]) {
        const published = as(account, home).sns.send(new PublishCommand({ TopicArn: topicArn(home), Message: 'an alarm, honestly' }));
        expect(await refusal(published)).toMatchObject({ code: 'AuthorizationErrorException' });
      }
      await org.advanceTo(org.aws.world.clock.now() + 60_000);
      expect(topics()).toEqual([]);
    });

    test.each<[string, object, string, string, string]>([
      ['another function', {}, hub, 'lambda', intake.replace('intake', 'remediate')],
      ['a mailbox', {}, hub, 'email', 'you@example.com'],
      ['intake, as if it were a queue', {}, hub, 'sqs', intake],
      ['intake by another account', {}, stranger, 'lambda', intake],
      ['intake of a hub of another organisation', { Organization: 'o-zzzzzzzzzz' }, hub, 'lambda', intake],
    ])('may not be subscribed to by %s', async (_, change, account, Protocol, Endpoint) => {
      await placeMember(home, change);
      const subscribed = as(account, home).sns.send(new SubscribeCommand({ TopicArn: topicArn(home), Protocol, Endpoint }));
      expect(await refusal(subscribed)).toMatchObject({ code: 'AuthorizationErrorException' });
    });

    test('that the hub does not name invokes nothing, whoever subscribes intake to it', async () => {
      await placeHub(id, '');
      await placeMember(home);
      await as(hub, home).sns.send(new SubscribeCommand({ TopicArn: topicArn(home), Protocol: 'lambda', Endpoint: intake }));
      await rings(member, home);
      expect(topics()).toEqual([]);
    });
  });
});
