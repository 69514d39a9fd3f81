import type { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import type { Timer } from '../aws/deadline.ts';
import type { Log } from '../aws/log.ts';
import { createStarter } from '../aws/starter.ts';
import type { Environment } from '../environment.ts';
import { readClassification } from '../failures/rules.ts';
import { createIntake } from '../handlers/intake.ts';
import type { IntakeDeps } from '../incident/intake.ts';
import { boundedAs } from './budgets.ts';

export const intakeVariables = {
  REMEDIATE_FUNCTION: z.string().min(1),
  REMEDIATE_QUALIFIER: z.string().min(1).default('durable'),
  SELFHEAL_POLICY: z.string().default(''),
};

type Deps = Omit<IntakeDeps, 'home' | 'timeLeft'>;

/** Events in, executions begun. `change` has the last word on what it is made of. */
export const composeIntake = (
  { REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER, SELFHEAL_POLICY }: Environment<typeof intakeVariables>,
  { lambda, log, timer }: { lambda: LambdaClient; log: Log; timer?: Timer },
  change: (deps: Deps) => Deps = (deps) => deps,
) => {
  const { rules, problem } = readClassification(SELFHEAL_POLICY);
  if (problem !== undefined) log({ level: 'ERROR', message: 'policy not usable', problem });
  const starter = createStarter(lambda, REMEDIATE_FUNCTION, REMEDIATE_QUALIFIER);
  const bounded = boundedAs('intake', timer);
  return createIntake(change({ rules, start: (incident) => bounded(() => starter(incident)), log }));
};
