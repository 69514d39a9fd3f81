import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { eventBridgeWorld, target } from './setup.ts';

const EventPattern = JSON.stringify({ source: ['aws.ec2'] });
const event = { source: 'aws.ec2', detail: {} };

const setUp = async () => {
  const it = eventBridgeWorld();
  const { eventBridge } = it;
  const { RuleArn } = await eventBridge.send(new PutRuleCommand({ Name: 'ec2', EventPattern }));
  const putTargets = (...Targets: { Id: string; Arn: string; Input?: string }[]) =>
    eventBridge.send(new PutTargetsCommand({ Rule: 'ec2', Targets }));
  await putTargets({ Id: '1', Arn: target });
  return { ...it, RuleArn, putTargets };
};

describe('rules', () => {
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
  test('an enabled rule sends what it matches to its targets', async () => {
    const { route, RuleArn, eventBridge } = await setUp();
    expect(RuleArn).toBe('arn:aws:events:us-east-1:123456789012:rule/ec2');
    expect(route(event)).toEqual([target]);
    expect(route({ source: 'aws.rds' })).toEqual([]);
    await eventBridge.send(new DisableRuleCommand({ Name: 'ec2' }));
    expect(route(event)).toEqual([]);
    await eventBridge.send(new EnableRuleCommand({ Name: 'ec2' }));
    expect(route(event)).toEqual([target]);
  });

  test('an update keeps the targets', async () => {
    const { route, eventBridge } = await setUp();
    await eventBridge.send(new PutRuleCommand({ Name: 'ec2', EventPattern: '{"source":["aws.rds"]}' }));
    expect(route(event)).toEqual([]);
    expect(route({ source: 'aws.rds' })).toEqual([target]);
  });

  test.each<[string, object, string]>([
    ['a pattern that is no JSON', { EventPattern: '{' }, 'InvalidEventPatternException'],
    ['a pattern with an unknown operator', { EventPattern: '{"a":[{"contains":"x"}]}' }, 'InvalidEventPatternException'],
    ['no pattern', { EventPattern: undefined }, 'ValidationException'],
    ['a name with blanks', { Name: 'my rule' }, 'ValidationException'],
    ['another bus', { EventBusName: 'gone' }, 'ResourceNotFoundException'],
    ['a state that there is none', { State: 'PAUSED' }, 'ValidationException'],
  ])('PutRule with %s is refused', async (_, more, code) => {
    const { eventBridge } = eventBridgeWorld();
    expect(await refusal(eventBridge.send(new PutRuleCommand({ Name: 'ec2', EventPattern, ...more })))).toMatchObject({
      code,
      status: 400,
    });
    expect((await eventBridge.send(new ListRulesCommand({}))).Rules).toEqual([]);
  });

  test('rules are described and listed in pages', async () => {
    const { eventBridge } = await setUp();
    await eventBridge.send(new PutRuleCommand({ Name: 'asg', EventPattern, State: 'DISABLED', Description: 'groups' }));
    expect(await eventBridge.send(new DescribeRuleCommand({ Name: 'asg' }))).toMatchObject({
      Name: 'asg',
      State: 'DISABLED',
      Description: 'groups',
      EventPattern,
      EventBusName: 'default',
    });
    const first = await eventBridge.send(new ListRulesCommand({ Limit: 1 }));
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(['asg']);
    const second = await eventBridge.send(new ListRulesCommand({ Limit: 1, NextToken: first.NextToken }));
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(['ec2']);
    expect(second.NextToken).toBeUndefined();
    expect((await refusal(eventBridge.send(new ListRulesCommand({ NextToken: 'elsewhere' })))).code).toBe('ValidationException');
    expect((await refusal(eventBridge.send(new DescribeRuleCommand({ Name: 'gone' })))).code).toBe('ResourceNotFoundException');
  });

  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
  test('a rule is deleted after its targets', async () => {
    const { eventBridge, route } = await setUp();
    expect((await refusal(eventBridge.send(new DeleteRuleCommand({ Name: 'ec2' })))).message).toBe(
      "Rule can't be deleted since it has targets.",
    );
    const removed = await eventBridge.send(new RemoveTargetsCommand({ Rule: 'ec2', Ids: ['1', 'never'] }));
    expect(removed).toMatchObject({ FailedEntryCount: 1, FailedEntries: [{ TargetId: 'never', ErrorCode: 'ResourceNotFoundException' }] });
    await eventBridge.send(new DeleteRuleCommand({ Name: 'ec2' }));
    await eventBridge.send(new DeleteRuleCommand({ Name: 'ec2' }));
    expect(route(event)).toEqual([]);
  });
});

describe('targets', () => {
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
  test('a rule has up to five, each with an id of its own', async () => {
    const { eventBridge, putTargets } = await setUp();
    await putTargets({ Id: '1', Arn: `${target}-2` });
    expect((await eventBridge.send(new ListTargetsByRuleCommand({ Rule: 'ec2' }))).Targets).toEqual([{ Id: '1', Arn: `${target}-2` }]);
    expect((await refusal(putTargets(...[2, 3, 4, 5, 6].map((i) => ({ Id: `${i}`, Arn: target }))))).code).toBe('LimitExceededException');
    expect((await refusal(putTargets({ Id: 'a', Arn: target }, { Id: 'a', Arn: target }))).code).toBe('ValidationException');
    expect((await refusal(eventBridge.send(new PutTargetsCommand({ Rule: 'gone', Targets: [{ Id: '1', Arn: target }] })))).code).toBe(
      'ResourceNotFoundException',
    );
  });

  test('one that is no ARN, or that wants the event reshaped, is refused by itself', async () => {
    const { putTargets, route } = await setUp();
    const { FailedEntryCount, FailedEntries } = await putTargets(
      { Id: '2', Arn: 'nowhere' },
      { Id: '3', Arn: `${target}-3` },
      { Id: '4', Arn: target, Input: '{}' },
    );
    expect(FailedEntryCount).toBe(2);
    expect(FailedEntries?.map(({ TargetId }) => TargetId)).toEqual(['2', '4']);
    expect(route(event)).toEqual([target, `${target}-3`]);
  });
});

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
test('TestEventPattern tells whether a pattern matches an event', async () => {
  const { eventBridge } = eventBridgeWorld();
  const run = async (Event: string) => (await eventBridge.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
  expect(await run(JSON.stringify(event))).toBe(true);
  expect(await run('{"source":"x"}')).toBe(false);
  expect((await refusal(run('{'))).code).toBe('ValidationException');
});
