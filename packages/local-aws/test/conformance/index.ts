import { autoScalingChecks } from './autoscaling.ts';
import type { Check } from './check.ts';
import { cloudWatchChecks } from './cloudwatch.ts';
import { dynamoDbChecks, messagingChecks } from './data.ts';
import { ec2Checks } from './ec2.ts';
import { eventBridgeChecks } from './events.ts';
import { kmsChecks } from './kms.ts';
import { cloudTrailChecks, elbChecks, lambdaChecks, ssmChecks, stsChecks } from './small.ts';

/** What AWS's API reference says, by service. */
export const conformance: Readonly<Record<string, readonly Check[]>> = {
  ec2: ec2Checks,
  'auto-scaling': autoScalingChecks,
  cloudwatch: cloudWatchChecks,
  eventbridge: eventBridgeChecks,
  elb: elbChecks,
  kms: kmsChecks,
  cloudtrail: cloudTrailChecks,
  ssm: ssmChecks,
  sts: stsChecks,
  lambda: lambdaChecks,
  dynamodb: dynamoDbChecks,
  messaging: messagingChecks,
};
