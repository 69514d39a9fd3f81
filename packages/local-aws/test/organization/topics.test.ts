import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  GetPolicyCommand,
  LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inProcess } from '../../src/index.ts';
import type { Invocation } from '../../src/services/lambda/model/hooks.ts';
import { refusal } from '../harness.ts';
import { abroad, home, hub, id, member, organization, policy } from './setup.ts';

const minute = 60_000;
const intake = `arn:aws:lambda:${home}:${hub}:function:intake`;
const topicArn = (region = home) => `arn:aws:sns:${region}:${member}:alarms`;

let bed: ReturnType<typeof organization>;
let invoked: (Invocation & { account: string; region: string })[];
beforeEach(() => {
  invoked = [];
  bed = organization({}, (account, region) => ({
    throttle: 'off',
    onInvoke: (invocation) => {
      invoked.push({ ...invocation, account, region });
      return {};
    },
  }));
  bed.org.world(hub).lambda.place({ name: 'intake', modifiedAt: 0 });
});
afterEach(() => bed.org.close());

const lambda = () =>
  new LambdaClient({
    ...{ region: home, endpoint: 'http://local', requestHandler: inProcess(bed.org.handle) },
    credentials: { accessKeyId: hub, secretAccessKey: 'local' },
  });
const permit = (change: Partial<AddPermissionCommandInput> = {}) =>
  lambda().send(
    new AddPermissionCommand({
      ...{ FunctionName: 'intake', StatementId: 'topic', Action: 'lambda:InvokeFunction' },
      ...{ Principal: 'sns.amazonaws.com', SourceArn: topicArn(), ...change },
    }),
  );
const mayPublish = (account = member) => ({
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: 'sns:Publish',
  Resource: topicArn(),
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});
const maySubscribe = (endpoint = intake, organizationId = id) => ({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${hub}:root` },
  Action: 'sns:Subscribe',
  Resource: topicArn(),
  Condition: { StringEquals: { 'aws:PrincipalOrgID': organizationId, 'sns:Protocol': 'lambda', 'sns:Endpoint': endpoint } },
});
const placeTopic = (statements: object[] = [mayPublish(), maySubscribe()], region = home) =>
  bed.as(member, region).sns.send(
    new CreateTopicCommand({
      Name: 'alarms',
      ...(statements.length > 0 && {
        Attributes: { Policy: JSON.stringify(policy(...statements)).replaceAll(topicArn(), topicArn(region)) },
      }),
    }),
  );
const subscribe = (who = hub, region = home, Endpoint = intake) =>
  bed.as(who, region).sns.send(new SubscribeCommand({ TopicArn: topicArn(region), Protocol: 'lambda', Endpoint }));
const ring = async (who = member, region = home, AlarmActions = [topicArn(region)]) => {
  const { cloudWatch } = bed.as(who, region);
  const metric = { Namespace: 'shop', MetricName: 'orders', Statistic: 'Sum' as const, Period: 60, EvaluationPeriods: 1 };
  const AlarmName = 'orders';
  await cloudWatch.send(
    new PutMetricAlarmCommand({ AlarmName, ...metric, Threshold: 1, ComparisonOperator: 'LessThanThreshold', AlarmActions }),
  );
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
  await bed.org.advanceTo(bed.org.aws.world.clock.now() + minute);
};

describe('a topic of another account', () => {
  test.each([home, abroad])(
    'that is in %s invokes the function whose owner has subscribed it, once both policies agree',
    async (region) => {
      await permit({ SourceArn: topicArn(region) });
      await placeTopic(undefined, region);
      const { SubscriptionArn } = await subscribe(hub, region);
      expect(SubscriptionArn).toMatch(new RegExp(`^${topicArn(region)}:[0-9a-f-]{36}$`));
      await ring(member, region);
      expect(invoked).toMatchObject([
        {
          account: hub,
          region: home,
          functionName: 'intake',
          type: 'Event',
          payload: { Records: [{ Sns: { TopicArn: topicArn(region) } }] },
        },
      ]);
      const { Subscriptions } = await bed.as(member, region).sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn(region) }));
      expect(Subscriptions).toMatchObject([{ SubscriptionArn, Protocol: 'lambda', Endpoint: intake }]);
    },
  );

  test.each<[string, object[]]>([
    ['has no policy', []],
    ['lets another endpoint subscribe', [maySubscribe(intake.replace('intake', 'other'))]],
    ['lets another organisation subscribe', [maySubscribe(intake, 'o-zzzzzzzzzz')]],
    ['lets in what a denial keeps out', [maySubscribe(), { ...maySubscribe(), Effect: 'Deny' }]],
  ])('that %s is not subscribed to', async (_, statements) => {
    await permit();
    await placeTopic(statements);
    expect(await refusal(subscribe())).toMatchObject({ code: 'AuthorizationErrorException', status: 403 });
    await ring();
    expect(invoked).toEqual([]);
  });

  test('is refused to who has no right to publish there, and is not there where it is not', async () => {
    await placeTopic();
    expect(await refusal(bed.as(hub).sns.send(new PublishCommand({ TopicArn: topicArn(), Message: 'x' })))).toMatchObject({
      code: 'AuthorizationErrorException',
    });
    const elsewhere = topicArn().replace(member, '999999999999');
    expect(await refusal(bed.as(hub).sns.send(new PublishCommand({ TopicArn: elsewhere, Message: 'x' })))).toMatchObject({
      code: 'AuthorizationErrorException',
    });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['the function has no policy', async () => {}],
    ['it is for another topic', () => permit({ SourceArn: `${topicArn()}-2` })],
    ['it is for another service', () => permit({ Principal: 'events.amazonaws.com' })],
    ['it is for an alias', () => permit({ Qualifier: 'live' })],
    // A service is of no organisation: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid
    ['it is for an organisation', () => permit({ PrincipalOrgID: id })],
    [
      'it was taken away',
      async () => {
        await permit();
        await lambda().send(new RemovePermissionCommand({ FunctionName: 'intake', StatementId: 'topic' }));
      },
    ],
  ])('does not invoke a function where %s', async (_, allow) => {
    await allow();
    await placeTopic();
    await subscribe();
    await ring();
    expect(invoked).toEqual([]);
    expect(bed.org.world(member).world.clock.now()).toBeGreaterThan(0);
  });

  test('waits for a confirmation where its own account has subscribed a function of another one', async () => {
    await permit();
    await placeTopic();
    expect((await subscribe(member)).SubscriptionArn).toBe('pending confirmation');
    await ring();
    expect(invoked).toEqual([]);
  });

  test('lets a subscription be ended by the account that it is of, and by no third one', async () => {
    await permit();
    await placeTopic();
    const { SubscriptionArn } = await subscribe();
    const { Attributes } = await bed.as(hub).sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(Attributes).toMatchObject({ Endpoint: intake, Protocol: 'lambda' });
    await bed.as(hub).sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await ring();
    expect(invoked).toEqual([]);
  });
});

describe("a topic's policy", () => {
  test('keeps out the alarms of an account that it does not name', async () => {
    await permit();
    await placeTopic([mayPublish(hub), maySubscribe()]);
    await subscribe();
    await ring();
    expect(invoked).toEqual([]);
  });

  test('lets in the alarms of another account that it names', async () => {
    await permit();
    await placeTopic([mayPublish(hub), maySubscribe()]);
    await subscribe();
    await ring(hub);
    expect(invoked).toMatchObject([{ account: hub }]);
  });

  test('keeps out identities of its own account by a denial', async () => {
    const noIdentities = {
      ...{ Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topicArn() },
      Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' } },
    };
    await placeTopic([mayPublish(), maySubscribe(), noIdentities]);
    expect(await refusal(bed.as(member).sns.send(new PublishCommand({ TopicArn: topicArn(), Message: 'x' })))).toMatchObject({
      code: 'AuthorizationErrorException',
    });
    await permit();
    await subscribe();
    await ring();
    expect(invoked).toHaveLength(1);
  });
});

describe("a function's policy", () => {
  test('is told as it was put together', async () => {
    await permit({ SourceAccount: member });
    const { Policy = '' } = await lambda().send(new GetPolicyCommand({ FunctionName: intake }));
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Id: 'default',
      Statement: [
        {
          Sid: 'topic',
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: intake,
          Condition: { StringEquals: { 'AWS:SourceAccount': member }, ArnLike: { 'AWS:SourceArn': topicArn() } },
        },
      ],
    });
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['a pattern in the place of an account', 'ValidationException', () => permit({ SourceArn: `arn:aws:sns:${home}:*:alarms` })],
    ['a function that there is not', 'ResourceNotFoundException', () => permit({ FunctionName: 'nothing' })],
    ['a statement that there is', 'ResourceConflictException', () => permit().then(() => permit())],
    [
      'more than fits',
      'PolicyLengthExceededException',
      async () => {
        for (let i = 0; i < 100; i++) await permit({ StatementId: `topic-${i}` });
      },
    ],
    ['a policy that there is not', 'ResourceNotFoundException', () => lambda().send(new GetPolicyCommand({ FunctionName: 'intake' }))],
  ])('is refused for %s', async (_, code, ask) => {
    expect(await refusal(ask())).toMatchObject({ code });
  });

  test.each([true, false])('lets a rule of another account invoke it: %s', async (allowed) => {
    const { eventBridge } = bed.as(member);
    await eventBridge.send(new PutRuleCommand({ Name: 'all', EventPattern: JSON.stringify({ source: ['aws.ec2'] }) }));
    await eventBridge.send(new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: '1', Arn: intake }] }));
    if (allowed) await permit({ Principal: 'events.amazonaws.com', SourceArn: `arn:aws:events:${home}:${member}:rule/all` });
    bed.org.world(member).world.putEvent({ source: 'aws.ec2', detailType: 'Test', resources: [], detail: {} });
    await bed.org.advanceTo(bed.org.aws.world.clock.now() + minute);
    expect(invoked).toHaveLength(allowed ? 1 : 0);
  });
});
