import { explain } from '../aws/call.ts';
import { type Backoff, backoffSeconds, brief, onceOnly } from '../model/backoff.ts';
import type { ChannelId } from '../model/channel-id.ts';
import { formatDuration } from '../model/duration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reporter } from '../ports/reporter.ts';
import { channelsOf, tellBy } from './channels.ts';
import { giveBack } from './holdings.ts';
import type { Journal } from './journal.ts';
import { settle } from './settle.ts';

/** What isn't told at once is tried for most of a day before its failure is the execution's. */
const patient: Backoff = { initial: 5, cap: 1800, attempts: 60 };
/** What may have been told is told again seldom, in the end once an hour, for most of a day: each time may be one too many. */
const sparing: Backoff = { initial: 60, cap: 3600, attempts: 48 };
/** People are told some minutes later rather than of an outcome that another one might take the place of; but told in any case. */
const minutes: Backoff = { initial: 5, cap: 30, attempts: 6 };

/** Something that is left to do, with the tries that it has had and when it is due. */
type Task = {
  name: string;
  run: (at: number, again: boolean, unsure: boolean) => Promise<unknown>;
  channel?: ChannelId;
  tries: number;
  due: number;
  /** The answer to an earlier try was lost. */
  unsure?: boolean;
};

/**
 * Frees what the incident holds, records how it ended, then tells every channel. The record comes first, since the first outcome stands:
 * whatever becomes of this execution from then on, nobody is told another one. Each channel is tried once; then those that failed are
 * tried again, each by itself, and the ledger knows who has been told. Returns the outcome that stands.
 *
 * Throws if some channel could not be told, once the others have been. What could not be recorded has been told all the same.
 */
export const reportOutcome = async (
  proposed: Outcome,
  leases: Iterable<Leasable>,
  { journal, ledger, reporter }: { journal: Journal; ledger: Ledger; reporter: Reporter },
): Promise<Outcome> => {
  const { persist, note, wait, now } = journal;
  await giveBack(leases, proposed.incident, journal, ledger);
  /** Null where this outcome is the one that stands, as nearly always: it needn't be remembered twice. */
  const record = async () => {
    const settled = await settle(proposed, ledger);
    return settled.outcome === proposed && settled.told.length === 0 ? null : settled;
  };
  const { value: recorded } = await persist('record', record, minutes);
  const { outcome, told: before } = (recorded.ok ? recorded.value : null) ?? { outcome: proposed, told: [] };

  const told: ChannelId[] = [...before];
  const later: Task[] = [];
  const failures: string[] = [];
  let noted = true;
  const noteTold = async (backoff: Backoff) => {
    noted = (await persist('note-told', (at) => ledger.noteTold(outcome.incident, told, at), backoff)).value.ok;
  };
  const tryTask = async (task: Task): Promise<void> => {
    const tries = task.tries + 1;
    const { value, draw } = await persist(task.name, (at) => task.run(at, tries > 1, task.unsure === true), onceOnly);
    if (value.ok) {
      if (task.channel) told.push(task.channel);
      return;
    }
    const unsure = task.channel !== undefined && (task.unsure === true || value.error.kind === 'uncertain');
    const backoff = unsure ? sparing : patient;
    if (value.error.kind === 'refused' || tries >= backoff.attempts) {
      note('decide', `${task.name}: ${explain(value.error)}`);
      if (task.channel) failures.push(`${task.name}: ${explain(value.error)}`);
      // So often without an answer: whoever sees to this execution must not begin anew.
      if (task.channel && unsure) told.push(task.channel);
      return;
    }
    const seconds = backoffSeconds(tries, backoff, draw);
    note('wait', `${task.name}: ${value.error.code}; try ${tries + 1} of ${backoff.attempts} in ${formatDuration(seconds)}`);
    later.push({ ...task, tries, unsure, due: now() + seconds * 1000 });
  };

  for (const channel of channelsOf(reporter, outcome)) {
    if (told.includes(channel.id)) continue;
    const run = (at: number, again: boolean, unsure: boolean) => tellBy(channel, outcome, { reporter, at, again, unsure });
    await tryTask({ name: `tell-${channel.id}`, run, channel: channel.id, tries: 0, due: now() });
  }
  // Should this execution end before all have been told, whoever sees to it has to know whom it needn't tell.
  if (later.length + failures.length > 0) await noteTold(brief);
  if (!recorded.ok) later.push({ name: 'record', run: record, tries: 0, due: now() });
  for (;;) {
    const next = later.sort((a, b) => a.due - b.due).shift();
    if (!next) break;
    if (next.due > now()) await wait('tell-wait', (next.due - now()) / 1000);
    const before = told.length;
    await tryTask(next);
    if (told.length > before && later.length + failures.length > 0) await noteTold(brief);
  }
  if (failures.length === 0) return outcome;
  if (!noted) await noteTold(minutes);
  throw new Error(`incident ${outcome.incident} ended ${outcome.status}, but ${failures.join('; ')}`);
};
