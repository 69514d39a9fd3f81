import { RefusedError } from '../model/errors.ts';
import { summaryOf } from '../model/outcome.ts';
import type { Place } from '../model/place.ts';
import type { Policy } from '../model/policy.ts';
import type { Bounded } from '../ports/deadline.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';
import type { Reporter } from '../ports/reporter.ts';

/** What taking back needs that selfheal has given for a while. */
export type TakeBackDeps<Callers extends object> = Callers & {
  ledger: Pick<Ledger, 'read' | 'noteAfterwards'>;
  reporter: Pick<Reporter, 'interim'>;
  killSwitch: KillSwitch;
  /** The clients of a member, and the switches that hold there. Without it, nothing of members is touched. */
  inMember?: (place: Place, incident: string) => Callers & { killSwitch: KillSwitch };
  policy: Policy;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each of them separately. */
  bounded?: Bounded;
  log?: Log;
};

/**
 * The same with the clients of where it is.
 * @throws {RefusedError} for a member, where there are none
 */
export const inPlaceOf = <Deps extends { inMember?: (place: Place, incident: string) => object }>(
  { place, incident }: { place?: Place | undefined; incident: string },
  deps: Deps,
): Deps => {
  if (!place) return deps;
  if (!deps.inMember)
    throw new RefusedError('NoMembers', `it is in account ${place.account}, ${place.region}, which is treated from elsewhere`);
  return { ...deps, ...deps.inMember(place, incident) };
};

/**
 * Tells people, and notes on the incident that gave it, that it was taken back. Without a record of the incident there is only the log.
 * `again`: it may have been sent already.
 * @throws whatever the SDK throws
 */
export const tellTakenBack = async (
  { ledger, reporter, now }: Pick<TakeBackDeps<object>, 'ledger' | 'reporter' | 'now'>,
  { incident, headline, reason }: { incident: string; headline: string; reason: string },
  again: boolean,
): Promise<void> => {
  const record = await ledger.read(incident);
  if (!record?.incident) return;
  const summary = { ...summaryOf(record.incident), severity: 'low' as const };
  await reporter.interim({ ...summary, at: new Date(now()).toISOString(), headline, reason }, again);
  await ledger.noteAfterwards(incident, reason);
};
