import { trailLagMs } from '../aws/change-history.ts';
import { mayHaveActed } from '../model/action-result.ts';
import { clockTime, formatDuration } from '../model/duration.ts';
import type { History } from '../model/outcome.ts';
import { summaryOf } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Interim, Reporter } from '../ports/reporter.ts';
import type { DriverDeps } from './deps.ts';
import { giveBack } from './held-leases.ts';
import { type FoundHistory, lookBack } from './history.ts';
import type { Journal } from './journal.ts';
import type { Treated } from './treatment-context.ts';

type AuthorDeps = Pick<DriverDeps, 'clients' | 'home'> & {
  journal: Journal;
  ledger: Pick<Ledger, 'release'>;
  reporter: Pick<Reporter, 'interim'>;
};

/** Whether nothing was done and a person has to act: only such an outcome may wait for the change's author. */
const needsPerson = ({ status, quiet, actions }: Treated): boolean =>
  (status === 'escalated' || status === 'held') && !quiet && !actions.some(mayHaveActed);

/** The first notification: what failed, what changed, and when. A text message has room for the beginning of the reason. */
const interimOf = ({ incident, reason }: Treated, { text, at }: NonNullable<FoundHistory['awaited']>, until: number) => {
  const { failure, resource } = incident;
  const what = `${failure} on ${resource.type} ${resource.id} needs you: ${text}`;
  const follows = `who did it follows in the outcome, at ${clockTime(until)} at the latest`;
  return (now: number): Interim => ({
    ...summaryOf(incident),
    at: new Date(now).toISOString(),
    headline: `${failure} needs you after a change at ${clockTime(at)}`,
    reason: `${what}; ${follows}. ${reason.replace(`; ${text}`, '')}`,
  });
};

/**
 * Finds out who changed the resource. If the resource shows a change that CloudTrail doesn't have yet, people are notified at once, and the
 * outcome waits until CloudTrail must have it. It doesn't wait if people could not be notified. `notified`: they have been notified before.
 * Returns the remaining leases as well: none is held during the wait.
 */
export const findAuthor = async (
  treated: Treated,
  began: number,
  notified: boolean,
  { journal, ledger, reporter, ...deps }: AuthorDeps,
): Promise<{ history: History; leases: Leasable[] }> => {
  const { leases, incident } = treated;
  const { history, awaited } = await lookBack(treated, began, journal, deps);
  if (awaited === null || !needsPerson(treated)) return { history, leases };
  // The resource's clock may be ahead of ours.
  const until = Math.min(awaited.at, journal.now()) + trailLagMs;
  const word = interimOf(treated, awaited, until);
  // Null after a crash that leaves it uncertain whether people were notified: the outcome notifies them.
  const informed = notified || ((await journal.once('tell-change', (at) => reporter.interim(word(at))))?.value.ok ?? false);
  if (!informed) return { history, leases };
  const left = await giveBack(leases, incident.key, journal, ledger);
  const seconds = (until - journal.now()) / 1000;
  journal.note(
    'wait',
    `people have been notified; waiting ${formatDuration(seconds)} for CloudTrail to show who did this: ${awaited.text}`,
  );
  await journal.wait('author-wait', seconds);
  const again = await lookBack(treated, began, journal, deps);
  return { history: again.queried ? again.history : history, leases: left };
};
