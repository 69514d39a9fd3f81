import { parseArgs } from 'node:util';
import { formatDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { type Catalogue, catalogue, type PlaybookEntry, type Step } from '../../tools/docs/catalogue.ts';
import { createStyle, type Style } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { policyFrom } from './options.ts';

const help = `Usage: selfheal playbooks [ID] [--json] [--policy FILE]
       selfheal playbooks [ID] --learned [--stage STAGE] [--json]

Lists the playbook of each failure class. With the id of a playbook or a failure class, it shows that one in full: its rungs with
their conditions, backoff and verification, the permissions that it needs, and the guards before every rung, in order.
It makes no AWS calls.

With --learned, it counts the incidents of a deployment instead: how often each step helped, for which class and type of resource,
and how long it lasted, with intervals of 95 %. This is advice: selfheal doesn't change by it.
Region, credentials and endpoint are then those of the AWS CLI.

  ID             a playbook, or a failure class; with --learned a failure class, or a step
  --json         one line of JSON; durations in seconds
  --policy FILE  the policy, as YAML or JSON: it may give a class another playbook, or none
  --learned      what past incidents teach
  --stage STAGE  with --learned, the stage that is deployed (default: SELFHEAL_STAGE, or prod)

Exit code 0, or 2 if there is no such playbook or failure class, or the deployment could not be read.

Examples:
  selfheal playbooks
  selfheal playbooks restart-instance
  selfheal playbooks disk-full
  selfheal playbooks --learned --stage prod
  selfheal playbooks --json | jq -r '.playbooks[] | .id, .permissions[]'
`;

const list = (texts: readonly string[]): string => texts.join(', ');

const stepLines = (step: Step, number: number, style: Style): string[] => {
  const line = (text: string, head = '') => style.wrap(text, 6, head || '      ');
  const head = `  ${String(number).padStart(2)}. `;
  if (step.kind === 'calm') return [line('wait for the maintenance window, but not past the deadline', head)];
  const when = step.when.length > 0 ? [line(`only if: ${list(step.when)}`)] : [];
  if (step.kind === 'watch') {
    const or = step.or.length > 0 ? [line(`or until: ${list(step.or)}`)] : [];
    return [line(`stand aside for at most ${formatDuration(step.atMost)}: ${step.because}`, head), ...when, ...or];
  }
  const { action, command, disruptive, tries, backoff, within, healthy, permissions } = step;
  return [
    line(`${action}${command === null ? '' : ` ${command}`}${disruptive ? ' (disruptive)' : ''}`, head).replace(action, style.bold(action)),
    ...when,
    line(
      `patience: ${tries} ${tries === 1 ? 'try' : 'tries'}, ${formatDuration(backoff.initial)} to ${formatDuration(backoff.cap)} between, ${backoff.attempts} calls at most`,
    ),
    line(`verified within ${formatDuration(within)}${healthy ? ` by ${list(healthy)}` : ''}`),
    line(`needs: ${list(permissions)}`),
  ];
};

const guardLines = ({ guards }: Catalogue, style: Style): string[] => {
  const wide = Math.max(...guards.map(({ id }) => id.length));
  return guards.map(({ id, says }, i) => style.wrap(says, wide + 8, `  ${String(i + 1).padStart(2)}. ${id.padEnd(wide)}  `));
};

const tellPlaybook = ({ id, summary, failures, failing, healthy, rounds, ladder }: PlaybookEntry, all: Catalogue, style: Style): string =>
  [
    style.bold(id),
    style.wrap(summary),
    '',
    style.wrap(
      `Treats ${failures.length === 0 ? 'nothing under this policy' : list(failures.map(({ id: failure, onlyIfOptedIn }) => `${failure}${onlyIfOptedIn ? ' (only if the policy opts in)' : ''}`))}.`,
    ),
    style.wrap(`Starts if one of these checks is unhealthy: ${list(failing)}. Healed if these pass twice: ${list(healthy)}.`),
    ...(rounds > 1 ? [style.wrap(`The ladder runs up to ${rounds} times, for one part of the resource at a time.`)] : []),
    '',
    'Steps: if one did not heal, the next follows. The last is a person:',
    ...ladder.flatMap((step, i) => stepLines(step, i + 1, style)),
    '',
    'Guards, checked before every try of every action:',
    ...guardLines(all, style),
    '',
  ].join('\n');

const tellAll = (all: Catalogue, style: Style): string => {
  const treated = all.playbooks.flatMap(({ id, failures, ladder }) =>
    failures.map((failure) => {
      const actions = [...new Set(ladder.flatMap((step) => (step.kind === 'act' ? [step.action] : [])))];
      return [failure.id, failure.severity, id, `${failure.onlyIfOptedIn ? 'only if the policy opts in: ' : ''}${list(actions)}`];
    }),
  );
  const escalated = all.escalated.map(({ id, severity, because }) => [id, severity, 'a person', because]);
  const rows = [...treated, ...escalated];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const headOf = (cells: readonly string[]) => cells.map((cell, i) => `${cell.padEnd(widths[i] ?? 0)}  `).join('');
  const title = `${headOf(['failure', 'severity', 'playbook'])}done, or why not`;
  const isNarrow = title.length > style.width;
  const lines = rows.map((row) => {
    const [failure, severity, playbook, does] = row;
    if (isNarrow) return style.wrap(`${failure} (${severity}), ${playbook}: ${does}`, 2);
    const head = headOf(row.slice(0, 3));
    return style.wrap(row[3] ?? '', head.length, head);
  });
  return [
    ...(isNarrow ? [] : [style.bold(title)]),
    ...lines,
    '',
    style.wrap(`${all.guards.length} guards are checked before every action: ${list(all.guards.map(({ id }) => id))}.`),
    '',
    'selfheal playbooks ID shows one in full.',
    '',
  ].join('\n');
};

/** All documented ids. */
const idsOf = ({ playbooks, escalated }: Catalogue): string[] => [
  ...new Set([
    ...playbooks.flatMap(({ id, failures }) => [id, ...failures.map((failure) => failure.id)]),
    ...escalated.map(({ id }) => id),
  ]),
];

/** What is documented for one id: a playbook, the playbook of a failure class, or why there is none. */
const find = (id: string, all: Catalogue): { playbook: PlaybookEntry } | { escalated: Catalogue['escalated'][number] } | null => {
  const playbook =
    all.playbooks.find((one) => one.id === id) ?? all.playbooks.find(({ failures }) => failures.some((one) => one.id === id));
  if (playbook) return { playbook };
  const escalated = all.escalated.find((one) => one.id === id);
  return escalated ? { escalated } : null;
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      policy: { type: 'string' },
      learned: { type: 'boolean', default: false },
      stage: { type: 'string' },
    },
  });
  // Without it no client of AWS is loaded.
  if (values.learned) return (await import('../operate/learned.ts')).tellLearned(positionals, values, io);
  if (values.stage !== undefined) throw new UsageError('--stage goes with --learned: playbooks are the same for all stages');
  const style = createStyle(io.stdout, io.env);
  const all = catalogue(await policyFrom(values.policy));
  const [id, ...others] = positionals;
  if (others.length > 0) {
    io.stderr.write('selfheal playbooks: one ID at a time\n');
    return 2;
  }
  const print = (value: unknown, text: string) => io.stdout.write(values.json ? `${JSON.stringify(value)}\n` : text);
  if (id === undefined) {
    print(all, tellAll(all, style));
    return 0;
  }
  const found = find(id, all);
  if (!found) {
    const meant = nearest(id, idsOf(all));
    io.stderr.write(
      `selfheal playbooks: there is no playbook or failure class ${JSON.stringify(id.slice(0, 40))}${meant ? `; did you mean ${meant}?` : ''}\n`,
    );
    return 2;
  }
  if ('playbook' in found) print(found.playbook, tellPlaybook(found.playbook, all, style));
  else {
    const { id: failure, severity, says, because } = found.escalated;
    print(
      found.escalated,
      `${style.bold(failure)} (${severity})\n${style.wrap(`${says}. selfheal takes no action and tells a person: ${because}.`)}\n`,
    );
  }
  return 0;
};

export const playbooksCommand: Command = {
  name: 'playbooks',
  help,
  names: () => idsOf(catalogue()),
  run,
};
