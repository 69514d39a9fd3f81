import { setTimeout as sleep } from 'node:timers/promises';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { createClients } from '../../shared/aws/clients.ts';
import { createKillSwitch } from '../../shared/aws/kill-switch.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { createReporter } from '../../shared/aws/reporter.ts';
import { readEnvironment } from '../../shared/environment.ts';
import { createRemediate } from '../../shared/handlers/remediate.ts';
import type { Incident } from '../../shared/incident/incident.ts';
import { takeIn } from '../../shared/incident/intake.ts';
import { parsePolicy, restrictTo } from '../../shared/policy.ts';
import { createDurableEngine } from '../engine/durable.ts';
import { createClock } from '../world/clock.ts';
import { createRandom } from '../world/random.ts';
import { parseIncident } from './incident.ts';

/**
 * Against a real account, or any endpoint that `AWS_ENDPOINT_URL` names: the handlers run here, on the durable engine but on the
 * machine's clock, with the stack's table and topic. A dry run unless `SELFHEAL_MODE` says otherwise.
 */
const createAccount = async () => {
  const environment = readEnvironment({
    AWS_REGION: z.string().min(1).default('us-east-1'),
    LEDGER_TABLE: z.string().min(1),
    OUTCOME_TOPIC: z.string().min(1),
    SELFHEAL_POLICY: z.string().default(''),
    KILL_SWITCH_PARAMETER: z.string().default(''),
    SELFHEAL_MODE: z.enum(['off', 'dry-run', 'enforce']).default('dry-run'),
  });
  const region = environment.AWS_REGION;
  const { Account: account = '', Arn = '' } = await new STSClient({ region }).send(new GetCallerIdentityCommand({}));
  const partition = Arn.split(':')[1] || 'aws';
  const clients = createClients({ region });
  const wanted = restrictTo(parsePolicy(environment.SELFHEAL_POLICY), environment.SELFHEAL_MODE);
  // The page that decides can't reach an execution that runs here, so nobody could say yes: it is a no after a minute.
  const policy = { ...wanted, approval: { ...wanted.approval, timeout: 60 } };
  const clock = createClock(Date.now());
  const remediate = createRemediate({
    clients,
    ledger: createLedger(clients.dynamodb, environment.LEDGER_TABLE),
    policy,
    ...(environment.KILL_SWITCH_PARAMETER ? { killSwitch: createKillSwitch(clients.ssm, environment.KILL_SWITCH_PARAMETER) } : {}),
    reporter: createReporter(clients, {
      topicArn: `arn:${partition}:sns:${region}:${account}:${environment.OUTCOME_TOPIC}`,
      busName: 'default',
      log: (line) => process.stderr.write(`${line}\n`),
      ask: async ({ what, why }) => void process.stderr.write(`a person would be asked whether to ${what}: ${why}\n`),
    }),
    now: Date.now,
    random: Math.random,
  });
  const random = createRandom(Date.now());
  const engine = createDurableEngine({ clock, random, account, region, handler: () => remediate });
  return { account, region, policy, clock, engine };
};

type Account = Awaited<ReturnType<typeof createAccount>>;

/** Lets executions go on, in real time, until all have ended. */
const finish = async ({ engine, clock }: Account) => {
  for (let next = engine.next(); next !== undefined; next = engine.next()) {
    const wait = next - Date.now();
    if (wait > 0) await sleep(wait);
    clock.advanceTo(Date.now());
    await engine.run();
  }
  const ended = [...engine.executions.values()];
  const failed = ended.filter(({ status }) => status !== 'SUCCEEDED');
  if (failed.length > 0) throw new Error(failed.map(({ name, status, error }) => `${name}: ${status}: ${error}`).join('; '));
  return ended.map(({ result }) => JSON.parse(result ?? 'null'));
};

const begin = ({ engine }: Account, incident: Incident) => engine.start('remediate', incident.key, JSON.stringify(incident)).started;

/** One event from intake to its outcomes. Throws an Error that says what could not be done. */
export const intakeInAccount = async (event: unknown) => {
  const account = await createAccount();
  const { rejected, ignored } = await takeIn(event, {
    home: account,
    rules: account.policy.classification,
    start: async (incident) => (begin(account, incident) ? 'started' : 'joined'),
    log: (entry) => process.stderr.write(`${JSON.stringify(entry)}\n`),
  });
  return { outcomes: await finish(account), rejected, ignored };
};

/** One incident alone. */
export const remediateInAccount = async (event: unknown) => {
  const account = await createAccount();
  begin(account, parseIncident(event));
  return { outcomes: await finish(account), rejected: [], ignored: 0 };
};
