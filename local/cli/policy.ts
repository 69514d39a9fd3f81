import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { checkedOf, problemLines } from '../policy/check.ts';
import { differencesOf, inWords } from '../policy/diff.ts';
import { explain, explanationText } from '../policy/explain.ts';
import { policyJsonSchema } from '../policy/schema.ts';
import { createStyle, plain } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { readPolicyFile } from './options.ts';

const help = `Usage: selfheal policy check FILE… [--json]
       selfheal policy explain FILE [--json]
       selfheal policy diff FILE FILE [--json]
       selfheal policy schema

Works with policies in files of YAML or JSON. It makes no AWS calls.

  check FILE…    find what is wrong with a policy: each problem with its place, FILE:LINE:COLUMN. That includes settings that
                 can never have an effect
  explain FILE   say what would be done for which alarm: playbook, steps, approvals and mode for each failure class, rule,
                 pattern in logs and heartbeat, and the permissions that the packaged roles have for it
  diff A B       say which settings differ
  schema         print the JSON Schema of a policy (2020-12), with which an editor completes and explains settings
  --json         one line of JSON

Exit code: 0 the policy can be used, or both say the same; 1 it can't, or they differ; 2 a file could not be read, or one to
explain or to compare can't be used.

Examples:
  selfheal policy check policy.yml
  selfheal policy explain policy.yml
  selfheal policy diff deployed.yml policy.yml
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

const need = (files: readonly string[], wanted: number): void => {
  if (files.length !== wanted)
    throw new UsageError(`${wanted === 1 ? 'one file' : 'two files'}, not ${files.length}; see selfheal policy --help`);
};

/** A policy that can be used. */
const usable = async (file: string): Promise<Policy> => {
  const read = await readPolicyFile(file);
  if ('policy' in read) return read.policy;
  throw new UsageError(problemLines(file, read).join('\n'));
};

const explanation: Verb = async (io, files, json) => {
  need(files, 1);
  const [file = ''] = files;
  const explained = explain(await usable(file));
  const text = json ? `${JSON.stringify({ file, ...explained })}\n` : explanationText(file, explained, createStyle(io.stdout, io.env));
  io.stdout.write(text);
  return 0;
};

const underWay =
  'Incidents under way keep the policy that they began with: none of this reaches them. The kill switch does, within a minute.';

const diff: Verb = async (io, files, json) => {
  need(files, 2);
  const [a = '', b = ''] = files;
  const [one, other] = [await usable(a), await usable(b)];
  const differences = differencesOf(one, other);
  const style = createStyle(io.stdout, io.env);
  if (json) {
    const [from, to] = [checkedOf(a, { policy: one }), checkedOf(b, { policy: other })].map(({ file, policyVersion }) => ({
      file,
      policyVersion,
    }));
    const told = differences.map((difference) => ({ ...difference, reachesIncidentsUnderWay: false }));
    io.stdout.write(`${JSON.stringify({ from, to, differences: told, reachesIncidentsUnderWay: ['kill switch'] })}\n`);
  } else if (differences.length === 0) io.stdout.write('Both say the same.\n');
  else
    io.stdout.write(`${[...differences.map((difference) => style.wrap(inWords(difference), 2)), '', style.wrap(underWay)].join('\n')}\n`);
  return differences.length > 0 ? 1 : 0;
};

const verbs: Readonly<Record<string, Verb>> = { check, explain: explanation, diff, schema };

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
