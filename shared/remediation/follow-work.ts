import type { Follow, Progress } from '../actions/action.ts';
import type { Clients } from '../aws/clients.ts';
import { type Backoff, backoffSeconds, onceOnly } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import type { CallError } from '../ports/call-result.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Journal } from './journal.ts';
import type { Performed } from './performed.ts';

/** Between two looks at the work, in seconds. */
const poll: Backoff = { initial: 5, cap: 20, attempts: Number.POSITIVE_INFINITY };
/** How long work whose start was not confirmed may take to be listed, in seconds. */
const listedWithin = 120;
/** How long cancelled work may take to end, in seconds: what is not delivered or doesn't respond goes on for its own time limit. */
const endsWithin = 3600;

type Work = {
  target: Resource;
  facts: ResourceSnapshot;
  policy: Policy;
  reference: string;
  /** When its call was made, in milliseconds since the epoch. */
  since: number;
  /** Whether the call was answered; without an answer it may have been made or not. */
  answered: boolean;
};
type Deps = {
  journal: Journal;
  clients: Clients;
  killSwitch: KillSwitch;
  renewLeases?: (() => Promise<void>) | undefined;
};

/**
 * Follows the work that a call has started to its end, cancelling it when its time is over. Nothing else is done before it has ended: a
 * reboot under a running command could do more harm than either. It is never started again: where nothing tells whether it has begun, a
 * person has to look.
 */
export const followWork = async (
  follow: Follow,
  name: string,
  work: Work,
  { journal, clients, killSwitch, renewLeases }: Deps,
): Promise<Performed> => {
  const { since, answered, policy } = work;
  const { pace = poll } = follow;
  const within = typeof follow.within === 'number' ? follow.within : follow.within(policy);
  const lost = (code: string, message: string): Performed => ({ result: 'lost', error: { kind: 'uncertain', code, message } });
  const elapsed = (from: number): number => (journal.now() - from) / 1000;
  let cancelled: number | null = null;
  let off = false;
  let seen: Progress | null = null;
  let said = '';
  for (let looks = 1; ; looks++) {
    await journal.wait(`follow-${name}`, backoffSeconds(looks, pace, 1));
    await renewLeases?.();
    const { value } = await journal.persist(`follow-${name}`, () => follow.find(clients, work), onceOnly);
    const error: CallError | null = value.ok ? null : value.error;
    // What has been seen once is not gone because a list doesn't show it: such lists are eventually consistent.
    seen = (value.ok ? value.value : null) ?? seen;
    if (seen && seen.state !== 'running') break;
    const line = seen ? `it is ${seen.says}` : error ? `it could not be looked at: ${error.code}` : 'it is not listed yet';
    if (line !== said) journal.note('act', line);
    said = line;
    const patience = answered || error ? Math.max(listedWithin, within) : listedWithin;
    if (!seen && elapsed(since) >= patience) {
      const why = error ? `it could not be looked at (${error.code})` : 'it is not listed';
      return lost(
        'NotFound',
        `${answered ? 'it was accepted' : 'its answer was lost'}, and after ${formatDuration(elapsed(since))} ${why}`,
      );
    }
    if (seen && cancelled === null && follow.endsWithSwitch) {
      const { value: now } = await journal.persist('switch', (at) => killSwitch.read(at), onceOnly);
      off = now.ok && now.value !== 'on';
    }
    if (seen && cancelled === null && (off || elapsed(since) >= within)) {
      const { id } = seen;
      const { value: end } = await journal.persist(`cancel-${name}`, () => follow.cancel(clients, work, id));
      const because = off ? ' because selfheal is switched off' : '';
      journal.note(
        'act',
        `after ${formatDuration(elapsed(since))} it is cancelled${because}${end.ok ? '' : ` in vain: ${end.error.code}`}`,
      );
      cancelled = journal.now();
    }
    if (cancelled !== null && elapsed(cancelled) >= endsWithin)
      return lost('StillRunning', `it was cancelled and still runs ${formatDuration(endsWithin)} later`);
  }
  journal.note('act', `it has ended: ${seen.says}`);
  for (const line of seen.output) journal.note('act', line, undefined, line.length);
  if (off) return { result: 'half-done', error: { kind: 'refused', code: 'SwitchedOff', message: 'selfheal is switched off' } };
  if (seen.state === 'done') return { result: 'acted' };
  return { result: 'failed', error: { kind: 'refused', code: seen.says, message: seen.says } };
};
