import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createClient } from '../shared/aws/client.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { composeWidget, widgetVariables } from '../shared/compose/dashboard-widget.ts';
import { readEnvironment } from '../shared/compose/environment.ts';

const logger = createLogger();

export const handler = composeWidget(readEnvironment(widgetVariables), {
  dynamodb: createClient(DynamoDBClient, { maxAttempts: 3 }),
  log: logTo(logger),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
