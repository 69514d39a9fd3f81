import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { createClock } from '#local-aws/clock';
import { createRandom } from '#local-aws/random';
import { createClients } from '../../shared/aws/clients.ts';
import { createNameServers } from '../../shared/aws/name-servers.ts';
import { parseEnvironment, readEnvironment } from '../../shared/compose/environment.ts';
import { composeIntake, intakeVariables } from '../../shared/compose/intake.ts';
import { composeRemediate, remediateVariables } from '../../shared/compose/remediate.ts';
import type { IntakeResult } from '../../shared/intake/ingest.ts';
import { formatDuration } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { withoutInvisible } from '../../shared/model/text.ts';
import type { Log } from '../../shared/ports/log.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { createDurableEngine } from '../testbed/engine/durable.ts';
import { loggerTo } from '../testbed/logger.ts';
import { parseIncident } from './incident.ts';
import { impatient } from './patience.ts';

/** Real time, while a person waits for an answer. */
export type Time = {
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** Runs something periodically until it is stopped. */
  every(milliseconds: number, run: () => void): () => void;
};

const realTime: Time = {
  now: () => Date.now(),
  sleep,
  every: (milliseconds, run) => {
    const timer = setInterval(run, milliseconds);
    return () => clearInterval(timer);
  },
};

/** The maximum time between two progress reports. In milliseconds. */
const wordEvery = 20_000;

const write = (line: string) => void process.stderr.write(`${line}\n`);
/** The approval page can't reach an execution that runs here, so approval is impossible. */
const requestApproval: Reporter['requestApproval'] = async ({ what, why }) => write(`a person would be asked whether to ${what}: ${why}`);
/** Seconds until the request times out as a no. */
const silence = 60;

/**
 * Against a real account, or any endpoint that `AWS_ENDPOINT_URL` names: the handlers run here, on the durable engine but on the
 * machine's clock, with the stack's table and topics. A dry run unless `SELFHEAL_MODE` says otherwise.
 */
const createAccount = async (time: Time) => {
  const { OUTCOME_TOPIC_ARN: _, CHAT_TOPIC_ARN: __, ...own } = remediateVariables;
  const given = readEnvironment({
    ...own,
    SELFHEAL_MODE: remediateVariables.SELFHEAL_MODE.removeDefault().default('dry-run'),
    AWS_REGION: z.string().min(1).default('us-east-1'),
    /** Names only: the account is that of the credentials. */
    OUTCOME_TOPIC: z.string().min(1),
    CHAT_TOPIC: z.string().default(''),
  });
  const region = given.AWS_REGION;
  const { Account: account = '', Arn = '' } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  const arnOf = (service: string, rest: string) => `arn:${Arn.split(':')[1] || 'aws'}:${service}:${region}:${account}:${rest}`;
  const environment = {
    ...given,
    OUTCOME_TOPIC_ARN: arnOf('sns', given.OUTCOME_TOPIC),
    CHAT_TOPIC_ARN: given.CHAT_TOPIC && arnOf('sns', given.CHAT_TOPIC),
  };
  /** The last timeline line of each incident, and how it ended. */
  const stories = new Map<string, string>();
  const settled = new Map<string, Outcome>();
  const log: Log = (entry) => {
    if (typeof entry.incident === 'string' && 'phase' in entry) stories.set(entry.incident, entry.message);
    write(JSON.stringify(entry, withoutInvisible));
  };
  const clock = createClock(time.now());
  const remediate = composeRemediate(
    environment,
    {
      clients: createClients({ region }),
      connect: createClients,
      sts: () => new STSClient({ region }),
      lambda: () => new LambdaClient({ region }),
      asking: { requestApproval },
      logger: loggerTo(log),
      write,
      now: time.now,
      random: Math.random,
      nameServers: createNameServers(),
    },
    (deps) => ({
      ...deps,
      reporter: impatient(deps.reporter, (outcome) => settled.set(outcome.incident, outcome)),
      policy: { ...deps.policy, approval: { ...deps.policy.approval, timeout: silence } },
    }),
  );
  const random = createRandom(time.now());
  const engine = createDurableEngine({ clock, random, account, region, handler: () => remediate });
  const begin = (incident: Incident) => engine.start('remediate', incident.key, JSON.stringify(incident)).started;
  const intake = composeIntake(
    parseEnvironment(intakeVariables, { ...given, REMEDIATE_FUNCTION: 'remediate' }),
    { lambda: new LambdaClient({ region }), dynamodb: new DynamoDBClient({ region }), log, now: time.now },
    // Executions run in this process only.
    (deps) => ({ ...deps, start: async (incident) => (begin(incident) ? 'started' : 'joined') }),
  );
  const context = { invokedFunctionArn: arnOf('lambda', 'function:intake'), getRemainingTimeInMillis: () => 30_000 } as never;
  return {
    clock,
    engine,
    time,
    log,
    stories,
    settled,
    begin,
    ingest: async (event: unknown) => (await intake(event as never, context)) as IntakeResult,
  };
};

type Account = Awaited<ReturnType<typeof createAccount>>;

/** Prints what each open incident waits for, and for how long. */
const tellWaits = ({ engine, clock, time, log, stories }: Account): void => {
  const next = engine.next() ?? clock.now();
  const left = Math.ceil(Math.max(0, next - time.now()) / 1000);
  for (const { name: incident, status } of engine.executions.values()) {
    if (status !== 'RUNNING') continue;
    const until = left > 0 ? `waiting at least ${formatDuration(left)} more` : 'waiting for AWS to answer';
    log({ level: 'INFO', message: `${until}: ${stories.get(incident) ?? 'no entry yet'}`, incident });
  }
};

/** Runs executions in real time until all have ended. The outcome of a failed execution is shown all the same. */
const finish = async (account: Account): Promise<{ outcomes: Outcome[]; failed: string[] }> => {
  const { engine, clock, time, settled } = account;
  const hush = time.every(wordEvery, () => tellWaits(account));
  try {
    for (let next = engine.next(); next !== undefined; next = engine.next()) {
      const wait = next - time.now();
      if (wait > 0) await time.sleep(wait);
      clock.advanceTo(time.now());
      await engine.run();
    }
  } finally {
    hush();
  }
  const ended = [...engine.executions.values()];
  return {
    outcomes: ended.flatMap(({ name, result }) => {
      const outcome = result === undefined ? settled.get(name) : (JSON.parse(result) as Outcome);
      return outcome ? [outcome] : [];
    }),
    failed: ended.flatMap(({ name, status, error }) => (status === 'SUCCEEDED' ? [] : [`${name}: ${status}: ${error}`])),
  };
};

/**
 * Runs one event from intake to its outcomes.
 * @throws {Error} saying what could not be done
 */
export const intakeInAccount = async (event: unknown, time = realTime) => {
  const account = await createAccount(time);
  const { rejected, ignored } = await account.ingest(event);
  return { ...(await finish(account)), rejected, ignored };
};

/** One incident alone. */
export const remediateInAccount = async (event: unknown, time = realTime) => {
  const account = await createAccount(time);
  account.begin(parseIncident(event));
  return { ...(await finish(account)), rejected: [], ignored: 0 };
};
