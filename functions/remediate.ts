import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createAsk } from '../shared/approval/ask.ts';
import { readKeys } from '../shared/approval/keys.ts';
import { createApprovalStore } from '../shared/approval/store.ts';
import { createClients } from '../shared/aws/clients.ts';
import { createKillSwitch } from '../shared/aws/kill-switch.ts';
import { createLedger } from '../shared/aws/ledger.ts';
import { createLogger } from '../shared/aws/log.ts';
import { createReporter } from '../shared/aws/reporter.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createRemediate } from '../shared/handlers/remediate.ts';
import { defaultNamespace } from '../shared/notify/metrics.ts';
import { modes, parsePolicy, restrictTo } from '../shared/policy.ts';

const environment = readEnvironment({
  LEDGER_TABLE: z.string().min(1),
  OUTCOME_TOPIC_ARN: z.string().startsWith('arn:'),
  EVENT_BUS: z.string().min(1).default('default'),
  METRICS_NAMESPACE: z.string().min(1).default(defaultNamespace),
  APPROVAL_TOPIC_ARN: z.string().startsWith('arn:'),
  /** Where a chat listens; without one, none is told. */
  CHAT_TOPIC_ARN: z.string().default(''),
  /** The address of the page on which people decide, with a slash at its end. */
  APPROVAL_PAGE: z.url().endsWith('/'),
  APPROVAL_SECRET: z.string().min(1),
  SELFHEAL_POLICY: z.string().default(''),
  /** At most this is done, whatever the policy allows. */
  SELFHEAL_MODE: z.enum(modes).default('enforce'),
  /** The name of a parameter in Parameter Store; without one there is no kill switch. */
  KILL_SWITCH_PARAMETER: z.string().default(''),
});
const policy = restrictTo(parsePolicy(environment.SELFHEAL_POLICY), environment.SELFHEAL_MODE);
const clients = createClients({});
const chat = environment.CHAT_TOPIC_ARN ? { chatTopicArn: environment.CHAT_TOPIC_ARN } : {};

export const handler = createRemediate({
  clients,
  logger: createLogger(),
  ledger: createLedger(clients.dynamodb, environment.LEDGER_TABLE),
  policy,
  ...(environment.KILL_SWITCH_PARAMETER ? { killSwitch: createKillSwitch(clients.ssm, environment.KILL_SWITCH_PARAMETER) } : {}),
  reporter: createReporter(clients, {
    topicArn: environment.OUTCOME_TOPIC_ARN,
    ...chat,
    routes: policy.routes,
    busName: environment.EVENT_BUS,
    // The embedded metric format counts only what stands alone on a line.
    log: (line) => console.log(line),
    namespace: environment.METRICS_NAMESPACE,
    ask: createAsk({
      sns: clients.sns,
      topicArn: environment.APPROVAL_TOPIC_ARN,
      ...chat,
      page: environment.APPROVAL_PAGE,
      // Rarely needed, so its client is made when it is.
      keys: () => readKeys(new SSMClient({ maxAttempts: 1 }), environment.APPROVAL_SECRET),
      store: createApprovalStore(clients.dynamodb, environment.LEDGER_TABLE),
    }),
  }),
  now: () => Date.now(),
  random: () => Math.random(),
});
