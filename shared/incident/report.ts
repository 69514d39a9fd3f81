import { explain } from '../aws/call.ts';
import type { Leasable, Ledger } from '../aws/ledger.ts';
import type { Backoff } from './backoff.ts';
import type { Journal } from './journal.ts';
import type { Outcome } from './outcome.ts';
import type { Reporter } from './reporter.ts';

/** A notification is tried for most of a day before its failure is the execution's. */
const patient: Backoff = { initial: 5, cap: 1800, attempts: 60 };
/** People are told some minutes later rather than of an outcome that another one might take the place of; but told in any case. */
const minutes: Backoff = { initial: 5, cap: 60, attempts: 8 };
/** A lease runs out by itself, so nobody waits long to give it back. */
const brief: Backoff = { initial: 2, cap: 30, attempts: 4 };

/**
 * Frees what the incident holds, then tells how it ended. The record comes first, since the first outcome stands: whatever becomes of this
 * execution from then on, nobody is told another one. Then people, who may have to act, then machines.
 * Throws if something of it could not be done after a day of trying; the rest has been done then.
 */
export const reportOutcome = async (
  outcome: Outcome,
  leases: Iterable<Leasable>,
  { journal, ledger, reporter }: { journal: Journal; ledger: Ledger; reporter: Reporter },
): Promise<void> => {
  const failures: string[] = [];
  const part = async (name: string, run: () => Promise<unknown>, backoff: Backoff) => {
    const { value } = await journal.persist(name, run, backoff);
    return value.ok ? null : `${name}: ${explain(value.error)}`;
  };
  const must = async (name: string, run: () => Promise<unknown>) => {
    const failure = await part(name, run, patient);
    if (failure) failures.push(failure);
  };
  for (const lease of leases) await part('release', () => ledger.release(lease, outcome.incident), brief);
  const record = () => ledger.close(outcome);
  const unrecorded = await part('record', record, minutes);
  if (!outcome.quiet) await must('announce', () => reporter.announce(outcome));
  // A step of its own: a chat that can't be told must not have people told twice.
  const { chat } = reporter;
  if (!outcome.quiet && chat) await must('chat', () => chat(outcome));
  await must('emit', () => reporter.emit(outcome));
  if (unrecorded !== null) await must('record', record);
  await must('measure', () => reporter.measure(outcome));
  if (failures.length > 0) throw new Error(`incident ${outcome.incident} ended ${outcome.status}, but ${failures.join('; ')}`);
};
