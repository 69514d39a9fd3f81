import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { composeWidget, widgetVariables } from '../shared/compose/dashboard-widget.ts';
import { readEnvironment } from '../shared/environment.ts';

const logger = createLogger();

export const handler = composeWidget(readEnvironment(widgetVariables), {
  dynamodb: new DynamoDBClient({}),
  log: logTo(logger),
  now: () => Date.now(),
}).before(({ context }) => logger.addContext(context));
