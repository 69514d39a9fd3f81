import { explain } from '../aws/call.ts';
import { brief, onceOnly } from '../model/backoff.ts';
import { formatDuration, hourMs, minuteMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { summaryOf } from '../model/outcome.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';
import type { Journal } from './journal.ts';

/** How long a failing call may delay a treatment before people are notified, in milliseconds. */
const notifyAfter = 9 * minuteMs;
/** A call that fails again only after this long has worked in between, in milliseconds. */
const resetAfter = 15 * minuteMs;
/** A broken dependency is reported once in this period, not by each incident that waits for it. In milliseconds. */
const reportInterval = hourMs;

/** Notifications about a treatment that is delayed by a failing call. */
export type OverdueNotice = {
  /**
   * A call that the treatment needs failed and is retried in so many seconds. People are notified once, if it takes long. `acted`: an
   * action has been taken.
   */
  failing(error: CallError, seconds: number, acted?: boolean): Promise<void>;
  /** Notifies people at once of a failure that no other message will report, once per dependency. False if they could not be notified. */
  notify(error: CallError): Promise<boolean>;
  /** Whether this incident reports a broken dependency; true if that can't be determined. */
  electReporter(error: CallError): Promise<boolean>;
  /** Whether people have been notified of this incident. */
  notified(): boolean;
};

/** Identifies a dependency by the failing call; without a call, by the error's name. */
const matterOf = ({ call, code }: CallError, { account, region }: Incident): string =>
  `dependency ${call ?? code} in ${account}/${region}`.slice(0, 500);

/** Notifies people while a treatment waits for AWS: they learn within minutes that nothing has been done yet, and why. */
export const createOverdueNotice = (
  incident: Incident,
  { journal, ledger, reporter }: { journal: Journal; ledger: Pick<Ledger, 'electReporter'>; reporter: Pick<Reporter, 'interim'> },
): OverdueNotice => {
  let said = false;
  /** The last notification reached people or was another incident's. */
  let delivered = true;
  let notified = false;
  /** The first and last failure of each call, in milliseconds since the epoch. */
  const spans = new Map<string, { first: number; last: number }>();
  const electReporter = async (error: CallError): Promise<boolean> => {
    const matter = matterOf(error, incident);
    const { value } = await journal.persist('dependency', (at) => ledger.electReporter(matter, incident.key, at, reportInterval), brief);
    return !value.ok || value.value;
  };
  const say = async (error: CallError, state: string, headline: string, since: string, next: string): Promise<void> => {
    const { failure, resource } = incident;
    said = true;
    // An error without a call concerns only this incident.
    if (error.call !== undefined && !(await electReporter(error))) return;
    journal.note('wait', `telling people that it is ${headline}: ${explain(error)}`);
    const word = (at: number): Interim => ({
      ...summaryOf(incident),
      headline,
      at: new Date(at).toISOString(),
      reason: `${state}: ${failure} on ${resource.type} ${resource.id}${since}: ${explain(error)}. ${next}`,
    });
    // Tried once: if it is lost, the outcome still follows.
    delivered = (await journal.persist('tell-late', (at) => reporter.interim(word(at)), onceOnly)).value.ok;
    notified = delivered;
  };
  return {
    electReporter,
    notified: () => notified,
    notify: async (error) => {
      if (said) return delivered;
      await say(
        error,
        'NOT TREATED',
        'not treated by selfheal',
        '',
        'Incidents that need this call are not treated either; they send no messages of their own',
      );
      return delivered;
    },
    failing: async (error, seconds, acted = false) => {
      // Throttling is temporary; if not, the outcome reports it.
      if (error.kind === 'throttled') return;
      const now = journal.now();
      const name = error.call ?? error.code;
      const known = spans.get(name);
      const first = known && now - known.last < resetAfter ? known.first : now;
      spans.set(name, { first, last: now + seconds * 1000 });
      const waited = now - first;
      if (said || waited + seconds * 1000 < notifyAfter) return;
      const [state, headline] = acted
        ? ['NOT VERIFIED yet', 'not verified yet by selfheal']
        : ['NOT TREATED yet', 'not treated yet by selfheal'];
      const ago = waited < minuteMs ? '' : `, for ${formatDuration(waited / 1000)}`;
      await say(error, state, headline, ago, 'selfheal keeps trying; the outcome follows if there is more to tell');
    },
  };
};
