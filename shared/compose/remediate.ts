import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { STSClient } from '@aws-sdk/client-sts';
import * as z from 'zod';
import { createBeats } from '../aws/beats.ts';
import type { Connect } from '../aws/client.ts';
import type { Clients } from '../aws/clients.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createLedger } from '../aws/ledger.ts';
import { logTo } from '../aws/log.ts';
import { createNameServers } from '../aws/name-servers.ts';
import { createProbe } from '../aws/probe.ts';
import { createRemediate, type RemediateDeps } from '../handlers/remediate.ts';
import { modes, restrictTo } from '../model/policy.ts';
import type { Timer } from '../ports/deadline.ts';
import type { NameServers } from '../ports/name-servers.ts';
import type { Post } from '../ports/post.ts';
import type { Asking } from './approvals.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composeMembers } from './members.ts';
import { composePolicy } from './policy.ts';
import { composeReporter, reporterVariables } from './reporter.ts';
import { memberVariables } from './sessions.ts';

/** Environment variables of the function. */
export const remediateVariables = {
  LEDGER_TABLE: z.string().min(1),
  ...reporterVariables,
  SELFHEAL_POLICY: z.string().default(''),
  /** The upper limit of the mode, whatever the policy allows. */
  SELFHEAL_MODE: z.enum(modes).default('enforce'),
  /** The parameter in Parameter Store with the kill switch; there is none if empty. */
  KILL_SWITCH_PARAMETER: z.string().default(''),
  /** The function that requests URLs; there is none if empty. */
  PROBE_FUNCTION: z.string().default(''),
  ...memberVariables,
};

/** What public DNS says of delegations. */
export const publicNameServers = createNameServers;

type Parts = Pick<RemediateDeps, 'now' | 'random'> & {
  clients: Clients;
  /** Makes clients of members. */
  connect: Connect<Clients>;
  /** Only asked for where there are members. */
  sts: () => STSClient;
  /** Only asked for where a probe is deployed. */
  lambda: () => LambdaClient;
  asking: Asking;
  logger: NonNullable<RemediateDeps['logger']>;
  /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
  write: (line: string) => void;
  timer?: Timer;
  nameServers: NameServers;
  /** How servers outside AWS are reached, where not by the network. */
  post?: Post;
};

/** Treats one incident. `change` may replace any dependency, `adapt` the durable engine. */
export const composeRemediate = (
  environment: Environment<typeof remediateVariables>,
  { clients, connect, sts, lambda, asking, logger, write, now, random, timer, nameServers, post }: Parts,
  change: (deps: RemediateDeps) => RemediateDeps = (deps) => deps,
  adapt?: Parameters<typeof createRemediate>[1],
): ReturnType<typeof createRemediate> => {
  const { LEDGER_TABLE, SELFHEAL_POLICY, SELFHEAL_MODE, KILL_SWITCH_PARAMETER, PROBE_FUNCTION } = environment;
  const policy = restrictTo(composePolicy(SELFHEAL_POLICY, logTo(logger)), SELFHEAL_MODE);
  // Each client is made when it is first read.
  const reporting = { sns: clients.sns, eventBridge: clients.eventBridge, ssm: clients.ssm };
  const killSwitch = KILL_SWITCH_PARAMETER ? createKillSwitch(clients.ssm, KILL_SWITCH_PARAMETER) : undefined;
  const members = composeMembers(clients, environment, { connect, sts, now, switchName: KILL_SWITCH_PARAMETER, killSwitch });
  const deps = {
    clients,
    logger,
    ledger: createLedger(clients.dynamodb, LEDGER_TABLE),
    beats: createBeats(clients.dynamodb, LEDGER_TABLE),
    policy,
    nameServers,
    ...(killSwitch ? { killSwitch } : {}),
    ...(members ? { members } : {}),
    ...(PROBE_FUNCTION ? { probe: createProbe(lambda(), PROBE_FUNCTION) } : {}),
    reporter: composeReporter(environment, { ...reporting, policy, now, timer, post, write, asking }),
    now,
    random,
    bounded: boundedAs('remediate', timer),
  };
  return createRemediate(change(deps), adapt);
};
