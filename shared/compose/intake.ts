import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { createInbox } from '../aws/inbox.ts';
import { createPostedStart, createStarter } from '../aws/starter.ts';
import { readClassification } from '../failures/rules.ts';
import { createIntake } from '../handlers/intake.ts';
import type { IntakeDeps } from '../intake/ingest.ts';
import { noRules, rulesOf } from '../model/classification-rules.ts';
import type { Place } from '../model/place.ts';
import { notAsPackaged, openPackaged } from '../policy/packaged.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { packagedPolicy } from './packaged-policy.ts';

/** Environment variables of the function. */
export const intakeVariables = {
  LEDGER_TABLE: z.string().min(1),
  REMEDIATE_FUNCTION: z.string().min(1),
  REMEDIATE_QUALIFIER: z.string().min(1).default('durable'),
  SELFHEAL_POLICY: z.string().default(''),
  /** Members whose topics a hub listens to, as `444455556666:eu-west-1,…`; `none` of a hub without any, and nothing where the stack is no hub. */
  MEMBER_TOPICS: z
    .string()
    .regex(/^(?:none|\d{12}:[a-z0-9-]+(?:,\d{12}:[a-z0-9-]+)*)?$/, 'must be none, or accounts with regions such as 444455556666:eu-west-1')
    .default(''),
};

const topicsOf = (text: string): Place[] | null =>
  text === ''
    ? null
    : text === 'none'
      ? []
      : text.split(',').map((one) => {
          const [account = '', region = ''] = one.split(':');
          return { account, region };
        });

type Parts = { lambda: LambdaClient; dynamodb: DynamoDBClient; log: Log; now: () => number; timer?: Timer };
type Deps = Omit<IntakeDeps, 'home' | 'timeLeft'>;

/** What alarms mean: by the variable if it has a policy, else by that of the package. */
const composeRules = (text: string): ReturnType<typeof readClassification> => {
  if (text.trim() !== '' || !packagedPolicy) return readClassification(text);
  const policy = openPackaged(packagedPolicy);
  if (policy) return { rules: rulesOf(policy) };
  return { rules: noRules, problem: `the policy can't be used, so the default classification applies: ${notAsPackaged}` };
};

/** Turns events into executions. `change` may replace any dependency. */
export const composeIntake = (
  { LEDGER_TABLE, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER, SELFHEAL_POLICY, MEMBER_TOPICS }: Environment<typeof intakeVariables>,
  { lambda, dynamodb, log, now, timer }: Parts,
  change: (deps: Deps) => Deps = (deps) => deps,
) => {
  const { rules, problem } = composeRules(SELFHEAL_POLICY);
  if (problem !== undefined) log({ level: 'ERROR', message: 'policy not usable', problem });
  const starter = createStarter(lambda, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER);
  const start = createPostedStart(starter, createInbox(dynamodb, LEDGER_TABLE), { now, log });
  const bounded = boundedAs('intake', timer);
  return createIntake(change({ rules, topics: topicsOf(MEMBER_TOPICS), start: (incident) => bounded(() => start(incident)), log }));
};
