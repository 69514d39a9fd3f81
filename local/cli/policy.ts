import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { checkedOf, problemLines } from '../policy/check.ts';
import { policyJsonSchema } from '../policy/schema.ts';
import { plain } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { readPolicyFile } from './options.ts';

const help = `Usage: selfheal policy check FILE… [--json]
       selfheal policy schema

Works with policies in files of YAML or JSON. It makes no AWS calls.

  check FILE…    find what is wrong with a policy: each problem with its place, FILE:LINE:COLUMN. That includes settings that
                 can never have an effect
  schema         print the JSON Schema of a policy (2020-12), with which an editor completes and explains settings
  --json         one line of JSON

Exit code: 0 the policy can be used; 1 it can't; 2 a file could not be read.

Examples:
  selfheal policy check policy.yml
  selfheal policy schema > policy.schema.json
`;

type Verb = (io: Io, files: readonly string[], json: boolean) => Promise<number>;

const check: Verb = async (io, files, json) => {
  if (files.length === 0) throw new UsageError('no file given; see selfheal policy --help');
  let wrong = 0;
  for (const file of files) {
    const read = await readPolicyFile(file);
    const checked = checkedOf(file, read);
    if (checked.policyVersion === null) wrong++;
    if (json) io.stdout.write(`${JSON.stringify(checked)}\n`);
    else if (checked.policyVersion !== null) io.stdout.write(`${plain(file)}: can be used; policy version ${checked.policyVersion}\n`);
    else for (const line of problemLines(file, read)) io.stderr.write(`${plain(line)}\n`);
  }
  return wrong > 0 ? 1 : 0;
};

const schema: Verb = async (io, files) => {
  if (files.length > 0) throw new UsageError('schema takes no file');
  io.stdout.write(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  return 0;
};

const verbs: Readonly<Record<string, Verb>> = { check, schema };

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
  const [name = '', ...files] = positionals;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb) return verb(io, files, values.json);
  const meant = nearest(name, Object.keys(verbs));
  throw new UsageError(
    name === ''
      ? `say what to do: ${Object.keys(verbs).join(', ')}`
      : `there is no ${JSON.stringify(name.slice(0, 40))}${meant ? `; did you mean ${meant}?` : ''}`,
  );
};

export const policyCommand: Command = {
  name: 'policy',
  help,
  names: () => Object.keys(verbs),
  takesFiles: true,
  run,
};
