import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createClient } from '../shared/aws/client.ts';
import { createLogger, logTo } from '../shared/aws/log.ts';
import { composeEarlyWarning, earlyWarningVariables } from '../shared/compose/early-warning.ts';
import { readEnvironment } from '../shared/compose/environment.ts';

/** For hundreds of alarms at three calls a second: the client waits its turn, and every call may be retried. */
const patient = { retryMode: 'adaptive', maxAttempts: 6 };

const logger = createLogger();

export const handler = composeEarlyWarning(readEnvironment(earlyWarningVariables), {
  clients: {
    ec2: createClient(EC2Client, patient),
    autoScaling: createClient(AutoScalingClient, patient),
    elb: createClient(ElasticLoadBalancingV2Client, patient),
    cloudWatch: createClient(CloudWatchClient, patient),
    of: (Client) => createClient(Client, patient),
  },
  log: logTo(logger),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
}).before(({ context }) => logger.addContext(context));
