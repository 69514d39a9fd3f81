import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { createExecutions, executionsPermissions } from '../../shared/aws/executions.ts';
import { noon } from '../remediation/examples.ts';
import { recordingClients, sdkError } from './recorder.ts';

const hour = 3600 * 1000;
const name = 'selfheal-prod-remediate';
const execution = (version: string, key: string, ended: number | null = noon - hour) => ({
  DurableExecutionArn: `arn:aws:lambda:us-west-2:111122223333:function:${name}:${version}/durable-execution/${key}/x`,
  DurableExecutionName: key,
  Status: 'FAILED',
  StartTimestamp: new Date(noon - 2 * hour),
  ...(ended === null ? {} : { EndTimestamp: new Date(ended) }),
});
const all = [
  execution('$LATEST', 'by-hand'),
  execution('1', 'old'),
  execution('2', 'former'),
  execution('2', 'long-over', noon - 48 * hour),
  execution('3', 'new'),
];

/** What Lambda lists where nobody names a version: either way has been in its reference. */
const readings = {
  'is of all versions': () => true,
  'is of $LATEST alone': (arn: string) => arn.includes('$LATEST'),
};

const setUp = (
  unqualified: (arn: string) => boolean,
  versions: string[][] = [
    ['$LATEST', '1'],
    ['2', '3'],
  ],
  made: Record<string, string> = {},
) => {
  const { calls, config, watch } = recordingClients((permission, input) => {
    if (permission === 'lambda:ListVersionsByFunction') {
      const page = Number(input.Marker ?? 0);
      const Versions = versions[page]?.map((Version) => ({ Version, LastModified: made[Version] }));
      return { output: { Versions, ...(page + 1 < versions.length ? { NextMarker: String(page + 1) } : {}) } };
    }
    const { Qualifier } = input as { Qualifier?: string };
    const found = all.filter(({ DurableExecutionArn: arn }) => (Qualifier ? arn.includes(`:${Qualifier}/`) : unqualified(arn)));
    // One a page.
    const at = Number(input.Marker ?? 0);
    return { output: { DurableExecutions: found.slice(at, at + 1), ...(at + 1 < found.length ? { NextMarker: String(at + 1) } : {}) } };
  });
  const lambda = watch(new LambdaClient(config as LambdaClientConfig));
  const executions = createExecutions(lambda, name);
  const found = async () => {
    const ended = [];
    for await (const one of executions.listFailed(noon, 24 * hour)) ended.push(one);
    return ended;
  };
  return { calls, found, executions };
};

describe('executions that ended badly', () => {
  test.each(Object.entries(readings))(
    'are found on every version, each once, where a list without a version %s',
    async (_, unqualified) => {
      const { found, calls } = setUp(unqualified);
      expect((await found()).map(({ key }) => key).sort()).toEqual(['by-hand', 'former', 'new', 'old']);
      expect(executionsPermissions).toEqual(expect.arrayContaining(calls.map(({ permission }) => permission)));
    },
  );

  test('are told with where they were, and when they began and ended', async () => {
    const { found } = setUp(() => true);
    expect((await found())[0]).toEqual({
      key: 'by-hand',
      status: 'FAILED',
      account: '111122223333',
      region: 'us-west-2',
      startedAt: noon - 2 * hour,
      endedAt: noon - hour,
    });
  });

  test('are asked for as far back as one may have begun that ended within reach', async () => {
    const { found, calls } = setUp(() => true);
    await found();
    const lists = calls.filter(({ permission }) => permission === 'lambda:ListDurableExecutionsByFunction');
    for (const { input } of lists)
      expect(input).toMatchObject({
        FunctionName: name,
        Statuses: ['FAILED', 'TIMED_OUT', 'STOPPED'],
        StartedAfter: new Date(noon - 31 * 24 * hour),
      });
    expect(new Set(lists.map(({ input }) => input.Qualifier))).toEqual(new Set([undefined, '1', '2', '3']));
  });

  test('are not taken for none where Lambda does not say', async () => {
    const { config, watch } = recordingClients((permission) =>
      permission === 'lambda:ListVersionsByFunction' ? sdkError('TooManyRequestsException', 429) : { output: {} },
    );
    const lambda = watch(new LambdaClient({ ...config, maxAttempts: 1 } as LambdaClientConfig));
    const first = createExecutions(lambda, name).listFailed(noon, hour)[Symbol.asyncIterator]().next();
    await expect(first).rejects.toThrow('words');
  });

  const day = 24 * hour;
  const ago = (days: number) => new Date(noon - days * day).toISOString().replace('Z', '+0000');
  const seven = [['$LATEST', '1', '2', '3', '4', '5', '6', '7', '8']];
  /** Versions 1 to 4 were superseded longer ago than anything can run, the fifth a day too late for that. */
  const made = { 1: ago(300), 2: ago(200), 3: ago(120), 4: ago(90), 5: ago(60), 6: ago(30), 7: ago(20), 8: ago(1) };

  test('are not looked for on a version on which nothing can have run for so long', async () => {
    const { found, calls } = setUp(() => true, seven, made);
    await found();
    const asked = calls.filter(({ permission }) => permission === 'lambda:ListDurableExecutionsByFunction');
    expect(new Set(asked.map(({ input }) => input.Qualifier))).toEqual(new Set([undefined, '8', '7', '6', '5']));
  });

  test('leave versions behind that are deleted, the oldest first, never the newest five nor what doesn’t tell its age', async () => {
    const { executions, calls } = setUp(() => true, seven, made);
    expect(await executions.prune(noon, day, 2)).toEqual(['1', '2']);
    expect(calls.filter(({ permission }) => permission === 'lambda:DeleteFunction').map(({ input }) => input)).toEqual([
      { FunctionName: name, Qualifier: '1' },
      { FunctionName: name, Qualifier: '2' },
    ]);
    expect(await setUp(() => true, seven, made).executions.prune(noon, day, 9)).toEqual(['1', '2', '3']);
    expect(await setUp(() => true, seven).executions.prune(noon, day, 9)).toEqual([]);
  });
});
