import { attempt, explain } from '../aws/call.ts';
import { type Backoff, backoffSeconds, brief, onceOnly } from '../model/backoff.ts';
import type { ChannelId } from '../model/channel-id.ts';
import { formatDuration } from '../model/duration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reporter } from '../ports/reporter.ts';
import { channelsOf, notifyBy } from './channels.ts';
import { giveBack } from './held-leases.ts';
import type { Journal } from './journal.ts';
import { type Settled, settle } from './settle.ts';

/** A failed delivery is retried for most of a day before the execution fails. */
const deliveryBackoff: Backoff = { initial: 5, cap: 1800, attempts: 60 };
/** A delivery that may have succeeded is repeated rarely, at last once an hour, for most of a day: each may be a duplicate. */
const uncertainBackoff: Backoff = { initial: 60, cap: 3600, attempts: 48 };
/** People may wait some minutes, so that they don't get an outcome that another one replaces; but they are notified in any case. */
const recordBackoff: Backoff = { initial: 5, cap: 30, attempts: 6 };

/** A pending task, with its tries and when it is due. */
type Task = {
  name: string;
  run: (at: number, again: boolean, unsure: boolean) => Promise<unknown>;
  channel?: ChannelId;
  tries: number;
  due: number;
  /** The response to an earlier try was lost. */
  unsure?: boolean;
};

/** What the first try of a channel came to that is notified in the step that records the outcome; no error if it succeeded. */
type Along = { id: ChannelId; error: CallError | null };

/**
 * Releases the incident's leases, records the outcome, then notifies every channel. The record comes first, since the first outcome stands:
 * whatever becomes of this execution, no other one is reported. Channels that a copy does no harm are notified in the same step, each of the
 * others in one of its own, so that a process that dies in between repeats no message to people that has been recorded. Each is tried once; failed ones are retried separately, and the ledger records who has been notified. Returns the outcome that stands.
 * || @throws {Error} if a channel could not be notified, after the others have been. An outcome that could not be recorded is reported all
 * the same.
 */
export const reportOutcome = async (
  proposed: Outcome,
  leases: Iterable<Leasable>,
  { journal, ledger, reporter }: { journal: Journal; ledger: Ledger; reporter: Reporter },
): Promise<Outcome> => {
  const { persist, note, wait, now } = journal;
  let held = [...leases];
  const notified: ChannelId[] = [];
  /** The result of a first try of each channel that is notified along with the record. */
  const notifyAlong = async ({ outcome, notified: before }: Settled, at: number): Promise<Along[]> => {
    const due = channelsOf(reporter, outcome).filter(({ id, withRecord }) => withRecord && !before.includes(id));
    const along: Along[] = [];
    for (const channel of due) {
      const result = await attempt(() => notifyBy(channel, outcome, { reporter, at, again: false, unsure: false }));
      along.push({ id: channel.id, error: result.ok ? null : result.error });
    }
    return along;
  };
  /** A lease that can't be released doesn't keep the outcome from being recorded. */
  const record = async () => {
    const left: Leasable[] = [];
    for (const lease of held) if (!(await attempt(() => ledger.release(lease, proposed.incident))).ok) left.push(lease);
    held = left;
    return { left, settled: await settle(proposed, ledger) };
  };
  const recordAndNotify = async (at: number) => {
    const { left, settled } = await record();
    const along = await notifyAlong(settled, at);
    // An outcome that stands, as nearly always, needn't be checkpointed twice.
    return { left, along, settled: settled.outcome === proposed && settled.notified.length === 0 ? null : settled };
  };
  const { value: recorded, draw: drawn } = await persist('record', recordAndNotify, recordBackoff);
  // Where it can't be recorded, its leases are given back with the record later, or expire.
  if (recorded.ok) await giveBack(recorded.value.left, proposed.incident, journal, ledger);
  const { outcome, notified: before } = (recorded.ok ? recorded.value.settled : null) ?? { outcome: proposed, notified: [] };
  const along = recorded.ok ? recorded.value.along : [];
  notified.push(...before);
  const later: Task[] = [];
  const failures: string[] = [];
  let noted = true;
  const recordNotified = async (backoff: Backoff) => {
    noted = (await persist('note-notified', (at) => ledger.noteNotified(outcome.incident, notified, at), backoff)).value.ok;
  };
  /** Notes what a try of a task came to, `error` being null if it succeeded, and when the next one is due. */
  const tried = (task: Task, error: CallError | null, draw: number): void => {
    const tries = task.tries + 1;
    if (error === null) {
      if (task.channel) notified.push(task.channel);
      return;
    }
    const unsure = task.channel !== undefined && (task.unsure === true || error.kind === 'uncertain');
    const backoff = unsure ? uncertainBackoff : deliveryBackoff;
    if (error.kind === 'refused' || tries >= backoff.attempts) {
      note('decide', `${task.name}: ${explain(error)}`);
      if (task.channel) failures.push(`${task.name}: ${explain(error)}`);
      // After so many lost responses, the sweep must not start over. What is refused in the end may never have arrived before.
      if (task.channel && unsure && error.kind !== 'refused') notified.push(task.channel);
      return;
    }
    const seconds = backoffSeconds(tries, backoff, draw);
    note('wait', `${task.name}: ${error.code}; try ${tries + 1} of ${backoff.attempts} in ${formatDuration(seconds)}`);
    later.push({ ...task, tries, unsure, due: now() + seconds * 1000 });
  };
  const tryTask = async (task: Task): Promise<void> => {
    const { value, draw } = await persist(task.name, (at) => task.run(at, task.tries > 0, task.unsure === true), onceOnly);
    tried(task, value.ok ? null : value.error, draw);
  };

  for (const channel of channelsOf(reporter, outcome)) {
    if (notified.includes(channel.id)) continue;
    const run = (at: number, again: boolean, unsure: boolean) => notifyBy(channel, outcome, { reporter, at, again, unsure });
    const task: Task = { name: `tell-${channel.id}`, run, channel: channel.id, tries: 0, due: now() };
    const early = along.find(({ id }) => id === channel.id);
    if (early) tried(task, early.error, drawn);
    else await tryTask(task);
  }
  // If this execution dies before all are notified, the sweep has to know who has been.
  if (later.length + failures.length > 0) await recordNotified(brief);
  if (!recorded.ok) later.push({ name: 'record', run: record, tries: 0, due: now() });
  for (;;) {
    const next = later.sort((a, b) => a.due - b.due).shift();
    if (!next) break;
    if (next.due > now()) await wait('tell-wait', (next.due - now()) / 1000);
    const before = notified.length;
    await tryTask(next);
    if (notified.length > before && later.length + failures.length > 0) await recordNotified(brief);
  }
  if (failures.length === 0) return outcome;
  if (!noted) await recordNotified(recordBackoff);
  throw new Error(`incident ${outcome.incident} ended ${outcome.status}, but ${failures.join('; ')}`);
};
