import { sortError } from '../aws/call.ts';
import type { Guard, GuardAnswer, GuardInput } from './guard.ts';

/** Plain data, for the checkpoint: the answer, and one line for the timeline. */
export type Asked = GuardAnswer & { text: string; guard?: string };

/**
 * Asks the guards in turn and stops at the first that does not pass. One that throws, or answers nothing sensible, is a hold; a
 * throttled or lost look-up is one that may pass.
 */
export const askGuards = async (guards: readonly Guard[], input: GuardInput): Promise<Asked> => {
  const passed: string[] = [];
  for (const guard of guards) {
    const given = await askOne(guard, input);
    if (given.answer !== 'pass') {
      return {
        ...given,
        guard: guard.id,
        text: `${guard.id} says ${given.answer}: ${given.reason}${passed.length > 0 ? ` (passed: ${passed.join(', ')})` : ''}`,
      };
    }
    passed.push(guard.id);
  }
  return { answer: 'pass', text: `all pass: ${passed.join(', ')}` };
};

const answers = new Set<unknown>(['pass', 'hold', 'skip', 'ask', 'escalate'] satisfies GuardAnswer['answer'][]);

const askOne = async (guard: Guard, input: GuardInput): Promise<GuardAnswer> => {
  try {
    const given = await guard.check(input);
    return answers.has(given?.answer) ? given : { answer: 'hold', reason: `${guard.id} gave no answer` };
  } catch (error) {
    const { kind, code, message } = sortError(error);
    return { answer: 'hold', reason: `${guard.id} could not find out: ${code}: ${message}`, passing: kind !== 'refused' };
  }
};
