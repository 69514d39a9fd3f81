import { LambdaClient } from '@aws-sdk/client-lambda';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { composeIntake, intakeVariables } from '../shared/compose/intake.ts';
import { readEnvironment } from '../shared/environment.ts';

const logger = createLogger();

export const handler = composeIntake(readEnvironment(intakeVariables), { lambda: new LambdaClient({}), log: logTo(logger) }).before(
  ({ context }) => logger.addContext(context),
);
