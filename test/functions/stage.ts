import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, jest, test } from '@jest/globals';
import type * as z from 'zod';
import type { Invocation } from '#local-aws';
import { createLocalAws, inProcess, serve } from '#local-aws';
import { functionNames, variablesOf } from '../../bench/bundles.ts';
import { createDurableEngine, type DurableEngine } from '../../local/testbed/engine/durable.ts';
import { nothingCollected, watchFarEnds } from '../../local/testbed/far-ends.ts';
import { createFleet } from '../../local/testbed/fleet.ts';
import { approvalSecret, createSurroundings, functions, killSwitchName } from '../../local/testbed/surroundings.ts';
import { createClients } from '../../shared/aws/clients.ts';
import type { Environment } from '../../shared/compose/environment.ts';
import { policySchema } from '../../shared/model/policy.ts';

export const account = '111122223333';
export const region = 'us-east-1';
export const start = Date.parse('2026-03-02T09:00:00Z');
export const minute = 60_000;
export const routeTopic = `arn:aws:sns:${region}:${account}:selfheal-local-route-pager`;

type Variables = Readonly<Record<string, string>>;
type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** `unthrottled`: for what makes more calls at one moment than AWS takes; no fault comes to it then, either. */
type StageOptions = { unthrottled?: boolean };

let loads = 0;

/**
 * A function's own file as Lambda loads it, with nothing but its environment, and an embedded AWS that it reaches over HTTP: what the
 * world holds stands as the deployment makes it, and time is the world's.
 */
const createStage = async ({ unthrottled = false }: StageOptions = {}) => {
  const invocations: Invocation[] = [];
  const answers: { id: string; answer: object }[] = [];
  let engine: DurableEngine | undefined;
  const aws = createLocalAws({
    ...{ seed: 7, start, account, region, exempt: unthrottled ? ['operator', 'selfheal'] : ['operator'] },
    withoutGrants: ['selfheal'],
    onInvoke: (invocation) => {
      invocations.push(invocation);
      return {};
    },
    onCallback: (id, answer) => {
      answers.push({ id, answer });
      return true;
    },
    executions: () => engine?.executions.values() ?? [],
  });
  const { clock } = aws.world;
  const served = await serve(aws, { speed: 0 });
  const config = {
    ...{ region, endpoint: 'http://local', requestHandler: inProcess(aws.handle) },
    credentials: { accessKeyId: 'operator', secretAccessKey: 'local' },
  } as object;
  const operator = createClients(config);
  const policy = policySchema.parse({ routes: [{ when: { severity: 'critical' }, topicArn: routeTopic }] });
  const surroundings = await createSurroundings(aws, operator, policy);
  const { table, topics } = surroundings;
  /** By the server's own clock: whatever it is about to deliver has been delivered then. */
  const advanceTo = async (at: number): Promise<void> => {
    const advanceSeconds = Math.max(0, at - clock.now()) / 1000;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${served.url}/_selfheal/clock`, { method: 'POST', headers, body: JSON.stringify({ advanceSeconds }) });
    expect(answer.status).toBe(200);
  };
  const collected = nothingCollected(surroundings.routes);
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const fetchCollected = await watchFarEnds(sqs, operator, surroundings, collected, () => {});
  const collect = async () => {
    await advanceTo(clock.now());
    await fetchCollected();
  };

  const before = { ...process.env };
  const lines: string[] = [];
  const spies = [
    jest.spyOn(Date, 'now').mockImplementation(() => clock.now()),
    ...(['log', 'info', 'warn', 'error'] as const).map((method) =>
      jest.spyOn(console, method).mockImplementation((line) => void lines.push(String(line))),
    ),
  ];

  /** What every function needs, named as nothing would be by default. */
  const usual: Variables = {
    LEDGER_TABLE: table,
    REMEDIATE_FUNCTION: functions.remediate,
    OUTCOME_TOPIC_ARN: topics.outcomes,
    ALARM_TOPIC_ARN: topics.alarms,
    APPROVAL_TOPIC_ARN: topics.approvals,
    APPROVAL_PAGE: 'https://people.example.com/',
    APPROVAL_SECRET: approvalSecret,
    KILL_SWITCH_PARAMETER: killSwitchName,
  };

  const load = async (
    name: string,
    variables: Variables = {},
    exported = 'handler',
    file = `../../functions/${name}.ts`,
  ): Promise<Handler> => {
    const machine = Object.fromEntries(Object.entries(before).filter(([key]) => !/^(AWS|SELFHEAL|LAMBDA)_/.test(key)));
    process.env = {
      ...machine,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'selfheal',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: served.url,
      // Lines go to this process's console, on which a test can look.
      POWERTOOLS_DEV: 'true',
      ...usual,
      ...variables,
    };
    loads++;
    return ((await import(`${file}?${loads}`)) as Record<string, Handler>)[exported] as Handler;
  };

  return {
    aws,
    operator,
    table,
    topics,
    ...collected,
    invocations,
    answers,
    turnSwitch: surroundings.turnSwitch,
    fleet: createFleet({ operator, aws, alarmTopicArn: topics.alarms }),
    /** Loads a function's file anew, with these variables in its environment besides the usual ones; an empty one is none. Or another file in its place. */
    load,
    /** What a function is told of an invocation. */
    context: {
      awsRequestId: '2f1c5c7e-6f2b-4f0e-9a56-0d6f3b1c7a11',
      functionName: 'selfheal',
      invokedFunctionArn: aws.world.arn('lambda', 'function:selfheal'),
      getRemainingTimeInMillis: () => 30_000,
    },
    /** The lines that stand in the log as JSON: what the functions said, and what CloudWatch counts. */
    logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    calls: (operation: string) => aws.world.calls.filter((call) => call.accessKey === 'selfheal' && call.operation === operation),
    advanceTo,
    /** Fetches what has come out by now. */
    collect,
    /** Runs a durable execution to its end, or until `stop` says so. */
    execute: async (handler: Handler, name: string, payload: string, stop = () => false): Promise<void> => {
      const durable = createDurableEngine({ clock, random: aws.world.random, account, region, handler: () => handler as never });
      engine = durable;
      durable.start(functions.remediate, name, payload);
      for (let next = durable.next(); next !== undefined && !stop(); next = durable.next()) {
        await advanceTo(next);
        await durable.run();
        await collect();
      }
    },
    close: async () => {
      for (const spy of spies) spy.mockRestore();
      process.env = before;
      await served.close();
    },
  };
};
export type Stage = Awaited<ReturnType<typeof createStage>>;

/** One stage for each test of a file, taken down after it. */
export const withStage =
  (run: (stage: Stage) => Promise<void>, options?: StageOptions): (() => Promise<void>) =>
  async () => {
    const stage = await createStage(options);
    try {
      await run(stage);
    } finally {
      await stage.close();
    }
  };

/** A test for every variable that a function reads; none can be forgotten, nor one that the template gives it. */
export const testVariables = <Shape extends z.ZodRawShape>(
  functionName: string,
  shape: Shape,
  tests: Readonly<Record<keyof Environment<Shape> & string, (stage: Stage) => Promise<void>>>,
  options?: StageOptions,
): void => {
  test('reads every variable that the template gives it', () => {
    expect(functionNames()).toContain(functionName);
    // The policy is in its package; the variable is for those that run from the sources.
    const given = [...variablesOf(functionName), ...('SELFHEAL_POLICY' in shape ? ['SELFHEAL_POLICY'] : [])];
    expect(given.sort()).toEqual(Object.keys(shape).sort());
  });

  test.each(Object.entries<(stage: Stage) => Promise<void>>(tests))('goes by %s', (_, run) => withStage(run, options)());
};

export const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** What Lambda tells of an execution that somebody has stopped. */
export const stopped = (durableExecutionName: string) => ({
  source: 'aws.lambda',
  'detail-type': 'Durable Execution Status Change',
  account,
  region,
  detail: { durableExecutionName, status: 'STOPPED', startTimestamp: new Date(start).toISOString() },
});
