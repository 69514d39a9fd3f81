import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createClient } from '../shared/aws/client.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { readEnvironment } from '../shared/compose/environment.ts';
import { composeIntake, intakeVariables } from '../shared/compose/intake.ts';

const logger = createLogger();

export const handler = composeIntake(readEnvironment(intakeVariables), {
  lambda: createClient(LambdaClient, { maxAttempts: 3 }),
  dynamodb: createClient(DynamoDBClient, { maxAttempts: 2 }),
  now: () => Date.now(),
  log: logTo(logger),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
