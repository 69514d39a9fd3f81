import type { GuardInput } from '../../shared/guards/guard.ts';
import { type Answer, recordingClients } from '../aws/recorder.ts';
import { guardInput } from './examples.ts';

/** What a guard is asked whose look-ups are answered so; any other call is an error. And the calls that it makes. */
export const lookingUp = (answers: Record<string, Answer>, change: Partial<GuardInput> = {}) => {
  const { clients, calls } = recordingClients((permission) => answers[permission] ?? new Error(`an unexpected call: ${permission}`));
  return { input: guardInput({ clients, ...change }), calls };
};
