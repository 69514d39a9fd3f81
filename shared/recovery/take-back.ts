import type { Clients } from '../aws/clients.ts';
import { summaryOf } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import type { Bounded } from '../ports/deadline.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { Reporter } from '../ports/reporter.ts';

/** What taking back needs that selfheal has given for a while. */
export type TakeBackDeps = {
  ledger: Pick<Ledger, 'read' | 'noteAfterwards'>;
  reporter: Pick<Reporter, 'interim'>;
  cloudWatch: Clients['cloudWatch'];
  killSwitch: KillSwitch;
  policy: Policy;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each of them separately. */
  bounded?: Bounded;
  log?: Log;
};

/**
 * Tells people, and notes on the incident that gave it, that it was taken back. Without a record of the incident there is only the log.
 * `again`: it may have been told already.
 * @throws whatever the SDK throws
 */
export const tellTakenBack = async (
  { ledger, reporter, now }: Pick<TakeBackDeps, 'ledger' | 'reporter' | 'now'>,
  { incident, headline, reason }: { incident: string; headline: string; reason: string },
  again: boolean,
): Promise<void> => {
  const record = await ledger.read(incident);
  if (!record?.incident) return;
  const summary = { ...summaryOf(record.incident), severity: 'low' as const };
  await reporter.interim({ ...summary, at: new Date(now()).toISOString(), headline, reason }, again);
  await ledger.noteAfterwards(incident, reason);
};
