import { brief, onceOnly } from '../model/backoff.ts';
import { formatDuration, hours, minutes, secondsOf } from '../model/duration.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { Incident } from '../model/incident.ts';
import { summaryOf } from '../model/outcome.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { isResolved } from '../model/status.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Episode } from '../ports/episodes.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** Failure classes whose events repeat while the condition lasts. */
const repeatingFailures: ReadonlySet<FailureId> = new Set<FailureId>([
  'launch-failed',
  'terminate-failed',
  'service-impaired',
  'canary-failed',
  'error-rate',
]);

/**
 * The condition that an event belongs to: one per class and owner of the failed resource (a task's service, a member's group). Null for an
 * incident of its own. Alarms have states that show whether they last.
 */
export const matterOf = ({ failure, resource, alarm, evidence, disposition }: Incident): string | null => {
  if (alarm !== null || disposition !== 'escalate' || !repeatingFailures.has(failure)) return null;
  return `${failure} of ${evidence.owner ?? `${resource.type} ${resource.id}`}`;
};

/** The condition of an owner that is under treatment, which what is its own has a part in; null where there is no owner. */
const treatmentOf = ({ failure, evidence, alarm }: Incident): string | null =>
  alarm !== null || evidence.owner === undefined ? null : `treatment of ${failure} of ${evidence.owner}`;

/** Records that this incident treats the owner of what fails, and tells people of it. Optional: otherwise people hear of the parts too. */
export const noteTreatment = async ({ incident, journal, deps: { ledger, policy } }: Treatment): Promise<void> => {
  const about = incident();
  const matter = treatmentOf(about);
  if (matter === null) return;
  await journal.persist(
    'note-treatment',
    async (at) => {
      const join = () => ledger.joinEpisode(about, matter, about.key, at, secondsOf(policy.episodes.quiet) * 1000);
      const episode = await join();
      if (episode.opener === about.key || !(await ledger.read(episode.opener))?.outcome) return;
      if (await ledger.endEpisode(about, matter, episode)) await join();
    },
    onceOnly,
  );
};

/** AWS tells of a service that can't start its tasks some moments after it tells of the tasks; in seconds. */
const ownerDelay = 90;
/** How often an incident of the owner that has done nothing yet is looked at again: people hear within ten minutes or so. */
const ownerLooks = 5;

/**
 * The incident of the owner of what has failed, if that one tells people of it: it is open, or was when this failed, or people have heard
 * that it is not healed. Waits until AWS has reported the owner, too.
 */
const ownersIncident = async ({ incident, journal, deps: { ledger, policy } }: Treatment): Promise<string | null> => {
  const about = incident();
  const matter = treatmentOf(about);
  if (matter === null || !typesOfResource[about.resource.type].ownerTells?.test(about.evidence.owner ?? '')) return null;
  const look = async (): Promise<{ incident: string; sure: boolean } | null> => {
    const { value } = await journal.persist(
      'owner',
      async (at) => {
        const episode = await ledger.readEpisode(about, matter);
        const record = episode && (await ledger.read(episode.opener));
        if (!episode || !record) return null;
        const { outcome } = record;
        if (outcome === null) return { incident: episode.opener, sure: record.begun.length > 0 };
        const ended = Date.parse(outcome.endedAt);
        const stillSo = isResolved(outcome.status) ? about.at <= ended : at - ended <= secondsOf(policy.episodes.quiet) * 1000;
        return !outcome.quiet && stillSo ? { incident: episode.opener, sure: true } : null;
      },
      brief,
    );
    return value.ok ? value.value : null;
  };
  let found = await look();
  if (found === null) {
    await journal.wait('owner-wait', ownerDelay);
    found = await look();
  }
  // One that neither acts nor ends may be unable to tell anybody.
  for (let looks = 0; found && !found.sure && looks < ownerLooks; looks++) {
    await journal.wait('owner-wait', ownerDelay);
    found = await look();
  }
  return found?.sure ? found.incident : null;
};

/** The condition of a group that can't launch. */
export const launchesOf = (group: string): string => `launch-failed of group ${group}`;

/** When people are reminded after it began, in seconds. */
const reminders = [hours(4), hours(24)] as const;
/** A longer episode starts over, so that no execution lasts for ever; in seconds. */
const maxDuration = hours(72);
/** The maximum number of reads: each takes operations, which are limited per execution. */
const maxReads = 500;
/** When a failed first notification is retried, in seconds. */
const retryDelay = minutes(5);

/** The result of an episode: another incident reports it, or this one does, with the number of incidents that joined. */
export type Gathered = { opener: string } | { joined: number; seconds: number };

type Gathering = {
  matter: string;
  /** Another incident that tells people of it all the same; null for none. */
  elsewhere?: () => Promise<string | null>;
  /** Called once this incident is the one that reports; repeated after a while if it returns `again`. */
  onOpen?: () => Promise<'done' | 'again'>;
  /** Called while it lasts. */
  onReminder?: (episode: Episode) => Promise<void>;
};

/**
 * Joins the current episode, or opens one and waits until nothing has joined it for the policy's quiet period. Null if the ledger is
 * unavailable: then each incident reports for itself.
 */
export const gather = async (
  { incident, journal, deps: { ledger, policy } }: Treatment,
  { matter, elsewhere, onOpen, onReminder }: Gathering,
): Promise<Gathered | null> => {
  const about = incident();
  const quiet = secondsOf(policy.episodes.quiet);
  const openOrJoin = async (): Promise<Episode | null> => {
    const { value } = await journal.persist('episode', (at) => ledger.joinEpisode(about, matter, about.key, at, quiet * 1000), brief);
    return value.ok ? value.value : null;
  };
  const read = async (): Promise<Episode | null> => {
    const { value } = await journal.persist('episode', () => ledger.readEpisode(about, matter), brief);
    return value.ok ? value.value : null;
  };
  const hasEnded = async (incident: string): Promise<boolean> => {
    const { value } = await journal.persist('episode', async () => (await ledger.read(incident))?.outcome != null, brief);
    return value.ok && value.value;
  };
  const takeOver = async (left: Episode): Promise<void> => {
    if (!(await ledger.endEpisode(about, matter, left))) throw new Error('another incident has joined it meanwhile');
  };
  const first = await openOrJoin();
  if (!first) return null;
  const dead = first.opener !== about.key && (await hasEnded(first.opener));
  // Its opener's execution has died and would not report what joins it.
  if (dead) await journal.persist('episode-end', () => takeOver(first), brief);
  const joined = dead ? await openOrJoin() : first;
  // While others keep joining it, it can't be taken over: then only this incident reports itself.
  if (!joined || (dead && joined.opener === first.opener)) return null;
  let episode: Episode = joined;
  if (episode.opener !== about.key) return { opener: episode.opener };
  const other = (await elsewhere?.()) ?? null;
  if (other !== null) {
    const own = episode;
    await journal.persist('episode-end', () => ledger.endEpisode(about, matter, own), onceOnly);
    return { opener: other };
  }
  let opening = await onOpen?.();
  const left = [...reminders];
  for (let count = 1; ; count++) {
    const seconds = (episode.lastAt - episode.openedAt) / 1000;
    const age = (journal.now() - episode.openedAt) / 1000;
    const over = (episode.lastAt - journal.now()) / 1000 + quiet;
    if (left[0] !== undefined && age >= left[0]) {
      left.shift();
      if (over > 0) await onReminder?.(episode);
    }
    const enough = age >= maxDuration || count >= maxReads;
    if (over <= 0 || enough) {
      const ending: Episode = episode;
      const { value } = await journal.persist('episode-end', () => ledger.endEpisode(about, matter, ending), brief);
      if (!value.ok || value.value || enough) return { joined: episode.joined, seconds };
    } else {
      const most = opening === 'again' ? retryDelay : (left[0] ?? maxDuration) - age;
      await journal.wait('episode-wait', Math.min(over, most));
      if (opening === 'again') opening = await onOpen?.();
    }
    // If it can't be read, assume that it continues: people have been notified.
    const now: Episode = (await read()) ?? episode;
    // Another incident found it over and opened a new one, which reports what joined since.
    if (now.opener !== about.key) return { joined: episode.joined, seconds };
    episode = now;
  }
};

const times = ({ joined }: { joined: number }): string => `${joined + 1} times`;

/** Notifies people while an incident is open. The first try also notifies the chat and the bus. Returns why it failed, or null. */
export const createInterims = ({ incident, journal, deps }: Treatment) => {
  let tried = false;
  return async (kind: 'opened' | 'reminder', headline: string, text: string): Promise<CallError | null> => {
    const about = { ...summaryOf(incident()), kind, headline, reason: text };
    const notify = (again: boolean) => (at: number) => deps.reporter.interim({ ...about, at: new Date(at).toISOString() }, again);
    // The first try also notifies the chat and the bus; retries only notify people.
    const first = tried && kind === 'opened' ? null : (await journal.persist('tell-episode', notify(false), onceOnly)).value;
    tried = true;
    if (first?.ok) return null;
    const { value } = await journal.persist('tell-episode', notify(true), brief);
    return value.ok ? null : value.error;
  };
};

/** Reports an episode when it begins, while it lasts, and when it is over: once each, however many events it has. */
export const reportEpisode = async (treatment: Treatment, matter: string, reason: string): Promise<TreatmentResult> => {
  const { failure } = treatment.incident();
  const word = createInterims(treatment);
  let opened = false;
  const came = await gather(treatment, {
    matter,
    elsewhere: () => ownersIncident(treatment),
    onOpen: async () => {
      const text = `${reason}; repeats of it join this incident, and its outcome reports them`;
      const error = await word('opened', `${failure} needs you`, text);
      opened = error === null;
      // A notification that may have arrived is not repeated before the end.
      return opened || error?.kind === 'uncertain' ? 'done' : 'again';
    },
    onReminder: async (episode) => {
      const lasts = formatDuration((episode.lastAt - episode.openedAt) / 1000);
      await word('reminder', `${failure} continues`, `it continues: ${times(episode)} in ${lasts} so far: ${reason}`);
    },
  });
  const escalated = (text: string, quiet = false): TreatmentResult => ({ status: 'escalated', verified: false, reason: text, quiet });
  if (!came) return escalated(reason);
  if ('opener' in came) return escalated(`${reason}; it is part of incident ${came.opener}`, true);
  if (came.joined === 0) return { ...escalated(`${reason}; it did not repeat`, opened), opened: true };
  return { ...escalated(`${times(came)} in ${formatDuration(came.seconds)}: ${reason}`), opened: true, notified: opened };
};

/**
 * An alarm on a resource that was healthy, or recovered by itself: one message once it has been quiet for a while, with the number of times
 * it fired. It isn't urgent.
 */
export const reportFlapping = async (treatment: Treatment, recovered: TreatmentResult): Promise<TreatmentResult> => {
  const { alarm, resource } = treatment.incident();
  if (!alarm) return recovered;
  const came = await gather(treatment, { matter: `alarm ${alarm.name} over ${resource.type} ${resource.id}` });
  if (!came) return recovered;
  if ('opener' in came) return { ...recovered, reason: `${recovered.reason}; it is part of incident ${came.opener}`, quiet: true };
  if (came.joined < 2) return recovered;
  const often = `alarm ${alarm.name} fired ${times(came)} in ${formatDuration(came.seconds)}`;
  const advice = recovered.hadFailed
    ? `; the ${resource.type} had failed and recovered by itself: find out why`
    : ` over a healthy ${resource.type}: check its threshold and period`;
  return { ...recovered, reason: `${often}${advice}; ${recovered.reason}` };
};
