import { describe, expect, test } from '@jest/globals';
import { drive, type Moment, type Scene } from './drive.ts';
import { alarm } from './examples.ts';

const url = 'https://shop.example.com/health';
const answers = (good: (moment: Moment) => boolean) => {
  const asked: number[] = [];
  const probe: Scene['probe'] = (moment) => {
    asked.push(moment.seconds);
    return good(moment) ? { good: true, seen: '200' } : { good: false, seen: '503' };
  };
  return { asked, probe };
};
/** Healed by one reboot, as far as its alarm says; the URL must answer twice in about a minute. */
const healed = (probe: Scene['probe'], change: Record<string, unknown> = {}) =>
  drive({
    look: ({ acted }) => ({ alarm: alarm({ state: acted === 0 ? 'ALARM' : 'OK' }) }),
    policy: { checks: [{ when: { failure: 'instance-unreachable' }, url, within: '65s', times: 2, ...change }] },
    ...(probe ? { probe } : {}),
  });
const since = ([first = 0, ...rest]: number[]) => rest.map((at) => at - first);

describe('what is healthy by its own checks', () => {
  test('is healed once its URL answers so many times in a row, ten seconds apart', async () => {
    const { asked, probe } = answers(() => true);
    const { outcome } = await healed(probe);
    expect(outcome).toMatchObject({ status: 'healed', verified: true, reason: `alarm web-status is OK; ${url} answers` });
    expect(since(asked)).toEqual([10]);
  });

  test('is counted anew where its URL fails between, and given the time to prove itself', async () => {
    let nth = 0;
    const { asked, probe } = answers(() => ++nth === 1 || nth >= 8);
    expect((await healed(probe)).outcome.status).toBe('healed');
    expect(since(asked)).toEqual([10, 20, 30, 40, 50, 60, 65, 75]);
  });

  test("is a person's where its URL has not answered well in time, and not asked for longer", async () => {
    const { asked, probe } = answers(() => false);
    const { outcome } = await healed(probe);
    expect(outcome).toMatchObject({
      status: 'escalated',
      verified: false,
      reason: `alarm web-status is OK; but ${url} did not answer well within 1 min 05 s: 503`,
    });
    expect(since(asked)).toEqual([10, 20, 30, 40, 50, 60, 65]);
  });

  test("is a person's where nothing is deployed that requests its URL", async () => {
    const { outcome } = await healed(undefined);
    expect(outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('no function is deployed that requests it') });
  });

  test('is healed without it where the policy names no URL for its failure', async () => {
    const { asked, probe } = answers(() => false);
    expect((await healed(probe, { when: { failure: 'disk-full' } })).outcome.status).toBe('healed');
    expect(asked).toEqual([]);
  });
});
