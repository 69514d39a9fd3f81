import type {
  CreateLaunchConfigurationType,
  LaunchConfigurationNamesType,
  LaunchConfigurationNameType,
  LaunchConfigurationsType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Core } from '../model/core.ts';
import { invalid, page } from './check.ts';

export const configurationOperations = (core: Core): Record<string, Operation> => ({
  CreateLaunchConfiguration: operation<CreateLaunchConfigurationType, object>(
    () => sdk.autoScaling().CreateLaunchConfiguration$,
    (input) => {
      const { LaunchConfigurationName: name = '', ImageId, InstanceType } = input;
      if (name.length < 1 || name.length > 255) throw invalid('The launch configuration name must be between 1 and 255 characters long.');
      if (core.configurations.has(name))
        throw new AwsError(
          'AlreadyExists',
          `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
        );
      if (!ImageId || !InstanceType)
        throw invalid('Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.');
      const arn = core.world.arn('autoscaling', `launchConfiguration:${core.random.uuid()}:launchConfigurationName/${name}`);
      core.configurations.set(name, { arn, createdAt: core.world.clock.now(), input: { ...input, ImageId, InstanceType } });
      return {};
    },
  ),

  DescribeLaunchConfigurations: operation<LaunchConfigurationNamesType, LaunchConfigurationsType>(
    () => sdk.autoScaling().DescribeLaunchConfigurations$,
    (input) => {
      const names = input.LaunchConfigurationNames ?? [];
      const all = [...core.configurations.values()];
      const found = names.length > 0 ? all.filter((c) => names.includes(c.input.LaunchConfigurationName ?? '')) : all;
      const { page: configurations, ...more } = page('configurations', input, found, 100, 50);
      return {
        LaunchConfigurations: configurations.map(({ arn, createdAt, input: { InstanceId: _, ...created } }) => ({
          ...created,
          LaunchConfigurationARN: arn,
          CreatedTime: new Date(createdAt),
          EbsOptimized: created.EbsOptimized ?? false,
          InstanceMonitoring: created.InstanceMonitoring ?? { Enabled: true },
        })),
        ...more,
      };
    },
  ),

  DeleteLaunchConfiguration: operation<LaunchConfigurationNameType, object>(
    () => sdk.autoScaling().DeleteLaunchConfiguration$,
    (input) => {
      const { LaunchConfigurationName: name = '' } = input;
      if (!core.configurations.has(name)) throw invalid(`Launch configuration name not found - Launch configuration ${name} not found`);
      const uses = [...core.groups.values()].find(({ settings: { source } }) => source.kind === 'configuration' && source.name === name);
      if (uses)
        throw new AwsError(
          'ResourceInUse',
          `Cannot delete launch configuration ${name} because it is attached to AutoScalingGroup ${uses.name}`,
        );
      core.configurations.delete(name);
      return {};
    },
  ),
});
