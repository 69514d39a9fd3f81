import { explain } from '../aws/call.ts';
import { brief, onceOnly } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';
import type { Journal } from './journal.ts';

/** Nobody is left so long without a word of what isn't treated because a call fails, in milliseconds. */
const patience = 9 * 60_000;
/** What fails again only after so long has worked in between, in milliseconds. */
const gap = 15 * 60_000;
/** A dependency that is broken is told of once in such a span, not by each incident that waits for it. In milliseconds. */
const period = 3600_000;

export type LateWord = {
  /**
   * Something that the treatment needs fails, and is tried again in so many seconds. People are told so once, if that is late. `acted`:
   * something has been done.
   */
  failing(error: CallError, seconds: number, acted?: boolean): Promise<void>;
  /**
   * Tells at once, in a message of its own, of something that fails and that no other message will tell of; once for a dependency. False if
   * people could not be told.
   */
  tell(error: CallError): Promise<boolean>;
  /** Whether it is this incident that tells of a broken dependency. Where that can't be found out, it is. */
  tells(error: CallError): Promise<boolean>;
  /** People have had a word of this very incident. */
  told(): boolean;
};

/** Two incidents wait for the same where the same call fails; without a call the error's own name has to do. */
const matterOf = ({ call, code }: CallError, { account, region }: Incident): string =>
  `dependency ${call ?? code} in ${account}/${region}`.slice(0, 500);

/**
 * A word to people while a treatment waits for AWS: whoever carries the pager learns within minutes that nothing has been done yet, and
 * why.
 */
export const createLateWord = (
  incident: Incident,
  { journal, ledger, reporter }: { journal: Journal; ledger: Pick<Ledger, 'tells'>; reporter: Pick<Reporter, 'interim'> },
): LateWord => {
  let said = false;
  /** What was said has reached people, or was another incident's to say. */
  let heard = true;
  let told = false;
  /** By call, when it first failed and when it last did, in milliseconds since the epoch. */
  const spans = new Map<string, { first: number; last: number }>();
  const tells = async (error: CallError): Promise<boolean> => {
    const matter = matterOf(error, incident);
    const { value } = await journal.persist('dependency', (at) => ledger.tells(matter, incident.key, at, period), brief);
    return !value.ok || value.value;
  };
  const say = async (error: CallError, state: string, headline: string, since: string, next: string): Promise<void> => {
    const { key, failure, severity, resource, account, region } = incident;
    said = true;
    // What no call says is nobody else's matter.
    if (error.call !== undefined && !(await tells(error))) return;
    journal.note('wait', `telling people that it is ${headline}: ${explain(error)}`);
    const word = (at: number): Interim => ({
      ...{ incident: key, failure, severity, resource, account, region, headline },
      at: new Date(at).toISOString(),
      reason: `${state}: ${failure} on ${resource.type} ${resource.id}${since}: ${explain(error)}. ${next}`,
    });
    // Once: should it have been lost, the outcome follows.
    heard = (await journal.persist('tell-late', (at) => reporter.interim(word(at)), onceOnly)).value.ok;
    told = heard;
  };
  return {
    tells,
    told: () => told,
    tell: async (error) => {
      if (said) return heard;
      await say(
        error,
        'NOT TREATED',
        'not treated by selfheal',
        '',
        'Incidents that need this call are not treated either; they send no messages of their own',
      );
      return heard;
    },
    failing: async (error, seconds, acted = false) => {
      // AWS says that it will pass; should it not, the outcome says so.
      if (error.kind === 'throttled') return;
      const now = journal.now();
      const name = error.call ?? error.code;
      const known = spans.get(name);
      const first = known && now - known.last < gap ? known.first : now;
      spans.set(name, { first, last: now + seconds * 1000 });
      const waited = now - first;
      if (said || waited + seconds * 1000 < patience) return;
      const [state, headline] = acted
        ? ['NOT VERIFIED yet', 'not verified yet by selfheal']
        : ['NOT TREATED yet', 'not treated yet by selfheal'];
      const ago = waited < 60_000 ? '' : `, for ${formatDuration(waited / 1000)}`;
      await say(error, state, headline, ago, 'selfheal keeps trying; the outcome follows if there is more to tell');
    },
  };
};
