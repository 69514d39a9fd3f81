import { type Approval, type Decision, deciderOf } from '../model/approval.ts';
import type { ApprovalStore, DeliveryStatus, StoredApproval } from './store.ts';

/**
 * Passes the decision to the incident; `over` if it is no longer waiting.
 * @throws if it is unknown whether the incident got it
 */
export type CompleteCallback = (callbackId: string, result: string) => Promise<'delivered' | 'over'>;

export type DecideDeps = { store: ApprovalStore; completeCallback: CompleteCallback };

/**
 * - `decided`: this decision is the first, and the incident has it.
 * - `already`: an earlier decision stands.
 * - `over`: too late.
 * - `undelivered`: recorded, but the incident may not have it, because passing it on failed or is in progress.
 */
export type Decided =
  | { result: 'decided' | 'already'; decision: Decision }
  | { result: 'undelivered'; decision: Decision; error: unknown | null }
  | { result: 'over' };

/** While the first decider's request may still be passing it on, no other does. In milliseconds; the call takes far less. */
const deliveryTimeout = 30_000;

/** The text that the driver reads. */
export const answerOf = (decided: Decision): string => JSON.stringify({ decision: decided.decision, by: deciderOf(decided) });

/** Passes the decision on and records the result. If recording fails, the decision is only passed on once more. */
const deliver = async (
  { id, callbackId }: Approval,
  decision: Decision,
  again: boolean,
  { store, completeCallback }: DecideDeps,
): Promise<DeliveryStatus> => {
  const answer = await completeCallback(callbackId, answerOf(decision));
  // After a lost response, an answered callback looks like one that timed out.
  const delivery = again && answer === 'over' ? 'unclear' : answer;
  await store.noteNotified(id, delivery).catch(() => {});
  return delivery;
};

const handleDecided = async ({ approval, decision, delivery }: StoredApproval, now: number, deps: DecideDeps): Promise<Decided> => {
  if (decision === null || delivery === 'over') return { result: 'over' };
  if (delivery !== null) return { result: 'already', decision };
  if (now - decision.at < deliveryTimeout) return { result: 'undelivered', decision, error: null };
  try {
    await deliver(approval, decision, true, deps);
  } catch (error) {
    return { result: 'undelivered', decision, error };
  }
  return { result: 'already', decision };
};

/**
 * Decides a request once: the ledger accepts only the first decision, and then it is passed to the incident. Deciding again changes
 * nothing, but passes on a recorded decision that the incident may lack.
 * @throws whatever the ledger throws
 */
export const decide = async (stored: StoredApproval, decision: Decision, deps: DecideDeps): Promise<Decided> => {
  const { approval } = stored;
  // The deadline in the ledger's condition is not signed; this one is.
  if (stored.decision === null && approval.expiresAt <= decision.at) return { result: 'over' };
  if (!(await deps.store.decide(approval.id, decision))) {
    const latest = await deps.store.read(approval.id);
    return latest ? handleDecided({ ...latest, approval }, decision.at, deps) : { result: 'over' };
  }
  try {
    const delivery = await deliver(approval, decision, false, deps);
    return delivery === 'over' ? { result: 'over' } : { result: 'decided', decision };
  } catch (error) {
    return { result: 'undelivered', decision, error };
  }
};
