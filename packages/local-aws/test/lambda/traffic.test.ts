import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeAlarmsCommand, ListMetricsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  DeleteFunctionCommand,
  GetAliasCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createFunctionWorld, minute, start } from './world.ts';

const FunctionName = 'checkout';
const byName = { FunctionName };
const byAlias = { FunctionName, Resource: 'checkout:live' };
const byVersion = (ExecutedVersion: string) => ({ ...byAlias, ExecutedVersion });

let world: ReturnType<typeof createFunctionWorld>;
beforeEach(() => {
  world = createFunctionWorld();
  world.aws.lambda.place({
    ...{ name: FunctionName, modifiedAt: start, published: [start, start], aliases: { live: '1' } },
    ...{ rates: { live: 600 }, versions: { 2: { errors: 0.5 } } },
  });
});
afterEach(() => world.aws.close());

const move = (input: object) => world.lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', ...input }));
const until = (minutes: number) => world.aws.advanceTo(start + minutes * minute);

test('what an alias points to is invoked, and counted under the function, the alias and the version', async () => {
  const { measured } = world;
  await until(5);
  await move({ FunctionVersion: '2' });
  await until(11);
  expect(await measured('Invocations', byName)).toEqual(Array(10).fill(600));
  expect(await measured('Invocations', byAlias)).toEqual(Array(10).fill(600));
  expect(await measured('Invocations', byVersion('1'))).toEqual(Array(5).fill(600));
  expect(await measured('Errors', byVersion('2'))).toEqual(Array(5).fill(300));
  expect(await measured('Errors', byName)).toEqual([...Array(5).fill(0), ...Array(5).fill(300)]);
  // An invocation that was well is an error of 0: the mean is the ratio.
  expect((await measured('Errors', byName, 'Average')).at(-1)).toBe(0.5);
  expect(await measured('Throttles', byName)).toEqual(Array(10).fill(0));
});

test('a weighted alias splits its traffic', async () => {
  const { measured } = world;
  await move({ RoutingConfig: { AdditionalVersionWeights: { 2: 0.1 } } });
  await until(4);
  expect(await measured('Invocations', byVersion('1'))).toEqual([540, 540, 540]);
  expect(await measured('Invocations', byVersion('2'))).toEqual([60, 60, 60]);
  expect(await measured('Errors', byAlias)).toEqual([30, 30, 30]);
});

test('few invocations are whole ones, none of which is lost, and no minute has more errors than invocations', async () => {
  const { aws, measured } = world;
  aws.lambda.place({ name: 'rare', modifiedAt: start, rates: { '': 0.7 }, behaviour: { errors: 0.3 } });
  await until(101);
  const invocations = await measured('Invocations', { FunctionName: 'rare' });
  const errors = await measured('Errors', { FunctionName: 'rare' });
  expect(invocations.reduce((sum, one) => sum + one, 0)).toBe(70);
  expect(errors.reduce((sum, one) => sum + one, 0)).toBe(21);
  expect(errors).toHaveLength(invocations.length);
  expect(errors.every((count, i) => count <= (invocations[i] ?? 0))).toBe(true);
});

test('what it depends on fails, or is slow, for all versions, until that ends', async () => {
  const { aws, measured } = world;
  const outage = aws.faults.inject({ fault: 'function-errs', target: FunctionName, errors: 0.9 });
  await until(2);
  aws.faults.end(outage);
  const slow = aws.faults.inject({ fault: 'slow-function', target: FunctionName, durationMs: 2000 });
  await until(4);
  aws.faults.end(slow);
  aws.faults.inject({ fault: 'invoke-function', target: FunctionName, qualifier: 'live', perMinute: 100 });
  await until(7);
  // Those that are slowest take longer than the timeout of three seconds, and end with an error.
  expect(await measured('Errors', byName)).toEqual([540, 540, 120, 120, 0, 0]);
  expect(await measured('Invocations', byName)).toEqual([600, 600, 600, 600, 100, 100]);
  expect((await measured('Duration', byName, 'Average')).map(Math.round)).toEqual([100, 100, 1900, 1900, 100, 100]);
  expect((await measured('Duration', byName, 'Maximum'))[2]).toBe(3000);
  expect((await measured('Duration', byName, 'p99'))[0]).toBeGreaterThan(200);
});

test('above what it has reserved it is throttled, and above what is left of the account, too', async () => {
  const { aws, lambda, measured } = world;
  await until(2);
  // 600 a minute of 100 ms each are one at a time.
  expect((await measured('ConcurrentExecutions', byName, 'Maximum')).at(-1)).toBe(1);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 4 }));
  aws.faults.inject({ fault: 'invoke-function', target: FunctionName, qualifier: 'live', perMinute: 6000 });
  await until(4);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 20 }));
  await until(6);
  expect(await measured('Throttles', byName)).toEqual([0, 0, 3600, 3600, 0]);
  expect(await measured('Invocations', byName)).toEqual([600, 600, 2400, 2400, 6000]);
  expect(await measured('ConcurrentExecutions', byName, 'Maximum')).toEqual([1, 1, 4, 4, 10]);
  aws.lambda.place({ name: 'greedy', modifiedAt: start, rates: { '': 1_176_000 } });
  await until(8);
  expect((await measured('Throttles', { FunctionName: 'greedy' })).at(-1)).toBe(588_000);
  expect((await measured('Throttles', {})).at(-1)).toBe(588_000);
  expect((await measured('Throttles', byName)).at(-1)).toBe(0);
});

test('an alarm on errors changes its state by what is invoked, and metrics are listed', async () => {
  const { aws, cloudWatch } = world;
  const Dimensions = Object.entries(byAlias).map(([Name, Value]) => ({ Name, Value }));
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: 'errors', Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions, Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 10, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' },
    }),
  );
  const state = async () => (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
  await until(3);
  expect(await state()).toBe('OK');
  await move({ FunctionVersion: '2' });
  await until(6);
  expect(await state()).toBe('ALARM');
  await move({ FunctionVersion: '1' });
  await until(9);
  expect(await state()).toBe('OK');
  const list = async () => {
    const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/Lambda', MetricName: 'Errors' }));
    return Metrics.map(({ Dimensions: of = [] }) => of.map(({ Value }) => Value).join(' '));
  };
  expect(await list()).toEqual(['', 'checkout', 'checkout checkout:live', 'checkout checkout:live 1', 'checkout checkout:live 2']);
  await world.lambda.send(new DeleteFunctionCommand({ FunctionName }));
  // What was measured outlives the function.
  expect(await list()).toHaveLength(5);
  await until(20);
  expect(await world.measured('Invocations', byName)).toHaveLength(9);
  expect(aws.world.outbox).toEqual([]);
});

test('somebody deploys a bad version, and CloudTrail tells who', async () => {
  const { aws, lambda, cloudTrail, measured } = world;
  await until(2);
  aws.faults.inject({ fault: 'bad-deploy', target: FunctionName, alias: 'live', errors: 0.8, by: 'ana' });
  expect(await lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({ FunctionVersion: '3' });
  await until(4);
  expect((await measured('Errors', byVersion('3'))).at(0)).toBe(480);
  // An update is in progress for a while.
  aws.faults.inject({ fault: 'bad-deploy', target: FunctionName, alias: 'live', errors: 1, weight: 0.25, by: 'ben' });
  expect(() => aws.faults.inject({ fault: 'bad-deploy', target: FunctionName, alias: 'live' })).toThrow(RangeError);
  expect(() => aws.faults.inject({ fault: 'bad-deploy', target: FunctionName, alias: 'none' })).toThrow(RangeError);
  expect(() => aws.faults.inject({ fault: 'function-errs', target: 'none' })).toThrow(RangeError);
  await until(25);
  expect((await measured('Errors', byVersion('4'))).at(-1)).toBe(150);
  const { Events = [] } = await cloudTrail.send(
    new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: FunctionName }] }),
  );
  const moves = Events.filter(
    ({ EventName, CloudTrailEvent = '' }) => EventName === 'UpdateAlias20150331' && !CloudTrailEvent.includes('errorCode'),
  );
  expect(moves.map(({ Username }) => Username)).toEqual(['ben', 'ana']);
  expect(Events.some(({ CloudTrailEvent = '' }) => CloudTrailEvent.includes('zipFile'))).toBe(false);
});

test('an invocation by hand ends as the version does, and is counted', async () => {
  const { aws, lambda, measured } = world;
  aws.lambda.place({ name: 'broken', modifiedAt: start, behaviour: { errors: 1 } });
  await until(1);
  expect(await lambda.send(new InvokeCommand({ FunctionName: 'broken' }))).toMatchObject({ FunctionError: 'Unhandled' });
  expect(await aws.lambda.deliver('arn:aws:lambda:us-east-1:123456789012:function:broken', {})).toBe(true);
  await until(3);
  expect(await measured('Errors', { FunctionName: 'broken', Resource: 'broken' })).toEqual([2]);
});

test('a function takes messages of a queue while its mapping is enabled, and fails at some', async () => {
  const { aws, measured } = world;
  aws.lambda.placeMapping({ functionName: FunctionName, target: 'live', source: 'arn:aws:sqs:us-east-1:123456789012:orders' });
  await move({ FunctionVersion: '2' });
  expect(aws.lambda.work('checkout:live', 100)).toBe(50);
  await until(2);
  expect(await measured('Invocations', byAlias)).toEqual([700]);
  aws.faults.inject({ fault: 'disable-mapping', target: FunctionName });
  expect(aws.lambda.work('checkout:live', 100)).toBeUndefined();
  expect(aws.lambda.work('none', 1)).toBeUndefined();
});

test('an event source mapping brings invocations while it is enabled', async () => {
  const { aws, measured } = world;
  const source = 'arn:aws:sqs:us-east-1:123456789012:orders';
  aws.lambda.placeMapping({ functionName: FunctionName, target: 'live', source, perMinute: 60 });
  await until(2);
  aws.faults.inject({ fault: 'disable-mapping', target: FunctionName });
  await until(4);
  expect(await measured('Invocations', byAlias)).toEqual([660, 660, 600]);
});
