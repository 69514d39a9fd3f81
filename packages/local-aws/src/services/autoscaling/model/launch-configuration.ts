import type { CreateLaunchConfigurationType } from '@aws-sdk/client-auto-scaling';

export type LaunchConfiguration = {
  readonly arn: string;
  readonly createdAt: number;
  readonly input: CreateLaunchConfigurationType & { ImageId: string; InstanceType: string };
};
