import { LambdaClient } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { createStarter } from '../shared/aws/starter.ts';
import { readEnvironment } from '../shared/environment.ts';
import { parseClassification } from '../shared/failures/rules.ts';
import { createIntake } from '../shared/handlers/intake.ts';

const environment = readEnvironment({
  REMEDIATE_FUNCTION: z.string().min(1),
  REMEDIATE_QUALIFIER: z.string().min(1).default('durable'),
  SELFHEAL_POLICY: z.string().default(''),
});

const logger = createLogger();

export const handler = createIntake({
  rules: parseClassification(environment.SELFHEAL_POLICY),
  start: createStarter(new LambdaClient({}), environment.REMEDIATE_FUNCTION, environment.REMEDIATE_QUALIFIER),
  log: logTo(logger),
}).before(({ context }) => logger.addContext(context));
