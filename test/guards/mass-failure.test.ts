import { describe, expect, test } from '@jest/globals';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { massFailure, maxFailing } from '../../shared/guards/mass-failure.ts';
import type { MassRole } from '../../shared/ports/common-masses.ts';
import type { CorrelatedFailures, Failing } from '../../shared/ports/failure-correlation.ts';
import { sdkError } from '../aws/recorder.ts';
import {
  facts,
  group,
  groupFacts,
  groupName,
  incident,
  instance,
  instanceId,
  memberFacts,
  memberOf,
  noon,
} from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const idOf = (i: number) => `i-${String(i).padStart(17, '0')}`;
const many = (count: number, of: Partial<Failing> = {}): Failing[] =>
  Array.from({ length: count }, (_, i) => ({ id: idOf(i), zone: null, group: null, ...of }));
const elsewhere = (count: number) => many(count, { zone: 'us-east-1b', group: 'api' });

type Told = { matter: string; incident: string; now: number; quiet: number };
const asking = (
  correlatedFailures: Partial<CorrelatedFailures>,
  change: Partial<GuardInput> = {},
  electReporter = true,
  roles: Partial<Record<string, MassRole>> = {},
) => {
  const told: Told[] = [];
  const joined: object[] = [];
  const ledger: GuardInput['ledger'] = {
    electReporter: async (matter, by, now, quiet) => {
      told.push({ matter, incident: by, now, quiet });
      return electReporter;
    },
    joinMass: async (common, by, own, now, { windowMs, quietMs }) => {
      joined.push({ common: `${common.of} ${common.id}`, incident: by, own, now, windowMs, quietMs });
      return roles[common.of] ?? { role: 'first' };
    },
    recent: async () => [],
  };
  const input = guardInput({
    correlatedFailures: async () => ({ failing: [], full: false, impaired: [], ...correlatedFailures }),
    ledger,
    ...change,
  });
  return { told, joined, answer: () => massFailure.check(input) };
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
    const { answer, told } = asking({ failing: elsewhere(6).toReversed() }, { policy });
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
    expect(maxFailing(least, share, optedIn)).toBe(most);
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

  const member = { account: '444455556666', region: 'us-east-1', count: 12, more: false, zone: null };
  const here = { account: '123456789012', region: 'us-east-1', count: 6, more: false, zone: null };

  test('is told by itself where no other account has one, and the region and the account’s other regions hear of it', async () => {
    const { answer, joined } = asking({ failing: elsewhere(6) }, { policy });
    expect(await answer()).toMatchObject({ answer: 'hold', reason: expect.stringContaining('in account'), shared: expect.anything() });
    const asked = { incident: incident().key, own: here, now: noon, windowMs: 300_000, quietMs: 600_000 };
    expect(joined).toEqual([
      { common: 'region us-east-1', ...asked },
      { common: 'account 123456789012', ...asked },
    ]);
  });

  test.each([
    ['region', 'region us-east-1: 2 accounts', '123456789012: 6, 444455556666: 12', [here, member]],
    [
      'account',
      'account 123456789012: 2 regions',
      'eu-west-1: more than 200, us-east-1: 6',
      [here, { ...here, region: 'eu-west-1', count: 200, more: true }],
    ],
  ] as const)('is told for all that it is common to, by the %s', async (of, what, named, places) => {
    const { answer } = asking({ failing: elsewhere(6) }, { policy }, true, { [of]: { role: 'teller', places } });
    expect(await answer()).toEqual({
      answer: 'hold',
      reason: `mass failure in ${what} fail within 10 min 00 s (resources of ${named}), so selfheal treats no single one`,
      shared: [0, 1, 2, 3, 4, 5].map(idOf),
    });
  });

  test('is quiet where another incident tells of all, and asks no more', async () => {
    const { answer, joined } = asking({ failing: elsewhere(6) }, { policy }, true, { region: { role: 'quiet', places: [here, member] } });
    expect(await answer()).toMatchObject({ answer: 'hold', quiet: true, reason: expect.stringContaining('2 accounts fail') });
    expect(joined).toHaveLength(1);
  });

  test.each([
    [
      'of a zone by its id, the same in all accounts',
      'use1-az1',
      [expect.objectContaining({ common: 'zone use1-az1', own: expect.objectContaining({ zone: 'us-east-1a' }) })],
    ],
    ['of a zone whose id is not known by none', null, []],
  ])('%s is what it is common to', async (_, zoneId, commons) => {
    const seen = facts({ instance: instance({ availabilityZone: 'us-east-1a', zoneId }) });
    const { answer, joined } = asking({ failing: many(4, { zone: 'us-east-1a' }) }, { policy, facts: seen });
    expect(await answer()).toMatchObject({ reason: expect.stringContaining('in zone 123456789012/us-east-1/us-east-1a') });
    expect(joined).toEqual(commons);
  });

  test('of a group is nobody else’s', async () => {
    const { correlatedFailures, change } = groupOf(4, 3);
    const { answer, joined } = asking(correlatedFailures, change);
    expect(await answer()).toMatchObject({ answer: 'hold' });
    expect(joined).toEqual([]);
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
      ledger: { electReporter: () => Promise.reject(error), joinMass: async () => ({ role: 'first' }), recent: async () => [] },
    });
    const lonely = guardInput({
      policy,
      correlatedFailures: async () => ({ failing: elsewhere(6), full: false, impaired: [] }),
      ledger: { electReporter: async () => true, joinMass: () => Promise.reject(error), recent: async () => [] },
    });
    for (const input of [blind, mute, lonely])
      expect(await evaluateGuards([massFailure], input)).toMatchObject({ answer: 'hold', passing });
  });

  test('sees the resource itself among those that fail', async () => {
    const { answer } = asking({ failing: [...elsewhere(5), { id: instanceId, zone: null, group: null }] }, { policy });
    expect(await answer()).toMatchObject({ answer: 'hold', reason: expect.stringContaining(instanceId) });
  });
});
