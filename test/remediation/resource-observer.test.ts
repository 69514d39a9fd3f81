import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import type { Clients } from '../../shared/aws/clients.ts';
import { alarmIsOk, alarmSaysOk } from '../../shared/health/alarm.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from '../../shared/health/health.ts';
import type { AlarmFacts, GroupFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { createResourceObserver, type ObserverDeps, paceOf } from '../../shared/remediation/resource-observer.ts';
import type { Depth } from '../../shared/resources/observe-resource.ts';
import { simpleEngine } from './engine.ts';
import { facts, group, incident, instanceId, memberFacts, memberOf, policy } from './examples.ts';

const denied = Object.assign(new Error('not allowed'), { name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } });

const throttled = Object.assign(new Error('slow down'), {
  name: 'Throttling',
  call: 'cloudwatch:DescribeAlarms',
  $metadata: { httpStatusCode: 400 },
});

/** Sees one state after the other, the last of them for ever; `x` is a look that fails, and `t` one that is throttled. */
const seeing = async (states: string, more: Partial<ObserverDeps> = {}) => {
  const engine = simpleEngine();
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  // Something always comes before the first look, if only the incident's record: from then on it is known what time it is.
  await journal.persist('open', async () => null);
  const depths: (Depth | undefined)[] = [];
  const renewals: number[] = [];
  let looks = 0;
  const observer = createResourceObserver(() => incident(), {
    journal,
    clients: {} as Clients,
    policy: policy({ verify: { apart: 60 }, lease: { patience: 0 } }),
    renewLeases: async () => void renewals.push(looks),
    observeResource: async (_clients, _incident, at, _before, depth) => {
      depths.push(depth);
      const state = states[Math.min(looks++, states.length - 1)];
      if (state === 'x') throw denied;
      if (state === 't') throw throttled;
      // The alarm's name carries what this look sees.
      return facts({ at, full: depth === 'full', alarm: { ...(facts().alarm as AlarmFacts), name: state as string } });
    },
    ...more,
  });
  const check: HealthCheck = {
    id: 'letter',
    check: ({ facts: { alarm } }) =>
      alarm?.name === 'h' ? healthy('it is well') : alarm?.name === 'u' ? unknown('who knows') : unhealthy('it is ill'),
  };
  return { observer, ways: [[check]], journal, depths, renewals, ...engine, looked: () => looks };
};

describe('verification', () => {
  test('takes two healthy looks in a row, some time apart', async () => {
    const { observer, ways, looked, waits } = await seeing('h');
    expect(await observer.verify(ways, 600)).toEqual({ state: 'healthy', because: 'it is well' });
    expect(looked()).toBe(2);
    expect(waits()).toEqual([60]);
  });

  test('begins anew after a look that is not healthy', async () => {
    const { observer, ways, looked } = await seeing('hihh');
    expect((await observer.verify(ways, 600))?.state).toBe('healthy');
    expect(looked()).toBe(4);
  });

  test('gives up when its time is over, and says what it saw last', async () => {
    const { observer, ways, waits } = await seeing('i');
    expect(await observer.verify(ways, 300)).toEqual({ state: 'unhealthy', because: 'it is ill' });
    const waited = waits().reduce((sum, seconds) => sum + seconds, 0);
    expect(waited).toBeGreaterThanOrEqual(300);
    expect(waited).toBeLessThan(300 + 120);
    // The first pause is half as long as later ones.
    expect(waits().slice(0, 2)).toEqual([45, 90]);
  });

  test('never takes unknown for healthy', async () => {
    const { observer, ways } = await seeing('u');
    expect((await observer.verify(ways, 120))?.state).toBe('unknown');
  });

  test('finishes what it saw begin to be healthy, even when its time is over', async () => {
    const { observer, ways, looked } = await seeing('h');
    expect((await observer.verify(ways, 0))?.state).toBe('healthy');
    expect(looked()).toBe(2);
  });

  test('is content with either way to be healthy', async () => {
    const { observer, ways } = await seeing('h');
    const never: HealthCheck = { id: 'never', check: () => unhealthy('never well') };
    expect((await observer.verify([[never], ...ways], 0))?.state).toBe('healthy');
  });

  test.each([
    ['what an alarm alone shows, in the next of its periods', 300, 1200, alarmSaysOk, 330],
    ['the same, before its lease is over', 300, 600, alarmSaysOk, 200],
    ['the same, where its periods are short', 60, 1200, alarmSaysOk, 30],
    ['what other checks show, too', 300, 1200, alarmIsOk, 30],
  ])('looks a second time at %s', async (_, periodSeconds, lease, check, seconds) => {
    const rings = { ...(facts().alarm as AlarmFacts), state: 'OK' as const, periodSeconds };
    const { observer, waits } = await seeing('h', {
      policy: policy({ verify: { apart: 30 }, lease: { seconds: lease } }),
      observeResource: async (_clients, _incident, at) => facts({ at, alarm: rings }),
    });
    expect((await observer.verify([[check]], 600))?.state).toBe('healthy');
    expect(waits()).toEqual([seconds]);
  });

  test('says nothing twice', async () => {
    const { observer, ways, journal } = await seeing('iiihh');
    await observer.verify(ways, 600);
    expect(journal.timeline.map(({ text }) => text)).toEqual([
      'not yet: it is ill',
      'it is well (look 1 of 2)',
      'it is well (look 2 of 2)',
    ]);
  });

  test('ends where nobody can look, and says why', async () => {
    const { observer, ways } = await seeing('ix');
    expect(await observer.verify(ways, 600)).toBeNull();
    expect(observer.observationError()).toBe('could not look: UnauthorizedOperation: not allowed');
  });
});

describe('a look that AWS refuses because of its limits', () => {
  /** Others wait for so many seconds, in turn. */
  const queueOf = (...seconds: (number | null)[]) => {
    const asked: [string, number][] = [];
    const takeTurn = async ({ region }: { region: string }, call: string, now: number) => {
      const wait = seconds[Math.min(asked.push([`${call} in ${region}`, now]), seconds.length) - 1] ?? null;
      return wait === null ? null : now + wait * 1000;
    };
    return { asked, turns: { takeTurn } };
  };
  const call = 'cloudwatch:DescribeAlarms in us-east-1';

  test('waits for its turn, and so do those that follow, for as long as others wait', async () => {
    const { asked, turns } = queueOf(500, 400, 300, 0);
    const { observer, ways, waits } = await seeing('tiiihh', { turns });
    expect((await observer.verify(ways, 3600))?.state).toBe('healthy');
    expect(waits()).toEqual([500, 400, 300, 90, 60]);
    expect(asked.map(([name]) => name)).toEqual([call, call, call, call]);
  });

  test('is repeated as backoff says where nobody waits, or nothing tells of that', async () => {
    const wait = async (turns: ObserverDeps['turns']) => {
      const { observer, ways, waits } = await seeing('thh', turns ? { turns } : {});
      expect((await observer.verify(ways, 600))?.state).toBe('healthy');
      return waits()[0];
    };
    const asUsual = await wait(undefined);
    expect(await wait(queueOf(0).turns)).toBe(asUsual);
    expect(await wait(queueOf(null).turns)).toBe(asUsual);
    expect(await wait({ takeTurn: async () => Promise.reject(denied) })).toBe(asUsual);
  });

  test('asks for its turn again where there was none for so many', async () => {
    const { asked, turns } = queueOf(500, null, null, 0);
    const { observer, ways, waits } = await seeing('tiiihh', { turns });
    expect((await observer.verify(ways, 3600))?.state).toBe('healthy');
    expect(waits()).toEqual([500, 45, 90, 90, 60]);
    expect(asked.length).toBe(4);
  });

  test('takes no turn of a ledger that is itself throttled', async () => {
    const { asked, turns } = queueOf(500);
    let looks = 0;
    const { observer, ways } = await seeing('h', {
      turns,
      observeResource: async (_clients, _incident, at) => {
        if (looks++ === 0)
          throw Object.assign(new Error('slow down'), { ...throttled, name: 'ThrottlingException', call: 'dynamodb:GetItem' });
        return facts({ at, alarm: { ...(facts().alarm as AlarmFacts), name: 'h' } });
      },
    });
    expect((await observer.verify(ways, 600))?.state).toBe('healthy');
    expect([looks, asked]).toEqual([3, []]);
  });

  test('doesn’t wait for others where something is being treated, or where it was refused for another reason', async () => {
    const { asked, turns } = queueOf(500);
    const treating = await seeing('tihh', { turns, renewedBy: () => 1e12 });
    expect((await treating.observer.verify(treating.ways, 600))?.state).toBe('healthy');
    const refused = await seeing('x', { turns });
    expect(await refused.observer.verify(refused.ways, 600)).toBeNull();
    expect(asked).toEqual([]);
  });
});

test('what comes of an action is looked at as is usual, after a boot steadily, and promptly where it takes seconds', () => {
  const { takes: _, ...rest } = rebootInstance;
  const first = (action: Action) => paceOf(action)?.initial;
  expect([first(rebootInstance), first({ ...rest, effects: ['changesSoftware'] }), first(rest)]).toEqual([120, 30, undefined]);
  const pace = { initial: 4, cap: 30, attempts: 9 };
  expect([first({ ...rest, effects: ['changesSoftware'], pace }), first({ ...rebootInstance, pace })]).toEqual([4, 120]);
  expect(paceOf({ ...rest, effects: ['changesSoftware'] })).toMatchObject({ initial: 30, cap: 30 });
  expect(paceOf(rebootInstance)).toMatchObject({ initial: 120, cap: 120 });
});

describe('what is followed', () => {
  test('goes on in one step for as long as its lines fit into a checkpoint', async () => {
    const { observer, journal, trail } = await seeing('i');
    type Course = { lines: { at: number; text: string }[]; pause: number | null; count: number };
    await observer.follow<Course>('talk', (before, _, at) => {
      const count = (before?.count ?? 0) + 1;
      return { count, pause: count === 45 ? null : 10, lines: [...(before?.lines ?? []), { at, text: `look ${count}` }] };
    });
    const perStep = trail
      .join(' ')
      .split('talk-wait')
      .map((part) => part.split(' ').filter((name) => name === 'talk').length);
    expect(perStep).toEqual([0, 20, 20, 4]);
    expect(journal.timeline.map(({ text }) => text)).toEqual(Array.from({ length: 45 }, (_, i) => `look ${i + 1}`));
  });
});

describe('a look', () => {
  test('renews the leases first, and is remembered', async () => {
    const { observer, renewals } = await seeing('h');
    expect(observer.last()).toBeUndefined();
    const seen = await observer.observe();
    expect(observer.last()).toBe(seen);
    expect(renewals).toEqual([0]);
  });

  test('needn’t be had again at once, but some seconds later', async () => {
    const { observer, journal } = await seeing('h');
    const seen = await observer.observe();
    expect(observer.fresh()).toBe(seen);
    await journal.wait('a while', 5);
    expect(observer.fresh()).toBeUndefined();
  });

  test('for verification alone is not one to act upon', async () => {
    const { observer } = await seeing('h');
    await observer.observe('status-only');
    expect(observer.fresh()).toBeUndefined();
  });

  test('is compared with the first one, or with the one before the last action', async () => {
    const { observer } = await seeing('hih');
    const compared: (string | undefined)[] = [];
    const comparing: HealthCheck = {
      id: 'compare',
      check: ({ before }) => {
        compared.push(before.alarm?.name);
        return healthy('');
      },
    };
    await observer.observe();
    const ill = (await observer.observe()) as ResourceSnapshot;
    observer.health([comparing], ill);
    observer.setBaseline(ill);
    observer.health([comparing], (await observer.observe()) as ResourceSnapshot);
    expect(compared).toEqual(['h', 'i']);
  });
});

/** Looks that fail for so many seconds, and then see what they are told to. */
const lookingFrom = async (seconds: number, patience: number, seen: (seconds: number) => Partial<ResourceSnapshot> = () => ({})) => {
  const engine = simpleEngine();
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const since = () => (engine.now() - 1_000_000) / 1000;
  const observer = createResourceObserver(() => incident(), {
    ...{ journal, clients: {} as Clients, policy: policy({ lease: { patience } }), renewLeases: async () => {} },
    observeResource: async (_, __, at, ___, depth) => {
      if (since() < seconds) throw throttled;
      return facts({ at, full: depth === 'full', ...seen(since()) });
    },
  });
  return { observer, since };
};

describe('verification of what can not always be looked at', () => {
  const check: HealthCheck = { id: 'fine', check: () => healthy('it is well') };

  test('goes on from a look that failed for a while, with its retries', async () => {
    const { observer, since } = await lookingFrom(200, 1800);
    expect(await observer.verify([[check]], 600)).toMatchObject({ state: 'healthy' });
    expect(since()).toBeGreaterThan(200);
  });

  test('needs two looks in a row, of which none failed', async () => {
    const engine = simpleEngine();
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    let looks = 0;
    const observer = createResourceObserver(() => incident(), {
      ...{ journal, clients: {} as Clients, policy: policy({ verify: { apart: 60 } }), renewLeases: async () => {} },
      observeResource: async (_, __, at) => {
        if (++looks === 3) throw throttled;
        return facts({ at });
      },
    });
    await observer.observe();
    expect(await observer.verify([[check]], 600)).toMatchObject({ state: 'healthy' });
    expect(looks).toBe(4);
    // The look that failed is tried again after a pause, not at once.
    expect(engine.trail).toContain('look-backoff 3');
  });

  test('interrupts its looks where leases have to be renewed, before they have to be', async () => {
    const engine = simpleEngine();
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    let due = engine.now() + 300_000;
    const renewed: number[] = [];
    const observer = createResourceObserver(() => incident(), {
      ...{ journal, clients: {} as Clients, policy: policy(), renewedBy: () => due },
      renewLeases: async () => {
        if (engine.now() < due) return;
        renewed.push(engine.now() - due);
        due = engine.now() + 300_000;
      },
      observeResource: async (_, __, at) => facts({ at }),
    });
    await observer.observe();
    await observer.verify([[{ id: 'never', check: () => unhealthy('not yet') }]], 3600);
    expect(renewed.length).toBeGreaterThanOrEqual(8);
    // No later than the pause between two looks.
    expect(Math.max(...renewed)).toBeLessThanOrEqual(120_000);
  });

  test('notes no more in one poll than fits into its checkpoint', async () => {
    const kept: number[] = [];
    const engine = simpleEngine({ kept: (name, result) => name === 'verify' && kept.push(JSON.stringify(result).length) });
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    let looks = 0;
    const observer = createResourceObserver(() => incident(), {
      ...{ journal, clients: {} as Clients, policy: policy(), renewLeases: async () => {} },
      observeResource: async (_, __, at) => facts({ at }),
    });
    await observer.observe();
    await observer.verify([[{ id: 'never', check: () => unhealthy(`${++looks} ${'x'.repeat(1000)}`) }]], 12 * 3600);
    expect(looks).toBeGreaterThan(300);
    expect(journal.timeline).toHaveLength(looks);
    expect(Math.max(...kept)).toBeLessThan(20_000);
  });
});

describe('a look that is throttled', () => {
  test('is tried for as long as anything else that may pass', async () => {
    const short = await lookingFrom(1700, 1800);
    expect(await short.observer.observe()).not.toBeNull();
    const long = await lookingFrom(4000, 1800);
    expect(await long.observer.observe()).toBeNull();
    expect(long.since()).toBeGreaterThanOrEqual(1800);
    expect(long.since()).toBeLessThan(2000);
  });

  test('is not waited for while an action is under way', async () => {
    const { observer, since } = await lookingFrom(4000, 1800);
    expect(await observer.glance()).toBeNull();
    expect(since()).toBeLessThan(60);
  });
});

describe('verification of a member that its group takes out', () => {
  const never: HealthCheck = { id: 'never', check: () => unhealthy('not yet') };
  const own = (change: object) =>
    memberFacts({ group: group({ members: [memberOf(instanceId, change)], drainSeconds: 3600, warmUpSeconds: 120 }) });
  const lasts = async (seen: Partial<ResourceSnapshot>) => {
    const { observer, since } = await lookingFrom(0, 0, () => seen);
    await observer.observe();
    await observer.verify([[never]], 600);
    return since();
  };

  test('waits for its hooks, as long as they may take', async () => {
    const drained = await lasts(own({ lifecycleState: 'Terminating:Wait' }));
    expect(drained).toBeGreaterThanOrEqual(600 + 3600);
    expect(drained).toBeLessThan(600 + 3600 + 120);
  });

  test('waits for another one to be launched first, where the group keeps so many', async () => {
    const maintained = (health: string) => {
      const seen = own({ health });
      return { ...seen, group: { ...(seen.group as GroupFacts), maintenance: { minHealthy: 100, maxHealthy: 110 } } };
    };
    expect(await lasts(maintained('Unhealthy'))).toBeGreaterThanOrEqual(600 + 600 + 120);
    expect(await lasts(maintained('Healthy'))).toBeLessThan(600 + 120);
    expect(await lasts(own({ health: 'Unhealthy' }))).toBeLessThan(600 + 120);
  });

  test('waits no longer than usual for one that has left, or never went', async () => {
    expect(await lasts(memberFacts({ group: group({ members: [], drainSeconds: 3600 }) }))).toBeLessThan(600 + 120);
    expect(await lasts(own({ lifecycleState: 'InService' }))).toBeLessThan(600 + 120);
  });
});
