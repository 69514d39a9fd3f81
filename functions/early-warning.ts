import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as z from 'zod';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { createEarlyWarning } from '../shared/early-warning/index.ts';
import { readEnvironment } from '../shared/environment.ts';
import { parsePolicy } from '../shared/policy.ts';

const environment = readEnvironment({
  ALARM_TOPIC_ARN: z.string().startsWith('arn:'),
  SELFHEAL_POLICY: z.string().default(''),
});
/** Hundreds of alarms at three a second: the client waits for its turn, and every call may be repeated. */
const patient = { retryMode: 'adaptive', maxAttempts: 6 };

const logger = createLogger();

export const handler = createEarlyWarning({
  clients: {
    ec2: new EC2Client(patient),
    autoScaling: new AutoScalingClient(patient),
    elb: new ElasticLoadBalancingV2Client(patient),
    cloudWatch: new CloudWatchClient(patient),
  },
  policy: parsePolicy(environment.SELFHEAL_POLICY),
  topicArn: environment.ALARM_TOPIC_ARN,
  log: logTo(logger),
}).before(({ context }) => logger.addContext(context));
