import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { classifyError, explain } from '../../shared/aws/call.ts';
import { dayMs } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { Place } from '../../shared/model/place.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { adopt } from '../adopt/adoption.ts';
import { whos } from '../adopt/assess.ts';
import { type Collector, createDocuments } from '../adopt/documents.ts';
import { connect, notAllowed, readLive } from '../adopt/live.ts';
import { mergeAdoptions } from '../adopt/merge.ts';
import type { Past } from '../adopt/past.ts';
import { renderText } from '../adopt/render.ts';
import { pageOf } from '../adopt/report.ts';
import { type Adoption, adoptionSchema } from '../adopt/shape.ts';
import { policyFile, rulesFile, signature } from '../adopt/starter.ts';
import { filesOf } from '../input/files.ts';
import { reasonOf } from '../input/items.ts';
import { createSource } from '../input/source.ts';
import { onDeployment } from '../operate/deployment.ts';
import { knownPlaces } from '../operate/places.ts';
import { createReach, homeOf, reachHelp, reachOptions, type Via, viaOf } from '../operate/reach.ts';
import { type Where, whereOf, whereOptions } from '../operate/where.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import { commandLine, writeReport } from '../report/index.ts';
import { remedyOf } from '../terminal/aws-remedy.ts';
import { interruptedCode, interruptedLine, interruptible, unlessInterrupted } from '../terminal/interrupt.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle, plain } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { checkReport, policyFrom, wholeNumber } from './options.ts';

const help = `Usage: selfheal adopt [FILE|DIR|-]… [options]

Shows what selfheal would do in an account, before it is there: for every alarm the failure class, what it is about, the playbook, or
why not. It says which alarms lack a rule and proposes rules, which instances have no alarm, what the last days would have been and
what they would have cost. It changes nothing.

Reads what the AWS CLI prints, one or many files, in any order: aws cloudwatch describe-alarms and describe-alarm-history, aws ec2
describe-instances, describe-volumes and describe-tags, aws autoscaling describe-auto-scaling-groups, aws rds describe-db-instances,
aws kms describe-key, aws resourcegroupstaggingapi get-resources; and what selfheal backtest reads, for the last days.

  --live             read the account and region that the environment names; read-only calls
  --account ID       with --live: this account instead
  --region R         with --account: this region (default: AWS_REGION)
  --all              with --live: each account and region that a hub knows of, in one report; needs the hub's credentials
${reachHelp}
  --stage STAGE      with --all: the stage of the hub (default: SELFHEAL_STAGE, or prod)
  --days N           how many days to look back (default 14; an account keeps 30)
  --policy FILE      the policy, as YAML or JSON (default: the default policy)
  --opted-in WHO     all (default): everything that an alarm is about is taken to have the opt-in tag; tags: what has it today
  --write FOLDER     write rules.yml, the proposed rules, and policy.yml, a policy to begin with
  --report FILE      write a page for the browser (HTML)
  --force            replace files that are not selfheal's
  --json             one line of JSON

Exit code: 0 it ran; 1 some of the input could not be read; 2 it could not run; 130 it was interrupted, and shows what it makes of what it
had read.

Examples:
  AWS_PROFILE=prod selfheal adopt --live --write selfheal
  selfheal adopt alarms.json instances.json groups.json history.json
  selfheal adopt --live --policy policy.yml --opted-in tags
  selfheal adopt --live --all --role Auditor --policy policy.yml
  selfheal adopt --live --json | jq -r '.alarms[] | select(.outcome == "no-rule") | .alarm'
`;

const options = {
  live: { type: 'boolean', default: false },
  ...whereOptions,
  ...reachOptions,
  stage: { type: 'string' },
  days: { type: 'string' },
  policy: { type: 'string' },
  'opted-in': { type: 'string', default: 'all' },
  write: { type: 'string' },
  report: { type: 'string' },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** CloudWatch keeps an alarm's history for 30 days: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html */
const historyDays = 30;

/** Files that --write makes, with how each begins. */
const written = { rules: 'rules.yml', policy: 'policy.yml' } as const;

const checkFolder = async (folder: string, force: boolean): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--write: ${folder}: ${reasonOf(error)}`);
  }
  for (const name of Object.values(written)) {
    const refusal = await writeRefusal(join(folder, name), force, (beginning) => beginning.startsWith(signature));
    if (refusal !== null) throw new UsageError(`--write: ${refusal}`);
  }
};

const filesIn = async (names: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(
    names.map(async (name) => {
      try {
        const files = await filesOf(name);
        if (files.length === 0) throw new Error('it contains no files of JSON');
        return files;
      } catch (error) {
        throw new UsageError(`${name}: ${reasonOf(error)}`);
      }
    }),
  );
  return found.flat();
};

/** An account and region to read, and what its clients are made with. */
type Target = { place: Place | null; config: () => Promise<object> };

/** What is read: the account and region of the environment, the named one, or all that a hub knows of. */
const targetsOf = async (
  values: Where & { all: boolean; stage?: string | undefined },
  via: Via,
  policy: Policy,
  io: Io,
): Promise<Target[]> => {
  const { account, region, all, stage } = values;
  if (account === undefined && !all) return [{ place: null, config: async () => ({}) }];
  const there =
    region === undefined || io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION ? io : { ...io, env: { ...io.env, AWS_REGION: region } };
  return onDeployment(stage, there, async (deployment) => {
    const home = await homeOf(deployment.config);
    const reach = createReach(deployment.config, via);
    const places = account === undefined ? await knownPlaces(deployment, policy, home) : [{ account, region: region ?? home.region }];
    return places.map(({ account, region }) => ({
      place: { account, region },
      config: async () => (await reach({ account, region })).config,
    }));
  });
};

/** What the command reaches beyond files; tests give it an account of their own. */
export type Reach = { connect: typeof connect; now: () => number; sleep: (milliseconds: number) => Promise<void> };

const run = async (args: string[], io: Io, reach: Reach): Promise<number> => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const { live, json, report, force, write } = values;
  if (positionals.length === 0 && !live) throw new UsageError('no input given: --live, or files; see selfheal adopt --help');
  if (positionals.length > 0 && live) throw new UsageError('--live reads the account; files are read without it');
  const days = wholeNumber('days', values.days, 1) ?? 14;
  if (days > historyDays) throw new UsageError(`--days must be at most ${historyDays}, as long as CloudWatch keeps an alarm's history`);
  const who = whos.find((one) => one === values['opted-in']);
  if (who === undefined)
    throw new UsageError(`--opted-in must be ${whos.join(' or ')}, not ${JSON.stringify(values['opted-in'].slice(0, 40))}`);
  const { account, region } = whereOf(values);
  if ((values.all || account !== undefined) && !live) throw new UsageError(`--${values.all ? 'all' : 'account'} needs --live`);
  if (region !== undefined && account === undefined) throw new UsageError('--region needs --account');
  const via = viaOf(values);
  if (via !== null && account === undefined && !values.all) throw new UsageError('--role needs --account or --all');
  if (values.stage !== undefined && !values.all) throw new UsageError('--stage needs --all');
  await checkReport(report, force);
  if (write !== undefined) await checkFolder(write, force);
  const policy = (await policyFrom(values.policy)) ?? parsePolicy('');

  const read: { place: Place | null; documents: Collector }[] = [];
  const begin = (place: Place | null): Collector => {
    const documents = createDocuments();
    read.push({ place, documents });
    return documents;
  };
  const now = reach.now();
  let interrupted = false;
  if (live) {
    const targets = await targetsOf(values, via, policy, io);
    const progress = progressOn(io.stderr);
    const pages = new Map<string, number>();
    const onRead = (what: string) => {
      pages.set(what, (pages.get(what) ?? 0) + 1);
      progress.show(`reading ${what} (${pages.get(what)})`);
    };
    try {
      interrupted = await interruptible(async (signal) => {
        for (const { place, config } of targets) {
          const documents = begin(place);
          const found = await config().catch((error: unknown) => error as Error);
          if (found instanceof Error) {
            const remedy = remedyOf(found);
            if (remedy !== null) throw new UsageError(remedy);
            documents.add({ where: 'credentials', problem: explain(classifyError(found)) });
            continue;
          }
          const reading = { clients: reach.connect(found), from: now - days * dayMs, to: now, sleep: reach.sleep };
          await unlessInterrupted(readLive(documents, { ...reading, onRead: (what) => signal.aborted || onRead(what) }), signal);
          if (signal.aborted) return true;
        }
        return false;
      });
    } finally {
      progress.clear();
    }
  } else {
    const documents = begin(null);
    const source = createSource(await filesIn(positionals), { file: 0, taken: 0 }, { reader: 'adopt', stdin: io.stdin, members: true });
    interrupted = await interruptible(async (signal) => {
      for (;;) {
        const item = await unlessInterrupted(Promise.resolve(source.next()), signal);
        if (item === null) return signal.aborted;
        documents.add(item);
      }
    });
  }

  const done = read.map(({ place, documents }) => ({ place, documents: documents.done() }));
  const found = done.map(({ documents }) => documents);
  const unread = found.flatMap(({ problems }) => problems);
  if (interrupted) io.stderr.write('selfheal adopt: interrupted: this is what can be said by what was read until then\n');
  const complain = (where: string, problem: string) => io.stderr.write(`selfheal adopt: ${plain(where)}: ${plain(problem)}\n`);
  // An account without an alarm has instances without one.
  if (found.every(({ alarms }) => alarms.length === 0) && (!live || unread.length > 0)) {
    if (live && unread.every(({ problem }) => problem === notAllowed))
      throw new UsageError(
        "nothing may be read in this account and region: AWS's managed policy ReadOnlyAccess has what docs/adopt.md lists",
      );
    for (const { where, problem } of unread.slice(0, 10)) complain(where, problem);
    if (interrupted) {
      if (json) io.stdout.write(interruptedLine());
      return interruptedCode;
    }
    throw new UsageError(
      live ? 'no alarm could be read in this account and region' : 'there is no alarm in it: aws cloudwatch describe-alarms > alarms.json',
    );
  }
  const each: { name: string; adoption: Adoption; past: Past | null }[] = [];
  for (const { place, documents } of done) {
    const told = await adopt(documents, { policy, file: values.policy ?? null, who, days, now, live });
    each.push({ name: `${place?.account}, ${place?.region}`, adoption: { ...told.adoption, ...place }, past: told.past });
  }
  const adoption = mergeAdoptions(each);
  if (adoption === null) throw new UsageError('nothing was read');
  // Incident by incident there is a page for one account and region alone.
  const past = each.length === 1 ? (each[0]?.past ?? null) : null;
  const assumptions = [
    `Assumed: each alarm goes off alone, with nothing done before; ${who === 'all' ? 'everything that an alarm is about is opted in' : 'only what has the opt-in tag today is opted in'}; in the last days, that the first rung that fits heals, and that the history is the same as without selfheal (docs/backtest.md).`,
  ];
  const problems = [...adoption.problems, ...each.flatMap((one) => one.past?.result.problems ?? [])];
  for (const { where, problem } of problems.slice(0, 20)) complain(where, problem);
  if (problems.length > 20) io.stderr.write(`selfheal adopt: and ${problems.length - 20} more that could not be read\n`);

  const paths = write === undefined ? null : { rules: join(write, written.rules), policy: join(write, written.policy) };
  if (paths) await writeWhole({ [paths.rules]: rulesFile(adoption), [paths.policy]: policyFile(adoption) });
  const line = adoptionSchema.parse(adoption);
  if (json) io.stdout.write(interrupted ? interruptedLine(line) : `${JSON.stringify(line)}\n`);
  else {
    const style = createStyle(io.stdout, io.env);
    io.stdout.write(renderText({ adoption, days, assumptions, rulesFile: paths?.rules }, style));
    if (paths) io.stdout.write(`\nPolicy to begin with: ${plain(paths.policy)}\n`);
  }
  if (report !== undefined) {
    const name = values.policy ?? 'default policy';
    await writeReport(report, pageOf({ adoption, past, name, assumptions, command: commandLine('adopt', args) }), force);
    if (!json) io.stdout.write(`\nReport: ${plain(report)}\n`);
  }
  if (interrupted) return interruptedCode;
  return problems.length > 0 ? 1 : 0;
};

/** The command, with what it reaches. */
export const createAdoptCommand = (reach: Reach): Command => ({
  name: 'adopt',
  help,
  values: () => ({ '--opted-in': whos }),
  run: (args, io) => run(args, io, reach),
});

export const adoptCommand = createAdoptCommand({ connect, now: () => Date.now(), sleep: (milliseconds) => sleep(milliseconds) });
