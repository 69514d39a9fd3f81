import { explain } from '../aws/call.ts';
import { type Backoff, brief } from '../model/backoff.ts';
import type { Brief, Incident } from '../model/incident.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Journal } from './journal.ts';

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

/**
 * Reads the best copy of an incident's event. If it would only be escalated, it waits a moment for a better copy and then closes the inbox:
 * an actionable copy that arrives later starts a successor.
 */
export const openInbox = async (about: Brief, journal: Journal, ledger: Inbox): Promise<Incident> => {
  // Only the best copy is checkpointed; there is no room for all of them.
  const read = async (name: string, copies: (at: number) => Promise<Incident[]>, backoff: Backoff) => {
    const run = async (at: number) => bestCopy((await copies(at)).filter((copy) => isAbout(about, copy))) ?? null;
    return (await journal.persist(name, run, backoff)).value;
  };
  const first = await read('inbox', () => ledger.copies(about.key), inboxBackoff);
  const found = first.ok ? first.value : null;
  if (found && (found.disposition === 'remediate' || found.alarm === null)) return found;
  if (found) await journal.wait('inbox-wait', waitSeconds);
  if (about.alarm !== null) {
    const last = await read('inbox-close', (at) => ledger.closeInbox(about.key, at), brief);
    if (last.ok && last.value) return last.value;
  }
  if (found) return found;
  const why = first.ok ? 'the ledger has no record of it' : explain(first.error);
  const { inbox: _, ...known } = about;
  const reason = `selfheal received ${about.failure}, but can't read the event: ${why}`;
  return { ...known, disposition: 'escalate', playbook: null, reason, children: [], evidence: {} };
};
