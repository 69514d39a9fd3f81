import { explain } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import type { KillSwitch } from '../aws/kill-switch.ts';
import type { Ledger } from '../aws/ledger.ts';
import type { look } from '../aws/look.ts';
import type { Guard } from '../guards/guard.ts';
import type { PlaybookId } from '../playbooks/ids.ts';
import type { Playbook } from '../playbooks/playbook.ts';
import type { Policy } from '../policy.ts';
import { abridge } from './abridge.ts';
import { findAuthor } from './author.ts';
import type { Durable } from './durable.ts';
import type { Brief, Incident } from './incident.ts';
import { createJournal } from './journal.ts';
import { createLateWord, type LateWord } from './late.ts';
import { openLetters } from './letters.ts';
import { countOperations } from './operations.ts';
import { concludeIncident, type Outcome } from './outcome.ts';
import { particularsOf } from './particulars.ts';
import { reportOutcome } from './report.ts';
import type { Reporter } from './reporter.ts';
import { type Treated, treatIncident } from './treatment.ts';

export type DriverDeps = {
  clients: Clients;
  ledger: Ledger;
  policy: Policy;
  reporter: Reporter;
  /** Where the clients look: what happened elsewhere is not looked for here, where the same names may mean other things. */
  home?: { account: string; region: string };
  /** Without one, nothing but the policy says what may be done. */
  killSwitch?: KillSwitch;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** In [0, 1). */
  random: () => number;
  /** What is looked with, asked and climbed: the real ones unless said otherwise. */
  look?: typeof look;
  guards?: readonly Guard[];
  playbooks?: Readonly<Record<PlaybookId, Playbook>>;
};

/** What is told and remembered of an incident fits into one checkpoint, which takes 256 KB. */
const room = { bytes: 200_000, keep: 100 };

const aboutOf = ({ key, failure, resource, account, region }: Incident | Brief) => ({ incident: key, failure, resource, account, region });

/** What waits in vain for the same broken dependency is told of once; what has been acted upon is a matter of its own. */
const onceForAll = async (treated: Treated, late: LateWord): Promise<Treated> => {
  const { cause, unknown, reason, actions, quiet, incident } = treated;
  if (!cause || quiet || actions.length > 0) return treated;
  // The bus tells of every instance in the account, and whether this one is of any interest nobody could see; what AWS has scheduled is.
  if (unknown && incident.alarm === null && !incident.evidence.deadline) {
    // What could not be told of is told with the outcome, which is tried for most of a day.
    return { ...treated, quiet: await late.tell(cause) };
  }
  if (await late.tells(cause)) return treated;
  return { ...treated, reason: `${reason}; people already know about it`, quiet: true };
};

/**
 * Treats one incident from its first look to its outcome: look → guard → act → verify, rung by rung, then report. It and what it is
 * made of are the only code that talks to the durable engine.
 *
 * Returns the outcome that stands. Throws only if it could not be told everywhere.
 */
export const runIncident = async (heard: Incident | Brief, durable: Durable, deps: DriverDeps): Promise<Outcome> => {
  const { ledger } = deps;
  const operations = countOperations(durable);
  const journal = createJournal(operations.durable, { ...deps, about: aboutOf(heard) });
  const incident = 'inbox' in heard ? await openLetters(heard, journal, ledger) : heard;
  const late = createLateWord(incident, { journal, ...deps });
  const { value: opened } = await journal.persist('open', (at) => ledger.open(incident, at), undefined, 0, late.failing);
  // It has ended before: told again, that would be a second outcome.
  if (opened.ok && opened.value) return opened.value;
  const began = journal.now();
  journal.note('signal', `${incident.failure} on ${incident.resource.type} ${incident.resource.id}: ${incident.reason}`);
  const treated: Treated = opened.ok
    ? await treatIncident(incident, operations, journal, deps, late)
    : {
        status: 'held',
        verified: false,
        reason: `the ledger can't be written: ${explain(opened.error)}`,
        incident,
        actions: [],
        leases: [],
        resourceState: null,
        observed: null,
      };
  operations.conclude();
  const concluded = await onceForAll(treated, late);
  const { status, verified, reason, quiet = false, actions, resourceState } = concluded;
  const endedAt = treated.endedAt ?? journal.now();
  // What AWS announces for a later day begins for us when we hear of it.
  const at = Math.min(incident.at, began);
  const told = treated.told === true || late.told();
  const { history, leases } = await findAuthor(concluded, at, told, { journal, ...deps });
  journal.note('decide', `${status}: ${reason}`);
  const particulars = particularsOf(treated.incident, treated.facts, deps.policy);
  const ending = { status, verified, reason, quiet, endedAt, actions, history, resourceState, particulars, timeline: journal.timeline };
  const outcome = abridge(concludeIncident({ ...treated.incident, at }, ending), room);
  return reportOutcome(outcome, leases, { journal, ...deps });
};
