import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { createExecutions } from '../shared/aws/executions.ts';
import { createLedger } from '../shared/aws/ledger.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { createReporter } from '../shared/aws/reporter.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createWatch } from '../shared/handlers/watch.ts';
import { defaultNamespace } from '../shared/notify/metrics.ts';
import { parsePolicy } from '../shared/policy.ts';

const environment = readEnvironment({
  LEDGER_TABLE: z.string().min(1),
  OUTCOME_TOPIC_ARN: z.string().startsWith('arn:'),
  /** Where a chat listens; without one, none is told. */
  CHAT_TOPIC_ARN: z.string().default(''),
  EVENT_BUS: z.string().min(1).default('default'),
  REMEDIATE_FUNCTION: z.string().min(1),
  METRICS_NAMESPACE: z.string().min(1).default(defaultNamespace),
  SELFHEAL_POLICY: z.string().default(''),
});

const logger = createLogger();
/** The embedded metric format counts only what stands alone on a line. */
const write = (line: string) => console.log(line);

export const handler = createWatch({
  log: logTo(logger),
  write,
  namespace: environment.METRICS_NAMESPACE,
  ledger: createLedger(new DynamoDBClient({}), environment.LEDGER_TABLE),
  reporter: createReporter(
    { sns: new SNSClient({}), eventBridge: new EventBridgeClient({}) },
    {
      topicArn: environment.OUTCOME_TOPIC_ARN,
      ...(environment.CHAT_TOPIC_ARN ? { chatTopicArn: environment.CHAT_TOPIC_ARN } : {}),
      routes: parsePolicy(environment.SELFHEAL_POLICY).routes,
      busName: environment.EVENT_BUS,
      log: write,
      namespace: environment.METRICS_NAMESPACE,
    },
  ),
  executions: createExecutions(new LambdaClient({}), environment.REMEDIATE_FUNCTION),
  now: () => Date.now(),
}).before(({ context }) => logger.addContext(context));
