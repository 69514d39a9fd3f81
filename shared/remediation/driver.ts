import { explain } from '../aws/call.ts';
import { abridge } from '../model/abridge.ts';
import type { Brief, Incident } from '../model/incident.ts';
import { concludeIncident, type Outcome } from '../model/outcome.ts';
import type { Durable } from '../ports/durable.ts';
import { findAuthor } from './author.ts';
import type { DriverDeps } from './deps.ts';
import { openInbox } from './inbox-reader.ts';
import { createJournal } from './journal.ts';
import { countOperations } from './operations.ts';
import { createOverdueNotice, type OverdueNotice } from './overdue-notice.ts';
import { particularsOf } from './particulars.ts';
import { reportOutcome } from './report.ts';
import { treatIncident } from './treatment.ts';
import type { Treated } from './treatment-context.ts';

/** An outcome has to fit into one checkpoint of 256 KB. */
const outcomeLimits = { bytes: 200_000, keep: 100 };

const aboutOf = ({ key, failure, resource, account, region }: Incident | Brief) => ({ incident: key, failure, resource, account, region });

/** Incidents that failed because of the same broken dependency are reported once; one with an action is reported separately. */
const reportOncePerCause = async (treated: Treated, late: OverdueNotice): Promise<Treated> => {
  const { cause, unknown, reason, actions, quiet, incident } = treated;
  if (!cause || quiet || actions.length > 0) return treated;
  // The bus carries events of every instance in the account, and it is unknown whether this one matters; an event scheduled by AWS does.
  if (unknown && incident.alarm === null && !incident.evidence.deadline) {
    // If it could not be reported now, the outcome is, which is retried for most of a day.
    return (await late.notify(cause)) ? { ...treated, status: 'held', quiet: true } : { ...treated, quiet: false };
  }
  if (await late.electReporter(cause)) return treated;
  // It is another incident that needs the person.
  return { ...treated, status: 'held', reason: `${reason}; people already know about it`, quiet: true };
};

/**
 * Treats one incident from its first look to its outcome: look → guard → act → verify, rung by rung, then report. Only this module and its
 * parts talk to the durable engine.
 * Returns the outcome that stands.
 * || @throws {Error} if it could not be reported on every channel
 */
export const runIncident = async (received: Incident | Brief, durable: Durable, given: DriverDeps): Promise<Outcome> => {
  const deps = given.home && given.members ? { ...given, ...given.members(received, given.home) } : given;
  const { ledger } = deps;
  const operations = countOperations(durable);
  const journal = createJournal(operations.durable, { ...deps, about: aboutOf(received) });
  const { incident, opened: first } = 'inbox' in received ? await openInbox(received, journal, ledger) : { incident: received };
  const late = createOverdueNotice(incident, { journal, ...deps });
  const { value: opened } = await journal.persist('open', (at) => ledger.open(incident, at), undefined, 0, {
    onFailure: late.failing,
    first,
  });
  // It has already ended: reporting again would be a second outcome.
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
  const concluded = await reportOncePerCause(treated, late);
  const { status, verified, reason, quiet = false, actions, resourceState } = concluded;
  const endedAt = treated.endedAt ?? journal.now();
  // An event announced for a later day begins when it is received.
  const at = Math.min(incident.at, began);
  const notified = treated.notified === true || late.notified();
  const { history, leases } = await findAuthor(concluded, at, notified, { journal, ...deps });
  journal.note('decide', `${status}: ${reason}`);
  const particulars = particularsOf(treated.incident, treated.facts, deps.policy);
  const news = { quiet, opened: concluded.opened === true };
  const ending = { status, verified, reason, ...news, endedAt, actions, history, resourceState, particulars, timeline: journal.timeline };
  const outcome = abridge(concludeIncident({ ...treated.incident, at }, ending), outcomeLimits);
  return reportOutcome(outcome, leases, { journal, ...deps });
};
