import { type Action, has } from '../actions/action.ts';
import { attempt, explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { alarmIsOk, alarmSaysOk } from '../health/alarm.ts';
import { assess, type Health, type HealthCheck } from '../health/health.ts';
import { type Backoff, backoffSeconds, onceOnly } from '../model/backoff.ts';
import { hours, minutes, parseDuration } from '../model/duration.ts';
import { beatOf, type Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import type { Policy } from '../model/policy.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';
import { withoutIdleTags } from '../policy/effective-policy.ts';
import type { Beats } from '../ports/beats.ts';
import type { CallError, Result } from '../ports/call-result.ts';
import type { NameServers } from '../ports/name-servers.ts';
import type { Turns } from '../ports/turns.ts';
import { withDelegation } from '../resources/delegation.ts';
import { type Depth, observeResource } from '../resources/observe-resource.ts';
import type { Journal, StepResult } from './journal.ts';

/** Between looks: at most two minutes, and at least half of what backoff allows, since status checks and alarms change once a minute. */
const verifyBackoff: Backoff = { initial: 60, cap: 120, attempts: Number.POSITIVE_INFINITY };
/** While others heal it, which is only waited for. */
export const patiently: Backoff = { ...verifyBackoff, initial: 180, cap: 360 };
/** After a boot, which has taken its time before the first look. */
const steadily: Backoff = { ...verifyBackoff, initial: 120 };
/** After an action that takes seconds, such as the restart of a process, at first only the alarm lags behind. */
const promptly: Backoff = { ...verifyBackoff, initial: 30, cap: 30 };
/** How often to look at what comes of an action; undefined for as usual. */
export const paceOf = (action: Action): Backoff | undefined => {
  if (action.takes !== undefined) return steadily;
  return action.pace ?? (has(action, 'changesSoftware') ? promptly : undefined);
};
const verifyPause = (count: number, draw: number, backoff: Backoff): number => backoffSeconds(count, backoff, (1 + draw) / 2);
/** Minimum time between looks, in seconds. */
export const minObservationInterval = 10;
/** A look this recent needn't be repeated; in seconds. */
const young = 2;

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
  /** Whose turn it is where AWS refuses looks because of its limits; without it, only backoff spreads them. */
  turns?: Pick<Turns, 'takeTurn'>;
  /** Called before each look. */
  renewLeases: () => Promise<void>;
  /** When that has to be called at the latest, in milliseconds since the epoch; never without it. */
  renewedBy?: () => number;
  policy: Policy;
};

const never = () => Number.POSITIVE_INFINITY;

type NeedsAlarm = (rest: ResourceSnapshot) => boolean;

/** How long a throttled or uncertain look is retried. */
type Tries = { backoff?: Backoff; seconds: number };

/** While something is out of service, a look must not delay it. */
const briefly: Tries = { backoff: { initial: 5, cap: 15, attempts: 4 }, seconds: 0 };

/** What a look came to: seconds until the next one, or null for none, and what is to be noted of it. */
export type Judged = { pause: number | null; lines: readonly { at: number; text: string }[] };

/** Looks again and again until `judge` asks for no further pause; null if a look failed. */
export type Follow = <T extends Judged>(
  name: string,
  judge: (before: T | null, seen: ResourceSnapshot, at: number) => T,
) => Promise<T | null>;

/** Lines that one poll notes at most, and characters of one: with a look they have to fit into a checkpoint. */
const maxLines = 20;
const longestLine = 600;

/** Why the look shows the instance stopped on purpose; null if it doesn't. */
const stopOnPurpose = ({ instance }: ResourceSnapshot): string | null => {
  const { state, stateReason = null } = instance ?? {};
  return (state === 'stopped' || state === 'stopping') && stopCause(stateReason) === 'on-purpose' ? stateReason : null;
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
  {
    journal,
    clients,
    beats,
    nameServers,
    turns,
    observeResource: observeNow = observeResource,
    renewLeases,
    renewedBy = never,
    policy,
    onFailure,
  }: ObserverDeps,
) => {
  const { note, persist, poll, wait } = journal;
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
  const observeRetry: Tries = { seconds: policy.lease.patience };
  /** While others heal it, nothing depends on a look, and whoever asks AWS again at once takes from those that treat. */
  const patientRetry: Tries = { backoff: { initial: 60, cap: 600, attempts: 12 }, seconds: policy.lease.patience };

  const lookNow = async (at: number, known: ResourceSnapshot | undefined, depth: Depth, needsAlarm?: NeedsAlarm) => {
    // Keep looking at the instance of the last action while another one is treated.
    const about = before?.instance ? [before.instance.id] : [];
    const found = withoutIdleTags(await observeNow(clients, incident(), at, known, depth, needsAlarm, about, policy), policy);
    const { certificate } = found;
    const seen = certificate && nameServers ? { ...found, certificate: await withDelegation(certificate, nameServers) } : found;
    const beat = beatOf(incident());
    return beat === null || !beats ? seen : { ...seen, beat: { name: beat, lastAt: (await beats.readBeat(beat)).lastAt } };
  };

  const remember = (seen: ResourceSnapshot, stop = stopOnPurpose(seen)): ResourceSnapshot => {
    facts = seen;
    about = incident().resource;
    onPurpose = stop ?? onPurpose;
    first ??= seen;
    before ??= seen;
    return seen;
  };

  /** Calls that have been refused because of AWS's limits, for which others wait, too: each further look takes its turn. */
  let awaited: readonly string[] = [];
  /** Whoever treats something goes ahead of those that only look. */
  const takesTurns = () => turns !== undefined && renewedBy() === never();
  /** The last of the turns to make these calls; null if there is none for one of them. */
  const takeTurns = async (calls: readonly string[], at: number): Promise<number | null> => {
    const taken = await Promise.all(calls.map((call) => turns?.takeTurn(incident(), call, at) ?? null));
    return taken.includes(null) ? null : Math.max(...(taken as number[]));
  };
  const nextTurn = async (): Promise<number | null> => {
    if (awaited.length === 0 || !takesTurns()) return null;
    const { value } = await persist('turn', (at) => takeTurns(awaited, at), onceOnly);
    return value.ok ? value.value : null;
  };
  const notBefore = async ({ kind, call }: CallError): Promise<number | null> => {
    // The ledger hands out no turns to ask itself.
    if (kind !== 'throttled' || call === undefined || call.startsWith('dynamodb:')) return null;
    awaited = [...new Set([...awaited, call])];
    return nextTurn();
  };

  /** Null if the look failed; `observationError` says why. `made` is a try that has just been made. */
  const observe = async (
    depth: Depth = 'full',
    needsAlarm?: NeedsAlarm,
    tries = observeRetry,
    made?: StepResult<Result<ResourceSnapshot>>,
  ): Promise<ResourceSnapshot | null> => {
    if (!made) await renewLeases();
    const { value, draw } = await persist(
      'look',
      (at) => lookNow(at, facts, depth, needsAlarm),
      tries.backoff,
      tries.seconds,
      tries === briefly ? { first: made } : { first: made, onFailure, notBefore },
    );
    lastDraw = draw;
    if (value.ok) return remember(value.value);
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
   * Looks again and again until `judge` asks for no further pause, and returns its last judgement; null if a look failed. What it notes is
   * taken from `lines`. `begun` is a judgement to go on from.
   */
  const follow = async <T extends Judged>(
    name: string,
    judge: (before: T | null, seen: ResourceSnapshot, at: number, draw: number) => T,
    { begun = null, needsAlarm, tries = observeRetry }: { begun?: T | null; needsAlarm?: NeedsAlarm; tries?: Tries } = {},
  ): Promise<T | null> => {
    const noteLines = (judged: T): T => {
      for (const { at, text } of judged.lines) note('verify', text, undefined, undefined, at);
      return { ...judged, lines: [] };
    };
    // The first look of all is what later ones are compared with.
    const seen = begun || facts ? null : await observe('status-only', needsAlarm, tries);
    if (!begun && !facts) return null;
    let last = seen ? judge(null, seen, journal.now(), lastDraw) : begun;
    for (;;) {
      if (last) {
        last = noteLines(last);
        if (last.pause === null) return last;
        const turn = await nextTurn();
        await wait(`${name}-wait`, Math.max(last.pause, ((turn ?? 0) - journal.now()) / 1000));
      }
      await renewLeases();
      const known = last;
      type Course = { judged: T; seen: ResourceSnapshot; stop: string | null; awaited?: readonly string[] };
      const polled = await poll<Course>(name, async (before, at, draw) => {
        const now = await lookNow(at, before?.seen ?? facts, 'status-only', needsAlarm);
        const judged = judge(before?.judged ?? known, now, at, draw);
        // Leases are renewed between looks, and what is noted has to fit into one checkpoint.
        const goesOn = judged.pause !== null && at + judged.pause * 1000 < renewedBy() && judged.lines.length < maxLines;
        const calls = before?.awaited ?? awaited;
        const turn = goesOn && calls.length > 0 && takesTurns() ? await attempt(() => takeTurns(calls, at)) : null;
        const next = turn?.ok ? turn.value : null;
        const course = { judged, seen: now, stop: stopOnPurpose(now) ?? before?.stop ?? null };
        return {
          value: { ...course, ...(calls.length > 0 ? { awaited: next !== null && next <= at ? [] : calls } : {}) },
          again: goesOn ? Math.max(judged.pause ?? 0, ((next ?? at) - at) / 1000) : null,
        };
      });
      lastDraw = polled.draw;
      if (polled.value) {
        remember(polled.value.seen, polled.value.stop);
        awaited = polled.value.awaited ?? awaited;
        last = polled.value.judged;
      }
      if (!polled.error) continue;
      if (last) last = noteLines(last);
      const { at, draw, error } = polled;
      const found = await observe('status-only', needsAlarm, tries, { at, draw, value: { ok: false, error } });
      if (!found) return null;
      last = judge(last, found, journal.now(), lastDraw);
    }
  };

  /**
   * Seconds until a healthy look is repeated. What an alarm alone shows has to be seen in two of its periods, if they are longer than a minute:
   * one of five is OK for as long once a new member, which does nothing yet, has lowered an average. It ends before the leases do.
   */
  const untilRepeated = (checks: readonly HealthCheck[], { alarm }: ResourceSnapshot): number => {
    const period = checks.includes(alarmSaysOk) ? (alarm?.periodSeconds ?? 0) : 0;
    return period > 60 ? Math.max(apart, Math.min(period + apart, policy.lease.seconds / 3)) : apart;
  };

  /**
   * Looks until one of the ways is healthy on two looks in a row, or `within` seconds have passed. `first` may be a recent look. Null if a
   * look failed.
   */
  const verify = async (ways: Ways, within: number, first?: ResourceSnapshot, pace = verifyBackoff): Promise<Health | null> => {
    type Course = Judged & { count: number; streak: number; said: string; verdict: Health | null };
    const since = journal.now();
    const judge = (last: Course | null, seen: ResourceSnapshot, at: number, draw: number): Course => {
      const count = (last?.count ?? 0) + 1;
      const results = ways.map((checks) => health(checks, seen));
      const way = results.findIndex(({ state }) => state === 'healthy');
      const good = results[way];
      const now = good ?? (results[0] as Health);
      const streak = good ? (last?.streak ?? 0) + 1 : 0;
      const said = good ? `${now.because} (look ${streak} of 2)` : `not yet: ${now.because}`;
      // Only note changes since the last look.
      const lines = [...(last?.lines ?? []), ...(said === last?.said ? [] : [{ at, text: said.slice(0, longestLine) }])];
      const next = { count, streak, said, lines };
      if (streak === 2) return { ...next, verdict: now, pause: null };
      const left = within + allowance(seen, before ?? seen) + beatAllowance(incident()) - (at - since) / 1000;
      if (left <= 0 && streak === 0)
        return { ...next, verdict: now.state === 'healthy' ? { state: 'unknown', because: now.because } : now, pause: null };
      const pause = verifyPause(count, draw, pace);
      return {
        ...next,
        verdict: null,
        pause: good ? untilRepeated(ways[way] ?? [], seen) : Math.min(pause, Math.max(minObservationInterval, left)),
      };
    };
    const begun = first ? judge(null, first, since, lastDraw) : null;
    const tries = pace === patiently ? patientRetry : observeRetry;
    return (await follow('verify', judge, { begun, needsAlarm: onlyAlarmOpen(ways), tries }))?.verdict ?? null;
  };

  return {
    observe,
    /** A quick look during an action. */
    glance: () => observe('status-only', undefined, briefly),
    /** Quick looks during an action, until it has come to something, which no alarm shows. */
    follow: ((name, judge) => follow(name, judge, { tries: briefly, needsAlarm: () => false })) as Follow,
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
