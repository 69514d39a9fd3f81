import { parseArgs } from 'node:util';
import { helpFor, UsageError as LocalAwsUsageError, type SetUp, serveUntilInterrupted } from '#local-aws/cli';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { findScenario, loadScenario, readBeside, scenarioNames } from '../worlds/library.ts';
import type { Command, Io } from './command.ts';
import { policyFrom } from './options.ts';

const command = 'selfheal aws';

/** The place in the package's help where the options of this command alone stand. */
const optionsEnd = '  --json         ';
const ownOptions = `  --deployed     deploy selfheal in it, as the stage local: alarms that tell the topic selfheal-local-alarms are treated
  --policy FILE  with --deployed: selfheal's policy, of YAML or JSON
  --scenario S   with --deployed: the fleet and the timeline of a scenario, by its name or file; nobody answers its questions but you.
                 Its seed, start, account and region are the scenario's where no option says otherwise
`;
const ownExample = '  selfheal aws --deployed --scenario demo --port 4566\n';

const help = helpFor(command).replace(optionsEnd, `${ownOptions}${optionsEnd}`).replace('\nExamples:\n', `\nExamples:\n${ownExample}`);

type Own = { deployed: boolean; scenario?: string | undefined; policy?: string | undefined };

/** This command's own options, which of the others are given, and the arguments without the own ones. */
const split = (args: string[]): { own: Own; given: ReadonlySet<string>; rest: string[] } => {
  const options = { deployed: { type: 'boolean' }, scenario: { type: 'string' }, policy: { type: 'string' } } as const;
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  const own: Own = { deployed: false };
  const taken = new Set<number>();
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    given.add(token.name);
    if (!Object.hasOwn(options, token.name)) continue;
    taken.add(token.index);
    if (token.name === 'deployed') own.deployed = true;
    else {
      if (token.value === undefined || token.value.startsWith('-')) throw new UsageError(`--${token.name} needs a value`);
      if (!token.inlineValue) taken.add(token.index + 1);
      own[token.name as 'scenario' | 'policy'] = token.value;
    }
  }
  return { own, given, rest: args.filter((_, i) => !taken.has(i)) };
};

const scenarioOf = (asked: string) => {
  const found = findScenario(asked);
  if ('problem' in found) throw new UsageError(found.problem);
  const read = loadScenario(found.file);
  if ('problems' in read) throw new UsageError(read.problems.join('\n'));
  return { file: found.file, scenario: read.scenario };
};

const deployed =
  ({ scenario: asked, policy: file }: Own, given: ReadonlySet<string>, io: Io): SetUp =>
  async ({ seed, start, account, region, throttle, refilled }) => {
    const policy = await policyFrom(file);
    const found = asked === undefined ? undefined : scenarioOf(asked);
    const outside = { throttle, ...(refilled ? { refilled } : {}) };
    const { serveHost, serveScenario } = await import('../worlds/serve.ts');
    const told = (where: { account: string; region: string }) =>
      `selfheal is deployed in it as the stage local, in the account ${where.account} and the region ${where.region}`;
    if (!found) {
      const world = await serveHost({ seed, start, account, region, outside, ...(policy ? { policy } : {}) });
      return { world, lines: [told({ account, region })], json: { stage: 'local' } };
    }
    const { scenario } = found;
    const played = {
      ...scenario,
      ...(given.has('seed') ? { seed } : {}),
      ...(given.has('start') ? { start: new Date(start).toISOString() } : {}),
      ...(given.has('account') ? { account } : {}),
      ...(given.has('region') ? { region } : {}),
    };
    const world = await serveScenario(played, {
      policy,
      outside,
      readFile: readBeside(found.file),
      onStep: ({ step, error }) => {
        if (error !== null) io.stderr.write(`${command}: ${step.do}: ${error}\n`);
      },
    }).catch((error: unknown) => {
      throw new UsageError(`--scenario ${asked}: ${errorMessage(error)}`);
    });
    return { world, lines: [told(played)], json: { stage: 'local', scenario: scenario.name, start: new Date(played.start).toISOString() } };
  };

/** Keys of selfheal's own functions have no grants of KMS, as in an account that gives none. */
const bare: SetUp = async (wanted) => ({ world: (await import('#local-aws')).createLocalAws({ ...wanted, withoutGrants: ['selfheal'] }) });

export const awsCommand: Command = {
  name: 'aws',
  help,
  names: () => [],
  values: () => ({ '--scenario': scenarioNames(), '--throttle': ['aws', 'off'] }),
  run: async (args, io) => {
    const { own, given, rest } = split(args);
    if (!own.deployed && (own.scenario ?? own.policy) !== undefined)
      throw new UsageError(`--${own.scenario === undefined ? 'policy' : 'scenario'} needs --deployed`);
    try {
      return await serveUntilInterrupted(rest, io, command, own.deployed ? deployed(own, given, io) : bare);
    } catch (error) {
      throw error instanceof LocalAwsUsageError ? new UsageError(error.message) : error;
    }
  },
};
