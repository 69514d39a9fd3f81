import { attempt, explain } from '../aws/call.ts';
import { type Backoff, brief } from '../model/backoff.ts';
import type { Brief, Incident } from '../model/incident.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Result } from '../ports/call-result.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Journal, StepResult } from './journal.ts';

/** How long to wait for the other copy of an event, which arrives within moments; in seconds. */
const waitSeconds = 20;
/** Retries of an unreadable inbox before what is known has to do. */
const inboxBackoff: Backoff = { initial: 2, cap: 60, attempts: 8 };

/** The best copy: one that allows an action, and of those the one with the most content. The alarm's own actions may come from any copy. */
const bestCopy = (copies: readonly Incident[]): Incident | undefined => {
  const weight = ({ disposition, evidence }: Incident) => (disposition === 'remediate' ? 1000 : 0) + Object.keys(evidence).length;
  const [best] = copies.toSorted((a, b) => weight(b) - weight(a) || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const actions = copies.find(({ alarm }) => alarm?.actions)?.alarm?.actions;
  return best?.alarm && actions ? { ...best, alarm: { ...best.alarm, actions } } : best;
};

/** A copy about another resource is another incident's, whatever its key. */
const isAbout = ({ failure, resource, account, region }: Brief, copy: Incident): boolean =>
  copy.failure === failure &&
  copy.resource.type === resource.type &&
  copy.resource.id === resource.id &&
  copy.account === account &&
  copy.region === region;

/** Whether no other copy could be better. */
const isBest = ({ disposition, alarm }: Incident): boolean => disposition === 'remediate' || alarm === null;

/** The incident, and what a first try to open it in the ledger came to, if there was one. */
type Received = { incident: Incident; opened?: StepResult<Result<Outcome | null>> };

/**
 * Reads the best copy of an incident's event, and opens the incident in the same step. If it would only be escalated, it waits a moment for
 * a better copy and then closes the inbox: an actionable copy that arrives later starts a successor.
 */
export const openInbox = async (about: Brief, journal: Journal, ledger: Inbox & Pick<Ledger, 'open'>): Promise<Received> => {
  // Only the best copy is checkpointed; there is no room for all of them.
  const best = (copies: readonly Incident[]) => bestCopy(copies.filter((copy) => isAbout(about, copy))) ?? null;
  const receive = async (at: number) => {
    const found = best(await ledger.copies(about.key));
    return { found, opened: found && isBest(found) ? await attempt(() => ledger.open(found, at)) : null };
  };
  const { value: first, at, draw } = await journal.persist('inbox', receive, inboxBackoff);
  const { found, opened } = first.ok ? first.value : { found: null, opened: null };
  if (found && opened) return { incident: found, opened: { at, draw, value: opened } };
  if (found) await journal.wait('inbox-wait', waitSeconds);
  if (about.alarm !== null) {
    const { value: last } = await journal.persist('inbox-close', async (at) => best(await ledger.closeInbox(about.key, at)), brief);
    if (last.ok && last.value) return { incident: last.value };
  }
  if (found) return { incident: found };
  const why = first.ok ? 'the ledger has no record of it' : explain(first.error);
  const { inbox: _, ...known } = about;
  const reason = `selfheal received ${about.failure}, but can't read the event: ${why}`;
  return { incident: { ...known, disposition: 'escalate', playbook: null, reason, children: [], evidence: {} } };
};
