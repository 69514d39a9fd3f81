import { explain } from '../aws/call.ts';
import { readTrail, trailLagMs } from '../aws/change-history.ts';
import type { Backoff } from '../model/backoff.ts';
import { describeChange } from '../model/change.ts';
import { minuteMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { type Change, type History, noHistory, notAsked } from '../model/outcome.ts';
import { isSamePlace } from '../model/place.ts';
import type { Status } from '../model/status.ts';
import { type Observation, trailNameOf } from '../resources/observe.ts';
import type { DriverDeps } from './deps.ts';
import type { Journal } from './journal.ts';
import { likelyCause } from './likely-cause.ts';

/** How far back from the failure to look, in milliseconds: a change usually breaks something within the hour. */
const lookBackTime = 90 * minuteMs;
/** The number of changes in an outcome, which has to fit into one message. */
const maxChanges = 5;
/** A few seconds of tries only: people wait for the outcome, and a storm of incidents shares two look-ups a second. */
const shortBackoff: Backoff = { initial: 2, cap: 8, attempts: 3 };

/** The maximum difference between a resource's own time of a change and that of the call, in milliseconds: assumed. */
const sameChange = minuteMs;

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16);

type Seen = { incident: Incident; status: Status; quiet?: boolean; observed?: Observation | null };

/** Why CloudTrail is not asked; null if it is. */
const whyNoLookUp = ({ incident, status, quiet }: Seen, home: DriverDeps['home']): string | null => {
  if (quiet) return 'no message goes out about this';
  // Recovered without an action: the look-ups are for people who have to find a cause.
  if (status === 'healed-itself') return 'it healed by itself';
  if (home && !isSamePlace(incident, home)) return 'it happened in another account or region';
  return trailNameOf(incident) === null ? `CloudTrail keeps no calls by ${incident.resource.type}` : null;
};

/** EC2's error code for a successful dry run, as in CloudTrail. */
const dryRunCode = 'Client.DryRunOperation';

/**
 * Reads, dry runs and AWS's own calls are not changes; this incident's calls are among its actions. CloudTrail's times are in whole
 * seconds.
 */
const isChange = (
  { readOnly, byService, selfheal, at, error }: { readOnly: boolean; byService: boolean } & Pick<Change, 'selfheal' | 'at' | 'error'>,
  began: number,
): boolean => !readOnly && !byService && error !== dryRunCode && !(selfheal && Date.parse(at) >= Math.floor(began / 1000) * 1000);

/** A change that the resource itself shows at once. In milliseconds since the epoch. */
type OwnChange = NonNullable<Observation['change']>;

/** Whether CloudTrail has a call that may be that change. */
const isAttributed = (own: OwnChange, changes: readonly Change[]): boolean =>
  changes.some(({ at, error }) => error === null && Math.abs(Date.parse(at) - own.at) <= sameChange);

/** `awaited`: a change that the resource shows but CloudTrail doesn't yet. */
export type FoundHistory = { history: History; awaited: OwnChange | null; queried: boolean };

const nothing = (note: string): FoundHistory => ({ history: noHistory(note), awaited: null, queried: false });

/** The newest changes, including the likely cause. */
const pick = (changes: readonly Change[], cause: Change | undefined): Change[] => {
  const first = changes.slice(0, maxChanges);
  return cause && !first.includes(cause) ? [...first.slice(0, maxChanges - 1), cause] : first;
};

/**
 * Looks up recent changes of the resource and which of them most likely caused the failure. `began` is the beginning of the episode in
 * milliseconds since the epoch. A failed look-up is noted and stops nothing. CloudTrail may be 15 minutes late; it doesn't wait, but notes
 * that changes may be missing.
 */
export const lookBack = async (
  seen: Seen,
  began: number,
  journal: Journal,
  { clients, home }: Pick<DriverDeps, 'clients' | 'home'>,
): Promise<FoundHistory> => {
  const not = whyNoLookUp(seen, home);
  if (not) return nothing(notAsked(not));
  const { incident, observed = null } = seen;
  const own = observed?.change ?? null;
  const name = trailNameOf(incident) ?? incident.resource.id;
  const from = began - lookBackTime;
  const { value, at: now } = await journal.persist(
    'history',
    async (at) => {
      const { calls, cut } = await readTrail(clients.cloudTrail, name, { from, to: at });
      const changes = calls
        .filter((call) => isChange(call, began))
        .map(({ readOnly: _, byService: __, ...change }): Change => change)
        .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
      const cause = likelyCause(incident.failure, changes, began);
      const missing = own !== null && !isAttributed(own, changes);
      return { changes: pick(changes, cause?.change), likelyCause: cause, missing, cut, more: changes.length > maxChanges };
    },
    shortBackoff,
  );
  if (!value.ok) {
    const note = `CloudTrail could not be asked: ${explain(value.error)}`;
    journal.note('look', note);
    return nothing(note.slice(0, 300));
  }
  const { changes, likelyCause: cause, missing, cut, more } = value.value;
  const unattributed = missing ? own : null;
  const late = unattributed !== null && now < unattributed.at + trailLagMs;
  const notes = [
    unattributed ? `CloudTrail doesn't show${late ? ' yet' : ''} who did this: ${unattributed.text}` : '',
    now - trailLagMs < began ? `CloudTrail may not have all calls yet after ${clock(now - trailLagMs)}` : '',
    cut ? 'older calls were not read' : more ? 'older changes are omitted' : '',
  ].filter((note) => note !== '');
  const changesNote = notes.length > 0 ? notes.join('; ') : null;
  const [newest] = changes;
  const line = cause
    ? `likely cause: ${describeChange(cause.change)}; ${cause.because}`
    : newest
      ? `no earlier change stands out as its cause; the latest: ${describeChange(newest)}`
      : `CloudTrail has no change of it since ${clock(from)}`;
  journal.note('look', changesNote ? `${line} (${changesNote})` : line);
  return { history: { changes, likelyCause: cause, changesNote }, awaited: late ? unattributed : null, queried: true };
};
