import { explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { alarmIsOk, alarmSaysOk } from '../health/alarm.ts';
import { assess, type Health, type HealthCheck } from '../health/health.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { hours, minutes, parseDuration } from '../model/duration.ts';
import { beatOf, type Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import type { Policy } from '../model/policy.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';
import { withoutIdleTags } from '../policy/effective-policy.ts';
import type { Beats } from '../ports/beats.ts';
import type { CallError } from '../ports/call-result.ts';
import type { NameServers } from '../ports/name-servers.ts';
import { withDelegation } from '../resources/delegation.ts';
import { type Depth, observeResource } from '../resources/observe-resource.ts';
import type { Journal } from './journal.ts';

/** Between looks: at most two minutes, and at least half of what backoff allows, since status checks and alarms change once a minute. */
const verifyBackoff: Backoff = { initial: 60, cap: 120, attempts: Number.POSITIVE_INFINITY };
/** After an action that takes seconds, such as the restart of a process, at first only the alarm lags behind. */
export const promptly: Backoff = { ...verifyBackoff, initial: 30, cap: 30 };
const verifyPause = (count: number, draw: number, backoff: Backoff): number => backoffSeconds(count, backoff, (1 + draw) / 2);
/** Minimum time between looks, in seconds. */
export const minObservationInterval = 10;
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
  /** The heartbeats in the ledger. */
  beats?: Pick<Beats, 'readBeat'>;
  /** What DNS says of delegations; without it, none is known. */
  nameServers?: NameServers;
  observeResource?: typeof observeResource;
  /** Called before each retry of a failed look, with the error and the seconds. */
  onFailure?: (error: CallError, seconds: number) => Promise<void>;
  /** Called before each look. */
  renewLeases: () => Promise<void>;
  policy: Policy;
};

/** The maximum boot time of a new member that is launched before the old one leaves, in seconds. */
const booting = minutes(10);

/** Additional time for a group, in seconds: to drain the member, or to launch a new one first. */
const allowance = ({ group }: ResourceSnapshot, before: ResourceSnapshot): number => {
  const own = group?.members.find(({ instanceId }) => instanceId === before.instance?.id);
  if (!group || !own) return 0;
  const draining = stageOf(own.lifecycleState) === 'leaving' ? (group.drainSeconds ?? 0) : 0;
  const launchingFirst = group.maintenance !== null && own.health === 'Unhealthy' ? booting + (group.warmUpSeconds ?? 0) : 0;
  return draining + launchingFirst;
};

/** A job that was started again takes its time until its next beat, but not for ever; in seconds. */
const longestJob = hours(4);
const beatAllowance = (incident: Incident): number =>
  beatOf(incident) === null ? 0 : Math.min(longestJob, parseDuration(incident.evidence.grace ?? '') ?? 0);

/** Looks at an incident's resource and assesses its health. */
export const createResourceObserver = (
  incident: () => Incident,
  { journal, clients, beats, nameServers, observeResource: observeNow = observeResource, renewLeases, policy, onFailure }: ObserverDeps,
) => {
  const { note, persist, wait } = journal;
  /** Seconds between the two looks of a verification. */
  const { apart } = policy.verify;
  /** The last look, and the one that changes are compared with. */
  let facts: ResourceSnapshot | undefined;
  let first: ResourceSnapshot | undefined;
  /** The resource of the last look: a composite alarm's incident changes to that of its cause. */
  let about: Incident['resource'] | undefined;
  let before: ResourceSnapshot | undefined;
  let failure: CallError | undefined;
  /** The random draw checkpointed with the last look. */
  let lastDraw = 1;
  let onPurpose: string | null = null;
  /** How long a throttled or uncertain look is retried. */
  const observeRetry: { backoff?: Backoff; seconds: number } = { seconds: policy.lease.patience };

  /** Null if the look failed; `observationError` says why. */
  const observe = async (
    depth: Depth = 'full',
    needsAlarm?: (rest: ResourceSnapshot) => boolean,
    tries = observeRetry,
  ): Promise<ResourceSnapshot | null> => {
    await renewLeases();
    const { value, draw } = await persist(
      'look',
      async (at) => {
        // Keep looking at the instance of the last action while another one is treated.
        const about = before?.instance ? [before.instance.id] : [];
        const found = withoutIdleTags(await observeNow(clients, incident(), at, facts, depth, needsAlarm, about, policy), policy);
        const { certificate } = found;
        const seen = certificate && nameServers ? { ...found, certificate: await withDelegation(certificate, nameServers) } : found;
        const beat = beatOf(incident());
        return beat === null || !beats ? seen : { ...seen, beat: { name: beat, lastAt: (await beats.readBeat(beat)).lastAt } };
      },
      tries.backoff,
      tries.seconds,
      tries === observeRetry ? onFailure : undefined,
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

  const health = (checks: readonly HealthCheck[], seen: ResourceSnapshot): Health =>
    assess(checks, { facts: seen, incident: incident(), before: before ?? seen });

  /** Whether everything that says something is healthy except the alarm, by one of the ways. */
  const onlyAlarmOpen = (ways: Ways) => (rest: ResourceSnapshot) => {
    const isOpen = (one: HealthCheck) =>
      one !== alarmIsOk && one !== alarmSaysOk && !one.check({ facts: rest, incident: incident(), before: before ?? rest }).abstains;
    return ways.some((checks) => health(checks.filter(isOpen), rest).state === 'healthy');
  };

  /**
   * Looks until one of the ways is healthy on two looks in a row, or `within` seconds have passed. `first` may be a recent look. Null if a
   * look failed.
   */
  const verify = async (ways: Ways, within: number, first?: ResourceSnapshot, pace = verifyBackoff): Promise<Health | null> => {
    const since = journal.now();
    let streak = 0;
    let said = '';
    for (let count = 1; ; count++) {
      const seen = count === 1 && first ? first : await observe('status-only', onlyAlarmOpen(ways));
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
      const left = within + allowance(seen, before ?? seen) + beatAllowance(incident()) - (journal.now() - since) / 1000;
      if (left <= 0 && streak === 0) return now.state === 'healthy' ? { state: 'unknown', because: now.because } : now;
      const pause = good ? apart : verifyPause(count, lastDraw, pace);
      await wait('verify-wait', good ? pause : Math.min(pause, Math.max(minObservationInterval, left)));
    }
  };

  return {
    observe,
    /** A quick look during an action. */
    glance: () => observe('status-only', undefined, { backoff: glancing, seconds: 0 }),
    verify,
    health,
    /** Whether the last look was at the incident's current resource. */
    isOfNow: () => about?.type === incident().resource.type && about?.id === incident().resource.id,
    first: () => first,
    last: () => facts,
    /** The last look, if it is recent and complete. */
    fresh: () => (facts?.full && journal.now() - facts.at <= young * 1000 ? facts : undefined),
    /** Changes are compared with this look from now on. */
    setBaseline: (seen: ResourceSnapshot) => {
      before = seen;
    },
    /** Why it was stopped, if a look has shown a stop on purpose. */
    stoppedOnPurpose: () => onPurpose,
    /** Why the last look failed. */
    observationError: () => `could not look: ${failure ? explain(failure) : 'unknown'}`,
    failure: () => failure,
  };
};

export type ResourceObserver = ReturnType<typeof createResourceObserver>;
