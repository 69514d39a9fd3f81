import type { GuardInput } from '../../shared/guards/guard.ts';
import { type Answer, recordingClients } from '../aws/recorder.ts';
import { guardInput } from './examples.ts';

type Answers = Readonly<Record<string, Answer | ((input: Record<string, unknown>) => Answer)>>;

/** What a guard is asked whose look-ups are answered so; any other call is an error. And the calls that it makes. */
export const lookingUp = (answers: Answers, change: Partial<GuardInput> = {}) => {
  const { clients, calls } = recordingClients((permission, input) => {
    const answer = answers[permission] ?? new Error(`an unexpected call: ${permission}`);
    return typeof answer === 'function' ? answer(input) : answer;
  });
  return { input: guardInput({ clients, ...change }), calls };
};
