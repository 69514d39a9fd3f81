import { setTimeout as sleep } from 'node:timers/promises';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { createClients } from '../../shared/aws/clients.ts';
import type { Log } from '../../shared/aws/log.ts';
import { composeIntake, intakeVariables } from '../../shared/compose/intake.ts';
import { composeRemediate, remediateVariables } from '../../shared/compose/remediate.ts';
import { parseEnvironment, readEnvironment } from '../../shared/environment.ts';
import type { Incident } from '../../shared/incident/incident.ts';
import type { IntakeResult } from '../../shared/incident/intake.ts';
import type { Reporter } from '../../shared/incident/reporter.ts';
import { withoutInvisible } from '../../shared/text.ts';
import { createDurableEngine } from '../engine/durable.ts';
import { loggerTo } from '../host/logger.ts';
import { createClock } from '../world/clock.ts';
import { createRandom } from '../world/random.ts';
import { parseIncident } from './incident.ts';

const write = (line: string) => void process.stderr.write(`${line}\n`);
const log: Log = (entry) => write(JSON.stringify(entry, withoutInvisible));
/** The page that decides can't reach an execution that runs here, so nobody could say yes. */
const ask: Reporter['ask'] = async ({ what, why }) => write(`a person would be asked whether to ${what}: ${why}`);
/** Seconds until an answer that can't come is a no. */
const silence = 60;

/**
 * Against a real account, or any endpoint that `AWS_ENDPOINT_URL` names: the handlers run here, on the durable engine but on the
 * machine's clock, with the stack's table and topics. A dry run unless `SELFHEAL_MODE` says otherwise.
 */
const createAccount = async () => {
  const { OUTCOME_TOPIC_ARN: _, CHAT_TOPIC_ARN: __, ...own } = remediateVariables;
  const given = readEnvironment({
    ...own,
    SELFHEAL_MODE: remediateVariables.SELFHEAL_MODE.removeDefault().default('dry-run'),
    AWS_REGION: z.string().min(1).default('us-east-1'),
    /** Names alone: the account is that of the credentials. */
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
  const clock = createClock(Date.now());
  const remediate = composeRemediate(
    environment,
    { clients: createClients({ region }), asking: { ask }, logger: loggerTo(log), write, now: Date.now, random: Math.random },
    (deps) => ({ ...deps, policy: { ...deps.policy, approval: { ...deps.policy.approval, timeout: silence } } }),
  );
  const random = createRandom(Date.now());
  const engine = createDurableEngine({ clock, random, account, region, handler: () => remediate });
  const begin = (incident: Incident) => engine.start('remediate', incident.key, JSON.stringify(incident)).started;
  const intake = composeIntake(
    parseEnvironment(intakeVariables, { ...given, REMEDIATE_FUNCTION: 'remediate' }),
    { lambda: new LambdaClient({ region }), log },
    // What begins in this process ends in it.
    (deps) => ({ ...deps, start: async (incident) => (begin(incident) ? 'started' : 'joined') }),
  );
  const context = { invokedFunctionArn: arnOf('lambda', 'function:intake'), getRemainingTimeInMillis: () => 30_000 } as never;
  return { clock, engine, begin, takeIn: async (event: unknown) => (await intake(event as never, context)) as IntakeResult };
};

type Account = Awaited<ReturnType<typeof createAccount>>;

/** Lets executions go on, in real time, until all have ended. */
const finish = async ({ engine, clock }: Pick<Account, 'engine' | 'clock'>) => {
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

/** One event from intake to its outcomes. Throws an Error that says what could not be done. */
export const intakeInAccount = async (event: unknown) => {
  const account = await createAccount();
  const { rejected, ignored } = await account.takeIn(event);
  return { outcomes: await finish(account), rejected, ignored };
};

/** One incident alone. */
export const remediateInAccount = async (event: unknown) => {
  const account = await createAccount();
  account.begin(parseIncident(event));
  return { outcomes: await finish(account), rejected: [], ignored: 0 };
};
