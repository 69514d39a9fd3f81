import { brief, onceOnly } from '../model/backoff.ts';
import { formatDuration, hours, minutes, secondsOf } from '../model/duration.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { Incident } from '../model/incident.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Episode } from '../ports/episodes.ts';
import type { Treatment, Verdict } from './treatment-context.ts';

/** What events tell of again and again while it lasts. */
const repeats: ReadonlySet<FailureId> = new Set<FailureId>([
  'launch-failed',
  'terminate-failed',
  'service-impaired',
  'canary-failed',
  'error-rate',
]);

/**
 * The condition that an event tells of, whichever it is of many: one for each class and for whoever owns what failed, a task's service or a
 * member's group. Null for what is an incident of its own. Alarms have their states to tell that they go on.
 */
export const matterOf = ({ failure, resource, alarm, evidence, disposition }: Incident): string | null => {
  if (alarm !== null || disposition !== 'escalate' || !repeats.has(failure)) return null;
  return `${failure} of ${evidence.owner ?? `${resource.type} ${resource.id}`}`;
};

/** Of a group that can't launch. */
export const launchesOf = (group: string): string => `launch-failed of group ${group}`;

/** While it goes on, people are reminded so long after it was opened, in seconds. */
const reminders = [hours(4), hours(24)] as const;
/** What goes on for longer is begun anew, so that no execution lasts for ever; in seconds. */
const longest = hours(72);
/** So often it is looked at, at most: each time takes operations, of which an execution has only so many. */
const mostLooks = 500;
/** What could not be told when it began is told so much later, in seconds. */
const retelling = minutes(5);

/** What has come of an episode: it is another incident's to tell of, or this one's, with all that has joined it. */
export type Gathered = { opener: string } | { joined: number; seconds: number };

type Gathering = {
  matter: string;
  /** Done once it is clear that this incident tells of it, and again after a while where it says that it has to be. */
  onOpen?: () => Promise<'done' | 'again'>;
  /** Done while it goes on. */
  onReminder?: (episode: Episode) => Promise<void>;
};

/**
 * Joins what goes on, or opens it and waits until nothing more has come for the policy's quiet period. Null where the ledger can't be told:
 * then each tells for itself.
 */
export const gather = async (
  { incident, journal, deps: { ledger, policy } }: Treatment,
  { matter, onOpen, onReminder }: Gathering,
): Promise<Gathered | null> => {
  const about = incident();
  const quiet = secondsOf(policy.episodes.quiet);
  const ask = async (): Promise<Episode | null> => {
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
    if (!(await ledger.endEpisode(about, matter, left))) throw new Error('somebody has joined it meanwhile');
  };
  const first = await ask();
  if (!first) return null;
  const dead = first.opener !== about.key && (await hasEnded(first.opener));
  // Its execution has died, and nobody would tell of what joins it.
  if (dead) await journal.persist('episode-end', () => takeOver(first), brief);
  const joined = dead ? await ask() : first;
  // While others go on joining it, it can't be taken over: then nobody tells of this one but itself.
  if (!joined || (dead && joined.opener === first.opener)) return null;
  let episode: Episode = joined;
  if (episode.opener !== about.key) return { opener: episode.opener };
  let opening = await onOpen?.();
  const left = [...reminders];
  for (let looks = 1; ; looks++) {
    const seconds = (episode.lastAt - episode.openedAt) / 1000;
    const age = (journal.now() - episode.openedAt) / 1000;
    const over = (episode.lastAt - journal.now()) / 1000 + quiet;
    if (left[0] !== undefined && age >= left[0]) {
      left.shift();
      if (over > 0) await onReminder?.(episode);
    }
    const enough = age >= longest || looks >= mostLooks;
    if (over <= 0 || enough) {
      const ending: Episode = episode;
      const { value } = await journal.persist('episode-end', () => ledger.endEpisode(about, matter, ending), brief);
      if (!value.ok || value.value || enough) return { joined: episode.joined, seconds };
    } else {
      const most = opening === 'again' ? retelling : Math.max(1, (left[0] ?? longest) - age);
      await journal.wait('episode-wait', Math.min(over, most));
      if (opening === 'again') opening = await onOpen?.();
    }
    // What can't be read is taken to go on as it was: people have been told.
    const now: Episode = (await read()) ?? episode;
    // Somebody has found it over and begun anew: what has joined that is his to tell of.
    if (now.opener !== about.key) return { joined: episode.joined, seconds };
    episode = now;
  }
};

const times = ({ joined }: { joined: number }): string => `${joined + 1} times`;

/** Tells of what goes on when it begins, while it lasts, and when it is over: once each, however many events tell of it. */
export const tellEpisode = async (treatment: Treatment, matter: string, reason: string): Promise<Verdict> => {
  const { incident, journal, deps } = treatment;
  const { key, failure, severity, resource, account, region } = incident();
  let tried = false;
  const word = async (kind: 'opened' | 'reminder', headline: string, text: string): Promise<CallError | null> => {
    const about = { incident: key, failure, severity, resource, account, region, kind, headline, reason: text };
    const tell = (again: boolean) => (at: number) => deps.reporter.interim({ ...about, at: new Date(at).toISOString() }, again);
    // The chat and the bus are told with the first try, and that alone.
    const first = tried && kind === 'opened' ? null : (await journal.persist('tell-episode', tell(false), onceOnly)).value;
    tried = true;
    if (first?.ok) return null;
    const { value } = await journal.persist('tell-episode', tell(true), brief);
    return value.ok ? null : value.error;
  };
  let opened = false;
  const came = await gather(treatment, {
    matter,
    onOpen: async () => {
      const text = `${reason}; repeats of it join this incident, and its outcome reports them`;
      const error = await word('opened', `${failure} needs you`, text);
      opened = error === null;
      // What somebody may have got is not told again before its end.
      return opened || error?.kind === 'uncertain' ? 'done' : 'again';
    },
    onReminder: async (episode) => {
      const lasts = formatDuration((episode.lastAt - episode.openedAt) / 1000);
      await word('reminder', `${failure} continues`, `it continues: ${times(episode)} in ${lasts} so far: ${reason}`);
    },
  });
  const escalated = (text: string, quiet = false): Verdict => ({ status: 'escalated', verified: false, reason: text, quiet });
  if (!came) return escalated(reason);
  if ('opener' in came) return escalated(`${reason}; it is part of incident ${came.opener}`, true);
  if (came.joined === 0) return escalated(`${reason}; it did not repeat`, opened);
  return { ...escalated(`${times(came)} in ${formatDuration(came.seconds)}: ${reason}`), told: opened };
};

/**
 * An alarm over what was well on every look: one message, once it has been quiet for a while, with how often it went off. It is no news that
 * anybody waits for.
 */
export const tellFlapping = async (treatment: Treatment, well: Verdict): Promise<Verdict> => {
  const { alarm, resource } = treatment.incident();
  if (!alarm) return well;
  const came = await gather(treatment, { matter: `alarm ${alarm.name} over ${resource.type} ${resource.id}` });
  if (!came) return well;
  if ('opener' in came) return { ...well, reason: `${well.reason}; it is part of incident ${came.opener}`, quiet: true };
  if (came.joined < 2) return well;
  const often = `alarm ${alarm.name} fired ${times(came)} in ${formatDuration(came.seconds)} over a healthy ${resource.type}`;
  return { ...well, reason: `${often}: check its threshold and period; ${well.reason}` };
};
