import type { Approval, Decision } from '../model/approval.ts';
import type { ApprovalStore, StoredApproval, Told } from './store.ts';

/** Tells the incident; `over` if it waits no longer. Throws if nobody knows whether it was told. */
export type Tell = (callbackId: string, result: string) => Promise<'told' | 'over'>;

export type DecideDeps = { store: ApprovalStore; tell: Tell };

/**
 * - `decided`: this decision is the first, and the incident knows it.
 * - `already`: somebody had decided before; that decision stands.
 * - `over`: too late.
 * - `untold`: decided, but it is not known whether the incident has been told: since telling failed, or is under way.
 */
export type Decided =
  | { result: 'decided' | 'already'; decision: Decision }
  | { result: 'untold'; decision: Decision; error: unknown | null }
  | { result: 'over' };

/** While whoever decided first may still be telling the incident, nobody else does. In milliseconds; a call takes far less. */
const tellingTakes = 30_000;

/** What the driver reads. The name is what somebody typed, so it is told apart from what is known. */
export const answerOf = ({ decision, name, from }: Decision): string =>
  JSON.stringify({ decision, by: name === null ? `someone at ${from}` : `${name} (name not checked) at ${from}` });

/** Tells the incident and notes what came of it. That the note can't be made does no harm: it is only told once more then. */
const pass = async ({ id, callbackId }: Approval, decision: Decision, again: boolean, { store, tell }: DecideDeps): Promise<Told> => {
  const answer = await tell(callbackId, answerOf(decision));
  // A callback that was answered before, by a try whose own answer was lost, is as closed as one that timed out.
  const told = again && answer === 'over' ? 'unclear' : answer;
  await store.noteTold(id, told).catch(() => {});
  return told;
};

const known = async ({ approval, decision, told }: StoredApproval, now: number, deps: DecideDeps): Promise<Decided> => {
  if (decision === null || told === 'over') return { result: 'over' };
  if (told !== null) return { result: 'already', decision };
  if (now - decision.at < tellingTakes) return { result: 'untold', decision, error: null };
  try {
    await pass(approval, decision, true, deps);
  } catch (error) {
    return { result: 'untold', decision, error };
  }
  return { result: 'already', decision };
};

/**
 * Decides a question, once: the ledger takes the first decision alone, and only then is the incident told. Deciding again changes
 * nothing, except that a decision which the incident never learnt of is passed on, the same one. Throws what the ledger throws.
 */
export const decide = async (stored: StoredApproval, decision: Decision, deps: DecideDeps): Promise<Decided> => {
  const { approval } = stored;
  // The deadline that the ledger compares with stands beside the question; the one within is signed.
  if (stored.decision === null && approval.expiresAt <= decision.at) return { result: 'over' };
  if (!(await deps.store.decide(approval.id, decision))) {
    const latest = await deps.store.read(approval.id);
    return latest ? known({ ...latest, approval }, decision.at, deps) : { result: 'over' };
  }
  try {
    const told = await pass(approval, decision, false, deps);
    return told === 'over' ? { result: 'over' } : { result: 'decided', decision };
  } catch (error) {
    return { result: 'untold', decision, error };
  }
};
