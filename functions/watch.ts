import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { composeWatch, watchVariables } from '../shared/compose/watch.ts';
import { readEnvironment } from '../shared/environment.ts';

const logger = createLogger();

export const handler = composeWatch(readEnvironment(watchVariables), {
  dynamodb: new DynamoDBClient({}),
  lambda: new LambdaClient({}),
  sns: new SNSClient({}),
  eventBridge: new EventBridgeClient({}),
  ec2: new EC2Client({}),
  autoScaling: new AutoScalingClient({}),
  log: logTo(logger),
  write: (line) => console.log(line),
  now: () => Date.now(),
}).before(({ context }) => logger.addContext(context));
