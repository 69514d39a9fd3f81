import { GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateEventBusCommand, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';
import { target } from './setup.ts';

const EventPattern = JSON.stringify({ source: ['a'] });

const setUp = async () => {
  const aws = createLocalAws(worldOptions);
  const { eventBridge, cloudWatch } = localClients(aws.handle);
  const { world } = aws;
  /** Until the datapoints of the minute in which it is delivered can be seen. */
  const pass = async () => {
    await aws.dispatch();
    await aws.advanceTo(world.clock.now() + 3 * 60_000);
  };
  const sum = async (MetricName: string, dimensions: Record<string, string>) => {
    const { Datapoints = [] } = await cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Events',
        MetricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        StartTime: new Date(worldOptions.start),
        EndTime: new Date(world.clock.now() + 60_000),
        Period: 60,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.map(({ Sum }) => Sum);
  };
  return { aws, world, eventBridge, sum, pass };
};

// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
describe('the metrics of rules', () => {
  test('count by the minute what a rule of the default bus matches and hands on, by its name', async () => {
    const { aws, world, eventBridge, sum, pass } = await setUp();
    await eventBridge.send(new PutRuleCommand({ Name: 'one', EventPattern }));
    await eventBridge.send(
      new PutTargetsCommand({
        Rule: 'one',
        Targets: [
          { Id: '1', Arn: target },
          { Id: '2', Arn: target },
        ],
      }),
    );
    for (const source of ['a', 'a', 'b']) world.putEvent({ source, detailType: 'x', resources: [], detail: {} });
    await pass();
    expect(await sum('TriggeredRules', { RuleName: 'one' })).toEqual([2]);
    expect(await sum('MatchedEvents', { RuleName: 'one' })).toEqual([2]);
    expect(await sum('Invocations', { RuleName: 'one' })).toEqual([4]);
    expect(await sum('TriggeredRules', { EventBusName: 'default', RuleName: 'one' })).toEqual([]);
    // What would be routed is not what has been.
    aws.eventBridge.route({ source: 'a' });
    expect(await sum('MatchedEvents', { RuleName: 'one' })).toEqual([2]);
    await aws.close();
  });

  test('count those of another bus by both names, and one without a target as matched alone', async () => {
    const { aws, eventBridge, sum, pass } = await setUp();
    await eventBridge.send(new CreateEventBusCommand({ Name: 'other' }));
    await eventBridge.send(new PutRuleCommand({ Name: 'one', EventPattern, EventBusName: 'other' }));
    const entry = { EventBusName: 'other', Source: 'a', DetailType: 'x', Detail: '{}' };
    await eventBridge.send(new PutEventsCommand({ Entries: [entry] }));
    await pass();
    const dimensions = { EventBusName: 'other', RuleName: 'one' };
    expect(await sum('MatchedEvents', dimensions)).toEqual([1]);
    expect(await sum('TriggeredRules', dimensions)).toEqual([]);
    expect(await sum('MatchedEvents', { RuleName: 'one' })).toEqual([]);
    await aws.close();
  });
});
