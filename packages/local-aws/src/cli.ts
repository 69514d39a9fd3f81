import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';
import { throttleParameters } from './core/model-parameters.ts';
import { momentSchema } from './core/moment.ts';
import { type BucketSize, refilledByRealTime, type ThrottleMode, throttles } from './core/throttle.ts';
import type { LocalAws, LocalAwsOptions } from './local-aws.ts';
import type { Driven } from './wire/driven.ts';

/** Where the command line writes to, and the environment that it reads. */
export type Io = {
  stdout: { write(text: string): void };
  stderr: { write(text: string): void };
  env: Readonly<Record<string, string | undefined>>;
};

/** The command line can't be used as it stands: the message says why, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const { ec2, autoScaling, cloudWatch, cloudTrail, lambda, systemsManager } = throttleParameters;
const limit = (what: string, { size, perSecond }: BucketSize): string =>
  `    ${what.padEnd(28)}${size === perSecond ? '' : `${size} at once, `}${perSecond}/s`;
const limits = (heading: string, buckets: Readonly<Record<string, BucketSize>>): string[] => [
  `  ${heading}`,
  ...Object.entries(buckets).map(([name, bucket]) => limit(name, bucket)),
];
const { nonMutating: reads, unbounded, mutating } = ec2.requests;
const figures = [
  ...limits('EC2, each action by itself', { reads, 'reads without ids or filters': unbounded, 'other actions': mutating, ...ec2.actions }),
  ...limits('EC2, instances named in calls', ec2.resources),
  ...limits('CloudWatch', cloudWatch.actions),
  ...limits('CloudTrail', { LookupEvents: cloudTrail.lookupEvents }),
  ...limits('Lambda', { GetFunction: lambda.getFunction, 'all other calls that manage functions': lambda.management }),
  ...limits('assumed, since AWS gives no figures', {
    'Auto Scaling, reads': autoScaling.reads,
    'Auto Scaling, other actions': autoScaling.writes,
    "CloudWatch's other actions": cloudWatch.others,
    'Run Command, each action by itself': systemsManager,
  }),
].join('\n');

const severalOptions = `
                 repeat --account and --region for several of them
  --organization ID    the organization that the accounts are members of, such as o-a1b2c3d4e5`;
const severalNote = `
With several accounts, an account's number as access key means that account, and so does a session that sts:AssumeRole gave out; any
other key means the first account. The region is the one that a request is signed for. The control plane means the first account and
region unless it is told otherwise: /_selfheal/faults?account=N&region=R. All share one clock.
`;

/** The text of --help, for the command as its users call it; `several` where it serves several accounts and regions too. */
export const helpFor = (command: string, several = false): string => `Usage: ${command} [options]

Serves the embedded local AWS on a loopback port until it is interrupted. Point any SDK, the AWS CLI
(2.13.0 or 1.29.0 and later) or sls invoke local at it with AWS_ENDPOINT_URL=http://127.0.0.1:PORT, an older AWS CLI with --endpoint-url;
it accepts any keys. COVERAGE.md in packages/local-aws lists what it serves.

Options:
  --port N       the port to listen on (default: any free one)
  --seed N       the seed of all random values (default: 1)
  --start TIME   the start of its clock, in ISO 8601, such as 2026-11-20T12:00:00Z (default: now)
  --speed N      simulated seconds per real second; 0: only the control plane moves the clock (default: 1)
  --throttle M   aws: throttle calls at AWS's rates; off: no throttling (default: aws)
  --account N    the account, 12 digits (default: 000000000000)
  --region R     the region (default: AWS_REGION, AWS_DEFAULT_REGION or us-east-1)${several ? severalOptions : ''}
  --host NAME    another host name to accept, besides 127.0.0.1, localhost and [::1]; repeatable
  --json         print the address as one line of JSON
  --help         show this text

The same seed, start and calls give the same answers, byte for byte, while only the control plane moves the clock (--speed 0).

Exit code 130 after Ctrl-C, 0 after SIGTERM, 2 if it could not run.

Examples:
  ${command} --port 4566 --speed 60
  AWS_ENDPOINT_URL=http://127.0.0.1:4566 aws ec2 describe-instances
  aws --endpoint-url http://127.0.0.1:4566 ec2 describe-instances
  curl -d '{"advanceSeconds":3600}' http://127.0.0.1:4566/_selfheal/clock
${several ? severalNote : ''}
The control plane, JSON in and out:
  POST   /_selfheal/faults      {"fault":"hang-kernel","target":"i-…"} and others; returns the fault's id
  DELETE /_selfheal/faults/ID   ends it
  POST   /_selfheal/clock       {"advanceSeconds":60}; GET only tells the time
  POST   /_selfheal/reset       {"seed":2,"start":"2026-11-20T12:00:00Z"}; missing fields keep their values
  GET    /_selfheal/state       time, instances, groups, target groups with their requests, alarms, faults and the call log

Faults, with what they need besides "fault"; a volume may be given as vol-… or as the instance that boots from it:
  hang-kernel, fail-host, leak-memory, interrupt-spot    target: an instance
  fill-disk      target: an instance; path; percentAnHour or gibAnHour
  fail-modification    target: a volume, whose next modification fails
  impair-volume, break-volume    target: a volume, which doesn't answer, or is lost (state error)
  fail-start     target: an instance; reason, count: the next starts are accepted and fail (Client.InternalError)
  shut-down      target: an instance; by: guest or service
  kill-process, process-wont-start    target: an instance; process: its name, as an alarm's exe or pattern has it
  lose-agent     target: an instance; registered: false if Systems Manager shall not know of it at all
  document-does  target: a document; version; restarts: process names; frees: {disk, path, memory}: percent; extends: a file system;
                 lists: block-devices; remedies; fails: exit code; seconds; stdout, stderr; ignoresCancel
  slow-boot      target: an instance, group or launch template; version; pending, boot: seconds
  bad-release    target: a group or launch template; version; after: seconds; kind: hang-kernel or shut-down
  exhaust-zone, dark-zone    target: a zone
  sick-target    target: an instance; port; targetGroup
  send-requests  target: a target group; perSecond: requests through its load balancer
  delete-record  target: a hosted zone, by its id or name; name; type
  wrong-delegation    target: a hosted zone
  fail-renewal   target: a certificate's ARN; reason (CAA_ERROR)
  exhaust-connections    target: a database instance, whose clients leak connections
  fill-storage   target: a database instance; gibPerMinute: what it stores grows by
  lose-writer    target: a database cluster or instance; loss: process, zone or storage; failsOver: false if RDS leaves it to others
  lag-replica    target: a read replica or a reader; seconds at once, perMinute; state: replicating, unreadable or stopped; survives: true
                 if a reboot doesn't help
  load-database  target: a database cluster or instance; percent; on: writer or readers
  break-parameters       target: a database instance, which can't start; reboots: false if nothing restarts it now
  maintain-database      target: a database instance; inSeconds: until it is down for so many seconds
  fail-consumer, slow-consumer    target: a queue; share: of its messages that fail, or of what its consumers could take
  poison-messages    target: a queue; count: messages that no consumer can process
  send-messages  target: a queue; perSecond; poison: the share that no consumer can process
  bad-task-definition    target: FAMILY or FAMILY:REVISION, kind (cannot-pull), after, ratio
  lose-container-agent   target: a container instance or a cluster, how: dies or cut-off
  add-service-load, slow-task-start, sick-task    target: CLUSTER/SERVICE
  function-errs  target: a function; errors: the share of its invocations that fails, in all versions
  slow-function  target: a function; durationMs: how long its invocations take on average, in all versions
  invoke-function    target: a function; perMinute: invocations; qualifier: the alias or version that callers name
  bad-deploy     target: a function; alias, which then points to a new version; errors; durationMs; weight: its share; by: an access key
  disable-mapping    target: an event source mapping or a function, of which Lambda disables all; result
  add-load       target: a group; percent
  fail-call      service; operation, code, message, status, rate, when (before or after), count
  answer-hooks   target: a group; hook; afterSeconds; result: CONTINUE or ABANDON
  deliver        how: duplicate, delay, reorder or lose; rate; forwarded: true for events only that another bus has sent on

What --throttle aws lets through, as AWS documents it. Buckets refill with simulated time, and with real time where that is faster.
Other services are not throttled.
${figures}
`;

type Flags = {
  port: number;
  seed: number;
  start: number;
  speed: number;
  throttle: ThrottleMode;
  accounts: string[];
  regions: string[];
  organization: string | undefined;
  json: boolean;
  host: string[];
};

const wholeNumber = (flag: string, text: string, most: number): number => {
  if (!/^\d{1,10}$/.test(text) || Number(text) > most)
    throw new UsageError(`--${flag} must be a whole number from 0 to ${most}, not '${text}'`);
  return Number(text);
};

const readSpeed = (text: string): number => {
  const speed = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || speed > 100_000) throw new UsageError(`--speed must be a number from 0 to 100000, not '${text}'`);
  return speed;
};

const readStart = (text: string | undefined): number => {
  if (text === undefined) return Date.now();
  const read = momentSchema.safeParse(text);
  if (!read.success) throw new UsageError(`--start ${read.error.issues[0]?.message}, not '${text}'`);
  return read.data;
};

const readThrottle = (text: string): ThrottleMode => {
  const mode = throttles.find((known) => known === text);
  if (!mode) throw new UsageError(`--throttle must be ${throttles.join(' or ')}, not '${text}'`);
  return mode;
};

const matching = (flag: string, text: string, pattern: RegExp, what: string): string => {
  if (!pattern.test(text)) throw new UsageError(`--${flag} must be ${what}, not '${text}'`);
  return text;
};

/** As it stands in a Host header. */
const hostName = /^(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[a-f\d:.]+\])(?::\d{1,5})?$/i;

const readFlags = (args: string[], env: Io['env']): Flags => {
  const string = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      port: string,
      seed: string,
      start: string,
      speed: string,
      throttle: string,
      account: { type: 'string', multiple: true },
      region: { type: 'string', multiple: true },
      organization: string,
      host: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
  });
  const regions = values.region ?? [env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? 'us-east-1'];
  return {
    port: wholeNumber('port', values.port ?? '0', 65535),
    seed: wholeNumber('seed', values.seed ?? '1', 0xffff_ffff),
    start: readStart(values.start),
    speed: readSpeed(values.speed ?? '1'),
    throttle: readThrottle(values.throttle ?? 'aws'),
    accounts: (values.account ?? ['000000000000']).map((account) => matching('account', account, /^\d{12}$/, '12 digits')),
    regions: regions.map((region) => matching('region', region, /^[a-z]{2}(-[a-z]+)+-\d$/, "a region's code such as us-east-1")),
    organization:
      values.organization === undefined
        ? undefined
        : matching('organization', values.organization, /^o-[a-z0-9]{10,32}$/, "an organization's id such as o-a1b2c3d4e5"),
    json: values.json ?? false,
    host: (values.host ?? []).map((name) => matching('host', name, hostName, 'a host name, with or without a port')),
  };
};

/** Resolves at SIGINT or SIGTERM, with the exit code: whoever stops a server by SIGTERM wants no less than that. */
const interrupted = (): Promise<number> =>
  new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => {
      process.removeListener('SIGINT', stop);
      process.removeListener('SIGTERM', stop);
      resolve(signal === 'SIGINT' ? 130 : 0);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });

/** What an embedded AWS is set up as. */
export type Wanted = Pick<Flags, 'seed' | 'start' | 'throttle'> & Pick<LocalAwsOptions, 'account' | 'region' | 'refilled'>;

/** Sets up the world that is served, and what is said of it besides its address, to people and in the JSON. */
export type SetUp = (wanted: Wanted) => Promise<{ world: LocalAws | Driven; lines?: readonly string[]; json?: object }>;

const plainWorld: SetUp = async (wanted) => ({ world: (await import('./local-aws.ts')).createLocalAws(wanted) });

const organizationOf =
  ({ accounts, regions, organization }: Pick<Flags, 'accounts' | 'regions' | 'organization'>): SetUp =>
  async ({ account: _, region: __, ...wanted }) => {
    const { createLocalOrganization } = await import('./organization.ts');
    return {
      world: createLocalOrganization({ ...wanted, accounts, regions, ...(organization === undefined ? {} : { id: organization }) }),
      json: { accounts, regions, organization },
    };
  };

/**
 * Serves an embedded AWS until it is interrupted, and returns the exit code: 130 after SIGINT, 0 after SIGTERM, 2 where it can't listen. Throws a `UsageError`, or
 * what `parseArgs` throws, for arguments that can't be used.
 */
export const serveUntilInterrupted = async (args: string[], io: Io, command: string, own?: SetUp): Promise<number> => {
  const { port, speed, json, host, accounts, regions, organization, ...flags } = readFlags(args, io.env);
  const several = accounts.length > 1 || regions.length > 1 || organization !== undefined;
  if (own && several) throw new UsageError(`${command} serves one account and region`);
  const setUp = own ?? (several ? organizationOf({ accounts, regions, organization }) : plainWorld);
  const wanted = { ...flags, account: accounts[0] as string, region: regions[0] as string };
  // The services' clients are large: half of the start is compiling them, and only the first one needs to.
  enableCompileCache();
  const [{ serve }, made] = await Promise.all([import('./wire/server.ts'), setUp({ ...wanted, refilled: refilledByRealTime(speed) })]);
  let served: Awaited<ReturnType<typeof serve>>;
  try {
    served = await serve(made.world, { port, speed, names: host, onError: (error) => io.stderr.write(`${command}: ${error.message}\n`) });
  } catch (error) {
    io.stderr.write(`${command}: cannot listen on 127.0.0.1:${port}: ${(error as Error).message}\n`);
    await made.world.close();
    return 2;
  }
  const stop = interrupted();
  const { account, region, seed, start } = served.aws().world;
  const said = {
    url: served.url,
    account,
    region,
    seed,
    speed,
    start: new Date(start).toISOString(),
    throttle: wanted.throttle,
    ...made.json,
  };
  io.stdout.write(json ? `${JSON.stringify(said)}\n` : [`listening on ${served.url}`, ...(made.lines ?? []), ''].join('\n'));
  const code = await stop;
  await served.close();
  if (json && code !== 0) io.stdout.write(`${JSON.stringify({ url: served.url, interrupted: true })}\n`);
  return code;
};

/** The command line of `local-aws`: returns the exit code, 2 for arguments that can't be used. */
export const main = async (args: string[], io: Io): Promise<number> => {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    io.stdout.write(helpFor('local-aws', true));
    return 0;
  }
  try {
    return await serveUntilInterrupted(args, io, 'local-aws');
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!(error instanceof UsageError) && !code?.startsWith('ERR_PARSE_ARGS')) throw error;
    io.stderr.write(`local-aws: ${message.split('\n')[0]}\n`);
    return 2;
  }
};
