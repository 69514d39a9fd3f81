import { describe, expect, test } from '@jest/globals';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { massFailure, mostFailing } from '../../shared/guards/mass-failure.ts';
import type { CorrelatedFailures, Failing } from '../../shared/ports/failure-correlation.ts';
import { sdkError } from '../aws/recorder.ts';
import { group, groupFacts, groupName, incident, instanceId, memberFacts, memberOf, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const idOf = (i: number) => `i-${String(i).padStart(17, '0')}`;
const many = (count: number, of: Partial<Failing> = {}): Failing[] =>
  Array.from({ length: count }, (_, i) => ({ id: idOf(i), zone: null, group: null, ...of }));
const elsewhere = (count: number) => many(count, { zone: 'us-east-1b', group: 'api' });

type Told = { matter: string; incident: string; now: number; quiet: number };
const asking = (correlatedFailures: Partial<CorrelatedFailures>, change: Partial<GuardInput> = {}, electReporter = true) => {
  const told: Told[] = [];
  const ledger: GuardInput['ledger'] = {
    electReporter: async (matter, by, now, quiet) => {
      told.push({ matter, incident: by, now, quiet });
      return electReporter;
    },
    recent: async () => [],
  };
  const input = guardInput({
    correlatedFailures: async () => ({ failing: [], full: false, impaired: [], ...correlatedFailures }),
    ledger,
    ...change,
  });
  return { told, answer: () => massFailure.check(input) };
};
const limits = { account: 6, zone: 4 };
const policy = effective({ massFailure: limits });

/** A member of a group of that size, of which so many fail. */
const groupOf = (size: number, failing: number) => ({
  correlatedFailures: { failing: many(failing, { group: groupName }) },
  change: {
    action: replaceMember,
    facts: memberFacts({ group: group({ desired: size, members: Array.from({ length: size }, (_, i) => memberOf(idOf(i))) }) }),
  },
});

describe('mass-failure', () => {
  test.each<[string, Failing[]]>([
    ['nothing else fails', []],
    ['fewer fail than the account bears', elsewhere(5)],
    ['fewer fail than the zone bears, and some elsewhere', [...many(3, { zone: 'us-east-1a' }), ...elsewhere(1)]],
  ])('passes where %s', async (_, failing) => {
    const { answer, told } = asking({ failing }, { policy });
    expect(await answer()).toEqual({ answer: 'pass' });
    expect(told).toEqual([]);
  });

  test('holds where as many fail as the account bears, and names them', async () => {
    const { answer, told } = asking({ failing: elsewhere(6) }, { policy });
    const what = 'mass failure in account 123456789012/us-east-1';
    expect(await answer()).toEqual({
      answer: 'hold',
      reason: `${what}: 6 resources fail within 5 min 00 s (${[0, 1, 2, 3, 4, 5].map(idOf).join(', ')}), so selfheal treats no single one`,
      shared: [0, 1, 2, 3, 4, 5].map(idOf),
    });
    expect(told).toEqual([{ matter: what, incident: incident().key, now: noon, quiet: 600_000 }]);
  });

  test('holds where as many fail as the zone bears', async () => {
    const { answer } = asking({ failing: many(4, { zone: 'us-east-1a' }) }, { policy });
    expect(await answer()).toMatchObject({
      answer: 'hold',
      reason: expect.stringContaining('in zone 123456789012/us-east-1/us-east-1a: 4'),
    });
  });

  test('speaks of the account where the zone is full as well, so that it is told once', async () => {
    const { answer } = asking({ failing: many(6, { zone: 'us-east-1a' }) }, { policy });
    expect(await answer()).toMatchObject({ reason: expect.stringContaining('in account') });
  });

  test.each([
    [1, 1, 'pass'],
    [2, 2, 'pass'],
    [3, 2, 'pass'],
    [3, 3, 'hold'],
    [4, 3, 'hold'],
    [6, 3, 'pass'],
    [6, 4, 'hold'],
    [20, 9, 'pass'],
  ])('of a group of %i, of which %i fail: %s', async (size, failing, expected) => {
    const { correlatedFailures, change } = groupOf(size, failing);
    const roomy = effective({ massFailure: { account: 100, zone: 100 } });
    expect((await asking(correlatedFailures, { ...change, policy: roomy }).answer()).answer).toBe(expected);
  });

  test.each([
    [10, 0.01, undefined, 10],
    [10, 0.01, 0, 10],
    [10, 0.01, 1099, 10],
    [10, 0.01, 1100, 11],
    [10, 0.01, 1199, 11],
    [10, 0, 50_000, 10],
    [2, 0.5, 5, 2],
    [2, 0.5, 6, 3],
    [10, 0.01, 50_000, 500],
  ])('of at least %i, or %f of %p that have opted in, are too many from %i on', (least, share, optedIn, most) => {
    expect(mostFailing(least, share, optedIn)).toBe(most);
  });

  test.each([
    ['the account bears more', many(10), { all: 110, zones: {} }, 'pass'],
    ['the account bears just as many', many(11), { all: 110, zones: {} }, 'hold'],
    ['the account bears one more', many(11), { all: 120, zones: {} }, 'pass'],
    ['the zone bears more', many(4, { zone: 'us-east-1a' }), { all: 100, zones: { 'us-east-1a': 50 } }, 'pass'],
    ['the zone bears just as many', many(5, { zone: 'us-east-1a' }), { all: 100, zones: { 'us-east-1a': 50 } }, 'hold'],
    ['another zone bears more', many(4, { zone: 'us-east-1a' }), { all: 100, zones: { 'us-east-1b': 50 } }, 'hold'],
    ['no zone is counted', many(4, { zone: 'us-east-1a' }), { all: 100, zones: {} }, 'hold'],
    ['nothing is counted', elsewhere(6), undefined, 'hold'],
  ] as const)('grows with what has opted in: where %s', async (_, failing, optedIn, expected) => {
    const grown = effective({ massFailure: { ...limits, share: 0.1 } });
    const { answer } = asking({ failing: [...failing], ...(optedIn ? { optedIn } : {}) }, { policy: grown });
    expect((await answer()).answer).toBe(expected);
  });

  test('does not grow where more fail than are counted', async () => {
    const { answer } = asking({ failing: elsewhere(5), full: true, optedIn: { all: 100_000, zones: {} } }, { policy });
    expect((await answer()).answer).toBe('hold');
  });

  test('is told by one incident, and the others are quiet', async () => {
    const { answer } = asking({ failing: elsewhere(6) }, { policy }, false);
    expect(await answer()).toMatchObject({ answer: 'hold', quiet: true });
  });

  test('names the first twenty of many, and says how many more there are', async () => {
    const { answer } = asking({ failing: elsewhere(30) }, { policy });
    const { reason } = (await answer()) as { reason: string };
    expect(reason).toContain('30 resources');
    expect(reason).toContain(`${idOf(19)} and 10 more)`);
    expect(reason).not.toContain(idOf(20));
  });

  test('holds where more fail than are counted, whatever the policy bears', async () => {
    const { answer } = asking({ failing: elsewhere(5), full: true }, { policy });
    expect(await answer()).toMatchObject({ answer: 'hold', reason: expect.stringContaining('more than 5 resources') });
  });

  test('has nothing to say about a group as a whole', async () => {
    const input = guardInput({ action: scaleOut, target: { type: 'group', id: groupName }, facts: groupFacts() });
    expect(await massFailure.check(input)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['throttled', sdkError('ProvisionedThroughputExceededException', 400), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('is a hold where what it asks is %s', async (_, error, passing) => {
    const blind = guardInput({ correlatedFailures: () => Promise.reject(error) });
    const mute = guardInput({
      policy,
      correlatedFailures: async () => ({ failing: elsewhere(6), full: false, impaired: [] }),
      ledger: { electReporter: () => Promise.reject(error), recent: async () => [] },
    });
    for (const input of [blind, mute]) expect(await evaluateGuards([massFailure], input)).toMatchObject({ answer: 'hold', passing });
  });

  test('sees the resource itself among those that fail', async () => {
    const { answer } = asking({ failing: [...elsewhere(5), { id: instanceId, zone: null, group: null }] }, { policy });
    expect(await answer()).toMatchObject({ answer: 'hold', reason: expect.stringContaining(instanceId) });
  });
});
