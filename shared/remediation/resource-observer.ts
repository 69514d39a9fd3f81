import { explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { alarmIsOk, alarmSaysOk } from '../health/alarm.ts';
import { assess, type Health, type HealthCheck } from '../health/health.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { minutes } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import type { Policy } from '../model/policy.ts';
import type { Facts } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';
import { withoutIdleTags } from '../policy/effective-policy.ts';
import type { CallError } from '../ports/call-result.ts';
import { type Depth, look } from '../resources/look.ts';
import type { Journal } from './journal.ts';

/** Between looks: at most two minutes, and at least half of what backoff allows, since status checks and alarms change once a minute. */
const verifyBackoff: Backoff = { initial: 60, cap: 120, attempts: Number.POSITIVE_INFINITY };
const verifyPause = (looks: number, draw: number): number => backoffSeconds(looks, verifyBackoff, (1 + draw) / 2);
/** Minimum time between looks, in seconds. */
export const leastBetweenLooks = 10;
/** A look this recent needn't be repeated; in seconds. */
const young = 2;

/** While something is out of service, a look must not delay it. */
const glancing: Backoff = { initial: 5, cap: 15, attempts: 4 };

/** Sets of checks; one set that is healthy as a whole is enough. */
export type Ways = readonly (readonly HealthCheck[])[];

/** What looking needs. */
export type ObserverDeps = {
  journal: Journal;
  clients: Clients;
  look?: typeof look;
  /** Called before each retry of a failed look, with the error and the seconds. */
  onFailure?: (error: CallError, seconds: number) => Promise<void>;
  /** Called before each look. */
  renewLeases: () => Promise<void>;
  policy: Policy;
};

/** The maximum boot time of a new member that is launched before the old one leaves, in seconds. */
const booting = minutes(10);

/** Additional time for a group, in seconds: to drain the member, or to launch a new one first. */
const allowance = ({ group }: Facts, before: Facts): number => {
  const own = group?.members.find(({ instanceId }) => instanceId === before.instance?.id);
  if (!group || !own) return 0;
  const draining = stageOf(own.lifecycleState) === 'leaving' ? (group.drainSeconds ?? 0) : 0;
  const launchingFirst = group.maintenance !== null && own.health === 'Unhealthy' ? booting + (group.warmUpSeconds ?? 0) : 0;
  return draining + launchingFirst;
};

/** Looks at an incident's resource and assesses its health. */
export const createResourceObserver = (
  incident: () => Incident,
  { journal, clients, look: lookAt = look, renewLeases, policy, onFailure }: ObserverDeps,
) => {
  const { note, persist, wait } = journal;
  /** Seconds between the two looks of a verification. */
  const { apart } = policy.verify;
  /** The last look, and the one that changes are compared with. */
  let facts: Facts | undefined;
  let first: Facts | undefined;
  /** The resource of the last look: a composite alarm's incident changes to that of its cause. */
  let about: Incident['resource'] | undefined;
  let before: Facts | undefined;
  let failure: CallError | undefined;
  /** The random draw checkpointed with the last look. */
  let lastDraw = 1;
  let onPurpose: string | null = null;
  /** How long a throttled or uncertain look is retried. */
  const looking: { backoff?: Backoff; seconds: number } = { seconds: policy.lease.patience };

  /** Null if the look failed; `blindness` says why. */
  const again = async (depth: Depth = 'full', asksAlarm?: (rest: Facts) => boolean, tries = looking): Promise<Facts | null> => {
    await renewLeases();
    const { value, draw } = await persist(
      'look',
      async (at) => {
        // Keep looking at the instance of the last action while another one is treated.
        const about = before?.instance ? [before.instance.id] : [];
        return withoutIdleTags(await lookAt(clients, incident(), at, facts, depth, asksAlarm, about), policy);
      },
      tries.backoff,
      tries.seconds,
      tries === looking ? onFailure : undefined,
    );
    lastDraw = draw;
    if (value.ok) {
      facts = value.value;
      about = incident().resource;
      const { state, stateReason } = facts.instance ?? {};
      if ((state === 'stopped' || state === 'stopping') && stopCause(stateReason ?? null) === 'on-purpose') onPurpose = stateReason ?? null;
      first ??= facts;
      before ??= facts;
      return facts;
    }
    failure = value.error;
    note('look', `the look failed: ${explain(failure)}`);
    return null;
  };

  const health = (checks: readonly HealthCheck[], seen: Facts): Health =>
    assess(checks, { facts: seen, incident: incident(), before: before ?? seen });

  /** Whether everything except the alarm is healthy, by one of the ways. */
  const onlyAlarmOpen = (ways: Ways) => (rest: Facts) =>
    ways.some(
      (checks) =>
        health(
          checks.filter((check) => check !== alarmIsOk && check !== alarmSaysOk),
          rest,
        ).state === 'healthy',
    );

  /**
   * Looks until one of the ways is healthy on two looks in a row, or `within` seconds have passed. `first` may be a recent look. Null if a
   * look failed.
   */
  const verify = async (ways: Ways, within: number, first?: Facts): Promise<Health | null> => {
    const since = journal.now();
    let streak = 0;
    let said = '';
    for (let looks = 1; ; looks++) {
      const seen = looks === 1 && first ? first : await again('vital', onlyAlarmOpen(ways));
      if (!seen) return null;
      const results = ways.map((checks) => health(checks, seen));
      const good = results.find(({ state }) => state === 'healthy');
      const now = good ?? (results[0] as Health);
      streak = good ? streak + 1 : 0;
      const text = good ? `${now.because} (look ${streak} of 2)` : `not yet: ${now.because}`;
      // Only note changes since the last look.
      if (text !== said) note('verify', text);
      said = text;
      if (streak === 2) return now;
      const left = within + allowance(seen, before ?? seen) - (journal.now() - since) / 1000;
      if (left <= 0 && streak === 0) return now.state === 'healthy' ? { state: 'unknown', because: now.because } : now;
      const pause = good ? apart : verifyPause(looks, lastDraw);
      await wait('verify-wait', good ? pause : Math.min(pause, Math.max(leastBetweenLooks, left)));
    }
  };

  return {
    again,
    /** A quick look during an action. */
    glance: () => again('vital', undefined, { backoff: glancing, seconds: 0 }),
    verify,
    health,
    /** Whether the last look was at the incident's current resource. */
    isOfNow: () => about?.type === incident().resource.type && about?.id === incident().resource.id,
    first: () => first,
    last: () => facts,
    /** The last look, if it is recent and complete. */
    fresh: () => (facts?.full && journal.now() - facts.at <= young * 1000 ? facts : undefined),
    /** Changes are compared with this look from now on. */
    compareWith: (seen: Facts) => {
      before = seen;
    },
    /** Why it was stopped, if a look has shown a stop on purpose. */
    stoppedOnPurpose: () => onPurpose,
    /** Why the last look failed. */
    blindness: () => `could not look: ${failure ? explain(failure) : 'unknown'}`,
    failure: () => failure,
  };
};

export type ResourceObserver = ReturnType<typeof createResourceObserver>;
