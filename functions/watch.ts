import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { createLedger } from '../shared/aws/ledger.ts';
import { createReporter } from '../shared/aws/reporter.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createWatch } from '../shared/handlers/watch.ts';

const environment = readEnvironment({
  LEDGER_TABLE: z.string().min(1),
  OUTCOME_TOPIC_ARN: z.string().startsWith('arn:'),
  EVENT_BUS: z.string().min(1).default('default'),
});

export const handler = createWatch({
  ledger: createLedger(new DynamoDBClient({}), environment.LEDGER_TABLE),
  reporter: createReporter(
    { sns: new SNSClient({}), eventBridge: new EventBridgeClient({}) },
    { topicArn: environment.OUTCOME_TOPIC_ARN, busName: environment.EVENT_BUS, log: (line) => console.log(line) },
  ),
  now: () => Date.now(),
});
