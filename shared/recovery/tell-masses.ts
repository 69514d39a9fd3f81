import { attempt } from '../aws/call.ts';
import { type Common, commonReason } from '../model/mass-failure-text.ts';
import { summaryOf } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Reporter } from '../ports/reporter.ts';

/** What telling of mass failures of several accounts and regions needs. */
export type TellMassesDeps = {
  ledger: Pick<Ledger, 'openMasses' | 'takeUnreported' | 'putBackUnreported' | 'read'>;
  reporter: Pick<Reporter, 'interim'>;
  policy: Pick<Policy, 'massFailure'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each of them separately. */
  bounded?: Bounded;
};

const tellOne = async (common: Common, { ledger, reporter, policy, now }: TellMassesDeps): Promise<boolean> => {
  const { window } = policy.massFailure;
  const unreported = await ledger.takeUnreported(common, now(), { windowMs: window * 1000, quietMs: 2 * window * 1000 });
  if (!unreported) return false;
  const sent = await attempt(async () => {
    const incident = (await ledger.read(unreported.incident))?.incident;
    // It was opened before it could ask who tells.
    if (!incident) throw new Error(`there is no record of incident ${unreported.incident}`);
    const reason = commonReason(common, unreported.places, 2 * window);
    await reporter.interim({ ...summaryOf(incident), at: new Date(now()).toISOString(), headline: 'Mass failure', reason }, false);
  });
  if (sent.ok) return true;
  await ledger.putBackUnreported(common, unreported);
  throw new Error(`mass failures in ${common.of} ${common.id} could not be reported: ${sent.error.code}: ${sent.error.message}`);
};

/**
 * Tells of mass failures that nobody has named yet since others have reported what they have in common: one message for all of them, at most one in
 * a window. Their incidents have ended quietly. Returns how many messages went out.
 * @throws in the end what kept one from being reported; the next sweep tries again
 */
export const tellMasses = async (deps: TellMassesDeps): Promise<number> => {
  const { ledger, bounded = unbounded } = deps;
  let sent = 0;
  let failure: unknown;
  for (const common of await bounded(() => ledger.openMasses())) {
    try {
      if (await bounded(() => tellOne(common, deps))) sent++;
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return sent;
};
