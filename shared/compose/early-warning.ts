import * as z from 'zod';
import type { Clients } from '../aws/clients.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { createEarlyWarning } from '../recommended-alarms/index.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { composePolicy } from './policy.ts';

/** Environment variables of the function. */
export const earlyWarningVariables = {
  ALARM_TOPIC_ARN: z.string().startsWith('arn:'),
  SELFHEAL_POLICY: z.string().default(''),
};

type Parts = {
  clients: Pick<Clients, 'ec2' | 'autoScaling' | 'elb' | 'cloudWatch' | 'of'>;
  log: Log;
  now: () => number;
  timer?: Timer;
};

/** Early warning: alarms for everything opted in. */
export const composeEarlyWarning = (
  { ALARM_TOPIC_ARN, SELFHEAL_POLICY }: Environment<typeof earlyWarningVariables>,
  { clients, log, now, timer }: Parts,
) =>
  createEarlyWarning({
    clients,
    policy: composePolicy(SELFHEAL_POLICY, log),
    topicArn: ALARM_TOPIC_ARN,
    log,
    now,
    bounded: boundedAs('earlyWarning', timer),
  });
