import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { reasonOf } from '../input/items.ts';
import { textOf } from '../input/text.ts';
import { reportRefusal } from '../report/index.ts';

/** What every command has that plays something. */
export const playOptions = {
  json: { type: 'boolean', default: false },
  policy: { type: 'string' },
  seed: { type: 'string' },
  force: { type: 'boolean', default: false },
} as const;

/** A whole number from `least` on; undefined where none is given. */
export const wholeNumber = (name: string, text: string | undefined, least = 0): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(
      `--${name} must be a whole number${least > 0 ? ` of at least ${least}` : ''}, not ${JSON.stringify(text.slice(0, 60))}`,
    );
  return value;
};

async function* nothing(): AsyncGenerator<never> {}

/** What an option's file says, as text in any encoding. */
export const contentOf = async (option: string, file: string): Promise<string> => {
  let content = '';
  try {
    // Standard input is for events.
    for await (const text of textOf(file === '-' ? './-' : file, nothing())) content += text;
  } catch (error) {
    throw new UsageError(`--${option} ${file}: ${reasonOf(error)}`);
  }
  return content;
};

/** A policy from a file of JSON; undefined where none is named. */
export const policyFrom = async (file: string | undefined, option = 'policy'): Promise<Policy | undefined> => {
  if (file === undefined) return undefined;
  const content = await contentOf(option, file);
  try {
    return parsePolicy(content);
  } catch (error) {
    throw new UsageError(`--${option} ${file}: ${errorMessage(error)}`);
  }
};

/** Checks in advance that a report can be written to its path without overwriting a user's file. */
export const checkReport = async (path: string | undefined, force: boolean): Promise<void> => {
  const refusal = path === undefined ? null : await reportRefusal(path, force);
  if (refusal !== null) throw new UsageError(`--report: ${refusal}`);
};

/**
 * Runs something long that can be interrupted: the first SIGINT only says so, and a second one ends the process, as it always did.
 */
export const interruptible = async <T>(run: (interrupted: () => boolean) => Promise<T>): Promise<T> => {
  let interrupted = false;
  const stop = () => {
    interrupted = true;
  };
  process.once('SIGINT', stop);
  try {
    return await run(() => interrupted);
  } finally {
    process.removeListener('SIGINT', stop);
  }
};
