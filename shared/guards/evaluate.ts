import { classifyError, explain } from '../aws/call.ts';
import type { GuardSaid } from '../model/outcome.ts';
import type { Guard, GuardAnswer, GuardInput } from './guard.ts';

/** Plain data for the checkpoint: the answer, and one line for the timeline. */
export type GuardDecision = GuardAnswer & {
  text: string;
  /** The guard that didn't pass. */
  guard?: string;
  /** Why only a dry run is allowed, if so; also set when an approval is required. */
  dryRunOnly?: string;
  answers: GuardSaid[];
};

/**
 * Asks the guards in order and stops at the first that doesn't pass. A guard that throws or returns an invalid answer holds the action;
 * after a throttled or uncertain call the hold is temporary.
 */
export const evaluateGuards = async (guards: readonly Guard[], input: GuardInput): Promise<GuardDecision> => {
  const answers: GuardSaid[] = [];
  const passed: string[] = [];
  let dryRunOnly: string | undefined;
  for (const guard of guards) {
    const given = await evaluateGuard(guard, input);
    const reason = given.answer === 'pass' ? given.dryRunOnly : given.reason;
    answers.push({ guard: guard.id, answer: given.answer, ...(reason === undefined ? {} : { reason: reason.slice(0, 300) }) });
    if (given.answer !== 'pass') {
      return {
        ...given,
        ...(dryRunOnly === undefined ? {} : { dryRunOnly }),
        guard: guard.id,
        answers,
        text: `${guard.id} says ${given.answer}: ${given.reason}${passed.length > 0 ? ` (passed: ${passed.join(', ')})` : ''}`,
      };
    }
    dryRunOnly ??= given.dryRunOnly;
    passed.push(guard.id);
  }
  const text = `all pass: ${passed.join(', ')}`;
  return dryRunOnly === undefined
    ? { answer: 'pass', text, answers }
    : { answer: 'pass', text: `${text}, but only in a dry run: ${dryRunOnly}`, dryRunOnly, answers };
};

/** In characters; a reason may contain a tag. */
const maxReasonLength = 1000;
const known = new Set<unknown>(['pass', 'hold', 'skip', 'ask', 'escalate'] satisfies GuardAnswer['answer'][]);

const evaluateGuard = async (guard: Guard, input: GuardInput): Promise<GuardAnswer> => {
  try {
    const given = await guard.check(input);
    if (!known.has(given?.answer)) return { answer: 'hold', reason: `${guard.id} gave no answer` };
    return given.answer === 'pass' ? given : { ...given, reason: given.reason.slice(0, maxReasonLength) };
  } catch (error) {
    const found = classifyError(error);
    return {
      answer: 'hold',
      reason: `${guard.id} could not check: ${explain(found)}`,
      passing: found.kind !== 'refused',
      unseen: true,
      error: found,
    };
  }
};
