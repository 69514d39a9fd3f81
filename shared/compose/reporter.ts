import * as z from 'zod';
import type { Clients } from '../aws/clients.ts';
import { createPost } from '../aws/https.ts';
import { readSecret } from '../aws/secret.ts';
import { parseArn } from '../model/arn.ts';
import type { Policy } from '../model/policy.ts';
import type { Home } from '../notifications/links.ts';
import { defaultNamespace } from '../notifications/metrics.ts';
import { createReporter } from '../notifications/reporter.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Post } from '../ports/post.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Environment } from './environment.ts';

/** Environment variables of the reporter. */
export const reporterVariables = {
  OUTCOME_TOPIC_ARN: z.string().startsWith('arn:'),
  /** The topic of the chat; there is none if empty. */
  CHAT_TOPIC_ARN: z.string().default(''),
  EVENT_BUS: z.string().min(1).default('default'),
  METRICS_NAMESPACE: z.string().min(1).default(defaultNamespace),
  /** The name prefix of this deployment, such as `selfheal-prod`; without it, messages have no links to the dashboard or the logs. */
  DEPLOYMENT: z.string().default(''),
};

type Parts = Pick<Clients, 'sns' | 'eventBridge' | 'ssm'> & {
  policy: Pick<Policy, 'organization' | 'routes' | 'runbooks' | 'channels'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  timer?: Timer | undefined;
  /** How servers outside AWS are reached, where not by the network. */
  post?: Post | undefined;
  /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
  write: (line: string) => void;
  /** How to ask for approval, where possible. */
  asking?: Pick<Reporter, 'requestApproval' | 'decided' | 'whyNotTwo'>;
};

/** The topic is in the same account and region as the dashboard and the logs. */
const homeOf = (topicArn: string, deployment: string): Home | null => {
  const region = parseArn(topicArn)?.region;
  return region && deployment !== '' ? { region, deployment } : null;
};

/** Creates the reporter, for every function that reports outcomes. */
export const composeReporter = (
  { OUTCOME_TOPIC_ARN, CHAT_TOPIC_ARN, EVENT_BUS, METRICS_NAMESPACE, DEPLOYMENT }: Environment<typeof reporterVariables>,
  { sns, eventBridge, ssm, policy, now, timer, post = createPost({ timer }), write, asking }: Parts,
): Reporter =>
  createReporter(
    {
      sns,
      eventBridge,
      topicArn: OUTCOME_TOPIC_ARN,
      ...(CHAT_TOPIC_ARN ? { chatTopicArn: CHAT_TOPIC_ARN } : {}),
      routes: policy.routes,
      organization: policy.organization,
      runbooks: policy.runbooks,
      home: homeOf(OUTCOME_TOPIC_ARN, DEPLOYMENT),
      busName: EVENT_BUS,
      namespace: METRICS_NAMESPACE,
      log: write,
      outside: { channels: policy.channels, ssm, post, secret: (name) => readSecret(ssm, name), now },
    },
    asking,
  );
