import { explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { type Depth, look } from '../aws/look.ts';
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
import type { Journal } from './journal.ts';

/**
 * Between looks: at most two minutes, and at least half of what backoff allows, since status checks and alarms change once a minute.
 */
const verifyBackoff: Backoff = { initial: 60, cap: 120, attempts: Number.POSITIVE_INFINITY };
const verifyPause = (looks: number, draw: number): number => backoffSeconds(looks, verifyBackoff, (1 + draw) / 2);
export const leastBetweenLooks = 10;
/** A look this young, in seconds, needn't be had again. */
const young = 2;

/** While something is out of service nobody waits for a look. */
const glancing: Backoff = { initial: 5, cap: 15, attempts: 4 };

/** Any of these sets of checks, met as a whole, is healthy. */
export type Ways = readonly (readonly HealthCheck[])[];

export type SightDeps = {
  journal: Journal;
  clients: Clients;
  look?: typeof look;
  /** Told why a look failed that is tried again in so many seconds. */
  onFailure?: (error: CallError, seconds: number) => Promise<void>;
  /** Done before each look. */
  renewLeases: () => Promise<void>;
  policy: Policy;
};

/** A member that is launched before another one leaves boots first, which takes no longer than this, in seconds. */
const booting = minutes(10);

/** What a group needs beyond what is usual, in seconds: to drain the member, or to launch another one before it goes. */
const allowance = ({ group }: Facts, before: Facts): number => {
  const own = group?.members.find(({ instanceId }) => instanceId === before.instance?.id);
  if (!group || !own) return 0;
  const draining = stageOf(own.lifecycleState) === 'leaving' ? (group.drainSeconds ?? 0) : 0;
  const launchingFirst = group.maintenance !== null && own.health === 'Unhealthy' ? booting + (group.warmUpSeconds ?? 0) : 0;
  return draining + launchingFirst;
};

/** What has been seen of an incident's resource, and how healthy that is. */
export const createSight = (
  incident: () => Incident,
  { journal, clients, look: lookAt = look, renewLeases, policy, onFailure }: SightDeps,
) => {
  const { note, persist, wait } = journal;
  /** Seconds between the two looks that verification takes. */
  const { apart } = policy.verify;
  /** The last look, and the one that what has changed is measured against. */
  let facts: Facts | undefined;
  let first: Facts | undefined;
  /** What the last look was for: a composite alarm's incident becomes that of its cause. */
  let about: Incident['resource'] | undefined;
  let before: Facts | undefined;
  let failure: CallError | undefined;
  /** The random draw that was remembered with the last look. */
  let lastDraw = 1;
  let onPurpose: string | null = null;
  /** A look that is throttled or whose answer is lost is tried as long as anything else that may pass. */
  const looking: { backoff?: Backoff; seconds: number } = { seconds: policy.lease.patience };

  /** Null if no look could be had; `blindness` says why. */
  const again = async (depth: Depth = 'full', asksAlarm?: (rest: Facts) => boolean, tries = looking): Promise<Facts | null> => {
    await renewLeases();
    const { value, draw } = await persist(
      'look',
      async (at) => {
        // What has been acted upon is still looked at once another one is to be treated.
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

  /** Whether all that the alarm has no part in is well, by one of the ways. */
  const onlyAlarmOpen = (ways: Ways) => (rest: Facts) =>
    ways.some(
      (checks) =>
        health(
          checks.filter((check) => check !== alarmIsOk && check !== alarmSaysOk),
          rest,
        ).state === 'healthy',
    );

  /**
   * Looks until one of the ways to be healthy is seen on two looks in a row, or `within` seconds are over. The first look may be
   * one that has just been had. Null if no look could be had.
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
      // What hasn't changed since the last look needn't be read again.
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
    /** A look while an action is under way, which doesn't wait long for it. */
    glance: () => again('vital', undefined, { backoff: glancing, seconds: 0 }),
    verify,
    health,
    /** Whether the last look was for what the incident is about by now. */
    isOfNow: () => about?.type === incident().resource.type && about?.id === incident().resource.id,
    /** The first look, and the last. */
    first: () => first,
    last: () => facts,
    /** The last look if it is so young that another one would show the same, and whole. */
    fresh: () => (facts?.full && journal.now() - facts.at <= young * 1000 ? facts : undefined),
    /** Changes are measured from this look on. */
    compareWith: (seen: Facts) => {
      before = seen;
    },
    /** Why it was stopped, if any look has shown that somebody did so. */
    stoppedOnPurpose: () => onPurpose,
    /** Why the last look could not be had. */
    blindness: () => `could not look: ${failure ? explain(failure) : 'unknown'}`,
    /** The error of the last look that failed. */
    failure: () => failure,
  };
};

export type Sight = ReturnType<typeof createSight>;
