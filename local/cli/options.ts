import { UsageError } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { reasonOf } from '../input/items.ts';
import { textOf } from '../input/text.ts';
import { longestYaml } from '../input/yaml.ts';
import { problemLines } from '../policy/check.ts';
import { type ReadPolicy, readPolicyText } from '../policy/read.ts';
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

/** What a file says, as text in any encoding; `said` is how the command line names it. No more than `most` characters and some are read. */
export const contentOf = async (said: string, file: string, most = Number.POSITIVE_INFINITY): Promise<string> => {
  let content = '';
  try {
    // Standard input is for events.
    for await (const text of textOf(file === '-' ? './-' : file, nothing())) {
      content += text;
      if (content.length > most) break;
    }
  } catch (error) {
    throw new UsageError(`${said}: ${reasonOf(error)}`);
  }
  return content;
};

/** What a file of YAML or JSON says as a policy. */
export const readPolicyFile = async (file: string, said = file): Promise<ReadPolicy> =>
  readPolicyText(await contentOf(said, file, longestYaml), file);

/** A policy from a file; undefined where none is named. */
export const policyFrom = async (file: string | undefined, option = 'policy'): Promise<Policy | undefined> => {
  if (file === undefined) return undefined;
  const read = await readPolicyFile(file, `--${option} ${file}`);
  if ('policy' in read) return read.policy;
  throw new UsageError(problemLines(file, read).join('\n'));
};

/** Checks in advance that a report can be written to its path without overwriting a user's file. */
export const checkReport = async (path: string | undefined, force: boolean): Promise<void> => {
  const refusal = path === undefined ? null : await reportRefusal(path, force);
  if (refusal !== null) throw new UsageError(`--report: ${refusal}`);
};
