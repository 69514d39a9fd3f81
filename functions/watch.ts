import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createClient } from '../shared/aws/client.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { readEnvironment } from '../shared/compose/environment.ts';
import { composeWatch, watchVariables } from '../shared/compose/watch.ts';

const patient = { maxAttempts: 3 };

const logger = createLogger();

export const handler = composeWatch(readEnvironment(watchVariables), {
  dynamodb: createClient(DynamoDBClient, patient),
  lambda: createClient(LambdaClient, patient),
  sns: createClient(SNSClient, patient),
  sqs: createClient(SQSClient, patient),
  rds: createClient(RDSClient, patient),
  eventBridge: createClient(EventBridgeClient, patient),
  ec2: createClient(EC2Client, patient),
  autoScaling: createClient(AutoScalingClient, patient),
  cloudWatch: createClient(CloudWatchClient, patient),
  ssm: createClient(SSMClient, patient),
  log: logTo(logger),
  write: (line) => console.log(line),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
