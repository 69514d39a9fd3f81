import * as z from 'zod';
import type { Clients } from '../aws/clients.ts';
import { createKillSwitch } from '../aws/kill-switch.ts';
import { createLedger } from '../aws/ledger.ts';
import { logTo } from '../aws/log.ts';
import { createRemediate, type RemediateDeps } from '../handlers/remediate.ts';
import { modes, restrictTo } from '../model/policy.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Asking } from './ask.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composePolicy } from './policy.ts';
import { composeReporter, reporterVariables } from './reporter.ts';

export const remediateVariables = {
  LEDGER_TABLE: z.string().min(1),
  ...reporterVariables,
  SELFHEAL_POLICY: z.string().default(''),
  /** At most this is done, whatever the policy allows. */
  SELFHEAL_MODE: z.enum(modes).default('enforce'),
  /** The name of a parameter in Parameter Store; without one there is no kill switch. */
  KILL_SWITCH_PARAMETER: z.string().default(''),
};

type Parts = Pick<RemediateDeps, 'now' | 'random'> & {
  clients: Clients;
  asking: Asking;
  logger: NonNullable<RemediateDeps['logger']>;
  /** Writes a line that CloudWatch reads metrics from; it has to stand alone. */
  write: (line: string) => void;
  timer?: Timer;
};

/** One incident, from its first look to its outcome. `change` has the last word on what it is made of, `adapt` on the durable engine. */
export const composeRemediate = (
  environment: Environment<typeof remediateVariables>,
  { clients, asking, logger, write, now, random, timer }: Parts,
  change: (deps: RemediateDeps) => RemediateDeps = (deps) => deps,
  adapt?: Parameters<typeof createRemediate>[1],
): ReturnType<typeof createRemediate> => {
  const { LEDGER_TABLE, SELFHEAL_POLICY, SELFHEAL_MODE, KILL_SWITCH_PARAMETER } = environment;
  const policy = restrictTo(composePolicy(SELFHEAL_POLICY, logTo(logger)), SELFHEAL_MODE);
  const deps = {
    clients,
    logger,
    ledger: createLedger(clients.dynamodb, LEDGER_TABLE),
    policy,
    ...(KILL_SWITCH_PARAMETER ? { killSwitch: createKillSwitch(clients.ssm, KILL_SWITCH_PARAMETER) } : {}),
    reporter: composeReporter(environment, { ...clients, policy, write, asking }),
    now,
    random,
    bounded: boundedAs('remediate', timer),
  };
  return createRemediate(change(deps), adapt);
};
