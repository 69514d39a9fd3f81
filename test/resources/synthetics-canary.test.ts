import { describe, expect, test } from '@jest/globals';
import { createLocalAws, inProcess } from '#local-aws';
import { refusal, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { observe } from '../../shared/resources/observe.ts';
import { GetCanaryCommand, GetCanaryRunsCommand, SyntheticsClient } from '../../shared/resources/synthetics-client.ts';
import type { GetCanaryRunsOutput } from '../../shared/resources/synthetics-schemas.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute } from './observing.ts';

const about = alarmOn('', { type: 'canary', id: 'checkout-canary' }, { kind: 'synthetics', evidence: {} });
const day = 24 * 60 * minute;

describe('a look at a canary', () => {
  test('tells its state, its last run, and that somebody changed it', async () => {
    const world = await createObserved();
    world.aws.synthetics.place({
      name: 'checkout-canary',
      createdAt: noon - 9 * day,
      modifiedAt: noon - 8 * minute,
      state: { name: 'ERROR', reason: 'The execution role is invalid' },
      runs: [
        { at: noon - 20 * minute, state: 'PASSED' },
        { at: noon - 10 * minute, state: 'FAILED', reason: 'no such host' },
      ],
    });
    const seen = await world.look(about);
    expect(seen.line).toBe(
      'canary checkout-canary: ERROR; settings changed at 11:52 UTC, 8 min 00 s ago; The execution role is invalid; last run FAILED at 11:50 UTC: no such host; syn-nodejs-puppeteer-10.0',
    );
    expect(seen.change?.at).toBe(noon - 8 * minute);
    await world.close();
  });

  test.each([
    ['us-east-1', 'synthetics.us-east-1.amazonaws.com'],
    ['cn-north-1', 'synthetics.cn-north-1.amazonaws.com.cn'],
  ])('is asked of Synthetics itself, and signed for it: in %s', async (region, host) => {
    const sent: { hostname: string; path: string; authorization: string }[] = [];
    const world = await createObserved();
    await world.place(about);
    const { handle } = inProcess(world.aws.handle);
    const requestHandler = {
      ...inProcess(world.aws.handle),
      handle: async (request: Parameters<typeof handle>[0] & { hostname: string }) => {
        sent.push({ hostname: request.hostname, path: request.path, authorization: request.headers.authorization ?? '' });
        return handle(request);
      },
    };
    const clients = createClients({ region, credentials: { accessKeyId: 'k', secretAccessKey: 's' }, requestHandler });
    expect((await observe(clients, about, noon)).result).toBe('found');
    expect(sent.map(({ path }) => path).sort()).toEqual(['/canary/checkout-canary', '/canary/checkout-canary/runs']);
    for (const { hostname, authorization } of sent) {
      expect(hostname).toBe(host);
      expect(authorization).toContain(`/${region}/synthetics/aws4_request`);
    }
    await world.close();
  });
});

describe('the client of Synthetics, against the embedded AWS', () => {
  const create = () => {
    const aws = createLocalAws(worldOptions);
    const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' };
    const client = new SyntheticsClient({
      region: worldOptions.region,
      credentials,
      maxAttempts: 1,
      requestHandler: inProcess(aws.handle),
    } as never);
    return { aws, client };
  };
  const { start } = worldOptions;

  test('pages through the runs of a canary, the newest first', async () => {
    const { aws, client } = create();
    const runs = [0, 1, 2].map((i) => ({ at: start + i * minute, state: 'PASSED' as const }));
    aws.synthetics.place({ name: 'home', createdAt: start, runs });
    const page = async (NextToken?: string) =>
      (await client.send(
        new GetCanaryRunsCommand({ Name: 'home', MaxResults: 2, ...(NextToken ? { NextToken } : {}) }),
      )) as GetCanaryRunsOutput;
    const first = await page();
    expect(first.CanaryRuns?.map(({ Timeline }) => Timeline?.Started)).toEqual([new Date(start + 2 * minute), new Date(start + minute)]);
    const second = await page(first.NextToken);
    expect([second.CanaryRuns?.length, second.NextToken]).toEqual([1, undefined]);
    await aws.close();
  });

  test('is refused a canary that is not there, and a name that is none', async () => {
    const { aws, client } = create();
    const none = await refusal(client.send(new GetCanaryCommand({ Name: 'none' })));
    expect(none).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
    expect(await refusal(client.send(new GetCanaryCommand({ Name: 'A B' })))).toMatchObject({ code: 'ValidationException' });
    await aws.close();
  });
});
