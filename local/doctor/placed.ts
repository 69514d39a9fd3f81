import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createClient } from '../../shared/aws/client.ts';
import type { Place } from '../../shared/model/place.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Deployment } from '../operate/deployment.ts';

type PlacedOptions = {
  stage: string;
  names: Deployment['names'];
  ssm: Deployment['ssm'];
  optIn: Policy['optIn'];
  /** What puts back what somebody has deleted or changed. */
  redeploy: string;
  /** What names the place in commands: those of the AWS CLI, and our own. */
  place: { aws: string; own: string };
};

/** What is looked at in an account and region alike, whether a deployment or a member's stack is there. */
export const placedAt = (
  { account, region, partition }: Place & { partition: string },
  config: object,
  { stage, names, ssm, optIn, redeploy, place }: PlacedOptions,
) => ({
  ...{ account, region, partition, stage, names, ssm, optIn, redeploy, place },
  /** The name of a part, as serverless.yml has them in `custom.names`. */
  nameOf: (part: string) => `selfheal-${stage}-${part}`,
  arn: (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
  eventBridge: createClient(EventBridgeClient, config),
  iam: createClient(IAMClient, config),
  sqs: createClient(SQSClient, config),
  ec2: createClient(EC2Client, config),
  autoScaling: createClient(AutoScalingClient, config),
});

export type Placed = ReturnType<typeof placedAt>;
