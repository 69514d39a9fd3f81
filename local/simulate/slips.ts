import { member, type ResourceSnapshot } from '../../shared/model/snapshot.ts';
import type { DriverDeps } from '../../shared/remediation/deps.ts';
import { observeResource } from '../../shared/resources/observe-resource.ts';
import { both, misleading, type Sabotage, seeing, withChannels, withLedger, without, withPolicy, withSwitch } from './meddling.ts';

const hourMs = 3600_000;

/** Changes what is seen of the group. */
const ofGroup = (change: (group: NonNullable<ResourceSnapshot['group']>) => Partial<NonNullable<ResourceSnapshot['group']>>) =>
  seeing((facts) => (facts.group ? { ...facts, group: { ...facts.group, ...change(facts.group) } } : facts));

/** Changes what is seen of the members of a cluster of databases. */
type Members = NonNullable<NonNullable<ResourceSnapshot['database']>['members']>;
const ofReaders = (change: (reader: Members['readers'][number], members: Members) => Partial<Members['readers'][number]>) =>
  seeing((facts) => {
    const { database } = facts;
    if (!database?.members) return facts;
    const { members } = database;
    const readers = members.readers.map((reader) => ({ ...reader, ...change(reader, members) }));
    return { ...facts, database: { ...database, members: { ...members, readers } } };
  });

/** Of each incident, a look within a minute and a half of the last one is that one again. */
const secondLookFromMemory = (deps: DriverDeps): DriverDeps => {
  const last = new Map<string, ResourceSnapshot>();
  return {
    ...deps,
    observeResource: async (clients, incident, now, ...rest) => {
      const known = last.get(incident.key);
      if (known && now - known.at < 90_000) return { ...known, at: now };
      const seen = await (deps.observeResource ?? observeResource)(clients, incident, now, ...rest);
      last.set(incident.key, seen);
      return seen;
    },
  };
};

/** Small mistakes: one guard, one condition, one constant. */
export const slips: Readonly<Record<string, Sabotage>> = {
  // One guard.
  'no-mode': { summary: 'does not ask for the mode', breaks: ['dry-run'], minutes: 15, meddle: { deps: without('mode') } },
  'no-intentional-stop': {
    summary: 'does not ask why an instance is stopped',
    breaks: ['people-first'],
    minutes: 15,
    meddle: { deps: without('intentional-stop') },
  },
  'no-alarm-actions': {
    summary: 'does not ask what the alarm does by itself',
    breaks: ['one-healer', 'silenced'],
    meddle: { deps: without('alarm-actions') },
  },
  'no-launch-check': {
    summary: 'does not ask whether the group can launch a successor',
    breaks: ['group-gives-back'],
    kind: 'stories',
    meddle: { deps: without('group-can-launch') },
  },
  'no-disruption-budget': {
    summary: 'does not ask how many members are under treatment',
    breaks: ['blast-radius'],
    kind: 'large',
    meddle: { deps: without('disruption-budget') },
  },
  'no-queue-check': {
    summary: 'does not ask whether the consumer of a queue works',
    breaks: ['redrive-once'],
    minutes: 15,
    meddle: { deps: without('queue-ready') },
  },
  'no-database-check': {
    summary: 'does not ask in which state a database is',
    breaks: ['heir', 'storage-bounds', 'own-readers', 'two-yeses'],
    kind: 'data',
    meddle: { deps: without('database-ready') },
  },
  'no-concurrent-remediation': {
    summary: 'does not ask whether another healer is at work',
    breaks: ['one-healer'],
    kind: 'groups',
    minutes: 20,
    meddle: { deps: without('concurrent-remediation') },
  },
  'no-protection': {
    summary: 'does not ask whether a member is protected',
    breaks: ['protected'],
    kind: 'consent',
    meddle: { deps: without('protection') },
  },
  'no-approval': {
    summary: 'does not ask the person that the policy names',
    breaks: ['approved'],
    kind: 'consent',
    meddle: { deps: without('approval') },
  },
  'no-calendar': { summary: 'does not ask the calendar', breaks: ['said-no'], kind: 'consent', meddle: { deps: without('calendar') } },

  // One condition.
  'terminate-suspended': {
    summary: 'overlooks that a group does not launch or terminate members',
    breaks: ['would-not-replace'],
    kind: 'stories',
    meddle: {
      deps: ofGroup((group) => ({ suspendedProcesses: group.suspendedProcesses.filter((one) => !['Launch', 'Terminate'].includes(one)) })),
    },
  },
  'unregistered-successors': {
    summary: 'overlooks that a group registers no new members',
    breaks: ['group-gives-back'],
    kind: 'stories',
    meddle: {
      deps: misleading('asg-constraints', (input) => {
        const { group } = input.facts;
        return group ? { ...input, facts: { ...input.facts, group: { ...group, balanced: false } } } : input;
      }),
    },
  },
  'standby-serves': {
    summary: 'takes a member on standby for one in service',
    breaks: ['set-aside'],
    kind: 'consent',
    meddle: {
      deps: seeing((facts) => {
        const own = member(facts);
        if (!facts.group || !own) return facts;
        const members = facts.group.members.map((one) => (one === own ? { ...one, lifecycleState: 'InService' as const } : one));
        return { ...facts, group: { ...facts.group, members } };
      }),
    },
  },
  'initializing-is-ok': {
    summary: 'takes a status check that has no result yet for one that passes',
    breaks: ['healed-is-true'],
    meddle: {
      deps: seeing((facts) => {
        const { status } = facts;
        if (!status) return facts;
        const passed = (one: typeof status.system) => (one === 'initializing' || one === 'insufficient-data' ? ('ok' as const) : one);
        return { ...facts, status: { ...status, system: passed(status.system), instance: passed(status.instance) } };
      }),
    },
  },
  'alarm-need-not-be-ok': {
    summary: 'calls healed what its alarm still reports',
    breaks: ['healed-is-true', 'two-looks'],
    meddle: {
      deps: seeing((facts) => {
        const { alarm, status } = facts;
        const passes = status?.system === 'ok' && status.instance === 'ok';
        return alarm && passes ? { ...facts, alarm: { ...alarm, state: 'OK' } } : facts;
      }),
    },
  },
  'second-look-from-memory': {
    summary: 'takes the first look for the second as well',
    breaks: ['two-looks'],
    meddle: { deps: secondLookFromMemory },
  },
  'young-is-nothing-new': {
    summary: 'does not notice that successors fail young',
    breaks: ['group-budget'],
    kind: 'stories',
    meddle: {
      deps: both(
        without('proven-version'),
        misleading('group-budget', (input) => ({
          ...input,
          facts: { ...input.facts, instance: input.facts.instance && { ...input.facts.instance, launchedAt: 0 } },
          replacements: async () =>
            (await input.replacements()).map((one) => ({ ...one, earlier: one.earlier.map((earlier) => ({ ...earlier, young: false })) })),
        })),
      ),
    },
  },
  'unknown-lag-is-none': {
    summary: 'takes a lag that it cannot read for none',
    breaks: ['heir'],
    kind: 'data',
    meddle: { deps: ofReaders(({ lag }) => ({ lag: lag ?? 0 })) },
  },
  'heir-behind': {
    summary: 'does not ask how far a reader is behind',
    breaks: ['heir'],
    kind: 'data',
    meddle: { deps: ofReaders(() => ({ lag: 0 })) },
  },
  'attempts-forgotten': {
    summary: 'records an attempt in place of the earlier ones',
    breaks: ['budget'],
    kind: 'stories',
    meddle: {
      deps: withLedger((ledger) => ({ recordAttempt: (resource, attempt) => ledger.recordAttempt(resource, attempt, []) })),
    },
  },
  'replacements-forgotten': {
    summary: 'does not record that it has a member replaced',
    breaks: ['group-budget'],
    kind: 'stories',
    meddle: {
      deps: both(
        without('proven-version'),
        withLedger(() => ({ recordReplacement: async () => {} })),
      ),
    },
  },

  // One constant.
  'lease-of-seconds': {
    summary: 'leases a resource for half a minute',
    breaks: ['alone', 'once'],
    kind: 'crash',
    minutes: 30,
    meddle: { deps: withPolicy(({ lease }) => ({ lease: { ...lease, seconds: 30 } })) },
  },
  'budget-off-by-one': {
    summary: 'allows one action more than the budget',
    breaks: ['budget'],
    kind: 'stories',
    meddle: { deps: withPolicy(({ budget }) => ({ budget: { ...budget, actions: budget.actions + 1 } })) },
  },
  'short-memory': {
    summary: 'counts actions in a fourth of the window',
    breaks: ['budget'],
    kind: 'stories',
    meddle: { deps: withPolicy(({ budget }) => ({ budget: { ...budget, window: budget.window / 4 } })) },
  },
  'share-rounded-up': {
    summary: 'rounds the share of a group up',
    breaks: ['blast-radius'],
    kind: 'large',
    meddle: {
      deps: misleading('disruption-budget', (input) => {
        const { group } = input.facts;
        if (!group) return input;
        const members = Math.max(1, Math.min(group.count.all, group.desired));
        const share = (Math.ceil(members * input.policy.blastRadius.share) + 0.01) / members;
        return { ...input, policy: { ...input.policy, blastRadius: { ...input.policy.blastRadius, share } } };
      }),
    },
  },
  'mass-failure-late': {
    summary: 'takes twice as many failures for a mass failure',
    breaks: ['mass-failure'],
    kind: 'storm',
    meddle: {
      deps: withPolicy(({ massFailure }) => ({
        massFailure: { ...massFailure, account: massFailure.account * 2, zone: massFailure.zone * 2 },
      })),
    },
  },
  'uncounted-is-many': {
    summary: 'takes a fleet that nobody has counted for a large one',
    breaks: ['mass-failure'],
    kind: 'storm',
    meddle: {
      deps: withLedger(({ noteFailing }) => ({
        noteFailing: async (...given) => ({
          optedIn: { all: 10_000, zones: { [String(given[1].zone)]: 10_000 } },
          ...(await noteFailing(...given)),
        }),
      })),
    },
  },
  'maximum-off-by-one': {
    summary: 'asks a group for one more than its maximum',
    breaks: ['max-size'],
    kind: 'stories',
    meddle: { deps: ofGroup(({ max }) => ({ max: max + 1 })) },
  },
  'storage-off': {
    summary: 'lets the storage of databases grow to twice what the policy allows',
    breaks: ['storage-bounds'],
    kind: 'data',
    meddle: {
      deps: withPolicy(({ databases }) => ({
        databases: databases.storage
          ? { ...databases, storage: { ...databases.storage, atMost: databases.storage.atMost * 2 } }
          : databases,
      })),
    },
  },
  'one-reader-more': {
    summary: 'adds one reader more than the policy allows',
    breaks: ['own-readers'],
    kind: 'data',
    meddle: { deps: withPolicy(({ readers }) => ({ readers: readers && { ...readers, atMost: readers.atMost + 1 } })) },
  },
  'switch-remembered': {
    summary: 'remembers the kill switch for an hour',
    breaks: ['kill-switch'],
    minutes: 30,
    meddle: {
      deps: withSwitch((read) => {
        let known: { at: number; position: Awaited<ReturnType<typeof read>> } | undefined;
        return async (now) => {
          if (!known || now - known.at > hourMs) known = { at: now, position: await read(now) };
          return known.position;
        };
      }),
    },
  },
  'unreadable-switch-is-on': {
    summary: 'takes a kill switch that it cannot read for one that is on',
    breaks: ['kill-switch'],
    kind: 'stories',
    meddle: { deps: withSwitch((read) => (now) => read(now).catch(() => 'on' as const)) },
  },
  'dry-run-switch-is-on': {
    summary: 'takes a kill switch at dry-run for one that is on',
    breaks: ['kill-switch'],
    kind: 'consent',
    meddle: { deps: withSwitch((read) => async (now) => ((await read(now)) === 'off' ? 'off' : 'on')) },
  },

  // What people are told.
  'mass-failure-told-by-each': {
    summary: 'lets each incident of a mass failure tell people',
    breaks: ['one-cause'],
    kind: 'large',
    meddle: { deps: withLedger(() => ({ electReporter: async () => true })) },
  },
  'loud-is-quiet': {
    summary: 'ends quietly what people must know of',
    breaks: ['told-aloud'],
    meddle: {
      deps: withChannels((channel) => ({ ...channel, outcome: (outcome, repeat) => channel.outcome({ ...outcome, quiet: true }, repeat) })),
    },
  },
  'recorded-not-announced': {
    summary: 'records an outcome and does not put it on the bus',
    breaks: ['one-outcome'],
    meddle: { deps: withChannels((channel) => (channel.id === 'bus' ? { ...channel, outcome: async () => {} } : channel)) },
  },
  'announced-not-recorded': {
    summary: 'announces an outcome and does not record it',
    breaks: ['one-outcome'],
    meddle: { deps: withLedger(() => ({ close: async () => true })) },
  },
  'told-in-other-words': {
    summary: 'announces an outcome again, in other words',
    breaks: ['one-outcome'],
    meddle: {
      deps: withChannels((channel) => ({
        ...channel,
        outcome: async (outcome, repeat) => {
          await channel.outcome(outcome, repeat);
          if (outcome.status === 'escalated') await channel.outcome({ ...outcome, reason: `${outcome.reason}; again` }, repeat);
        },
      })),
    },
  },
  'page-by-failure': {
    summary: 'pages nobody for what was held',
    breaks: ['pages-end'],
    kind: 'pages',
    meddle: {
      deps: withChannels((channel) =>
        channel.id === 'pagerduty'
          ? { ...channel, outcome: (outcome, repeat) => (outcome.status === 'held' ? Promise.resolve() : channel.outcome(outcome, repeat)) }
          : channel,
      ),
    },
  },
};
