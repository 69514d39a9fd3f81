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
import { STSClient } from '@aws-sdk/client-sts';
import { type Connect, createClient } from '../shared/aws/client.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { readEnvironment } from '../shared/compose/environment.ts';
import { composeWatch, type WatchClients, watchVariables } from '../shared/compose/watch.ts';

const patient = { maxAttempts: 3 };

const logger = createLogger();

const clientsOf: Connect<WatchClients> = (config, adapt) => {
  const make = <Client extends object>(Client: new (settings: never) => Client) => adapt(createClient(Client, { ...patient, ...config }));
  return {
    ec2: make(EC2Client),
    autoScaling: make(AutoScalingClient),
    cloudWatch: make(CloudWatchClient),
    ssm: make(SSMClient),
    lambda: make(LambdaClient),
    sqs: make(SQSClient),
    rds: make(RDSClient),
  };
};

export const handler = composeWatch(readEnvironment(watchVariables), {
  dynamodb: createClient(DynamoDBClient, patient),
  sns: createClient(SNSClient, patient),
  eventBridge: createClient(EventBridgeClient, patient),
  own: clientsOf({}, (client) => client),
  sts: () => createClient(STSClient, patient),
  connect: clientsOf,
  log: logTo(logger),
  write: (line) => console.log(line),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
