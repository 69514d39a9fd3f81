import { describe, expect, test } from '@jest/globals';
import { inProcess } from '#local-aws';
import { createClients } from '../../shared/aws/clients.ts';
import { observe } from '../../shared/resources/observe.ts';
import { noon } from '../incident/examples.ts';
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
