import type { CreateLaunchConfigurationType } from '@aws-sdk/client-auto-scaling';
import type { LaunchSpec } from '../parts.ts';
import { AwsError } from '../protocol/errors.ts';
import type { Core } from './core.ts';
import type { Group, LaunchSource } from './group.ts';

export type LaunchConfiguration = {
  readonly arn: string;
  readonly createdAt: number;
  readonly input: CreateLaunchConfigurationType & { ImageId: string; InstanceType: string };
};

export type Resolved = { readonly spec: Omit<LaunchSpec, 'availabilityZone'>; readonly source: LaunchSource };

/** RunInstances' default where neither template nor override names a type. */
const defaultType = 'm1.small';

/**
 * What the group would launch now: `$Latest` and `$Default` are looked up at every launch. Throws what AWS answers where the
 * template or configuration is gone or incomplete.
 */
export const resolve = (core: Core, group: Pick<Group, 'name' | 'tags' | 'settings'>): Resolved => {
  const { source } = group.settings;
  const propagated = [...group.tags.values()].filter((tag) => tag.propagate).map(({ key, value }) => ({ key, value }));
  if (source.kind === 'configuration') {
    const configuration = core.configurations.get(source.name);
    if (!configuration) throw new AwsError('ValidationError', `Launch configuration name not found - ${source.name}`);
    const { ImageId, InstanceType, SpotPrice, InstanceMonitoring } = configuration.input;
    return {
      source,
      spec: {
        imageId: ImageId,
        instanceType: InstanceType,
        tags: propagated,
        groupName: group.name,
        spot: SpotPrice !== undefined,
        detailedMonitoring: InstanceMonitoring?.Enabled ?? true,
      },
    };
  }
  const { template: reference } = source;
  const template = core.ec2.launchTemplate(reference.id, reference.version);
  if (!template)
    throw core.ec2.launchTemplate(reference.id, '$Latest')
      ? new AwsError(
          'InvalidLaunchTemplateId.VersionNotFound',
          `Could not find the specified version ${reference.version} for the launch template with ID ${reference.id}.`,
        )
      : new AwsError(
          'InvalidLaunchTemplateId.NotFound',
          `The specified launch template, with template ID ${reference.id}, does not exist.`,
        );
  const override = source.kind === 'mixed' ? source.policy.LaunchTemplate?.Overrides?.[0]?.InstanceType : undefined;
  if (!template.imageId)
    throw new AwsError(
      'ValidationError',
      'You must use a valid fully-formed launch template. The request must contain the parameter ImageId',
    );
  const tags = new Map([...template.tags, ...propagated].map((tag) => [tag.key, tag]));
  return {
    source: { ...source, template: { ...reference, version: String(template.version) } },
    spec: {
      imageId: template.imageId,
      instanceType: override ?? template.instanceType ?? defaultType,
      tags: [...tags.values()],
      groupName: group.name,
      launchTemplateId: template.id,
      spot: template.spot,
      detailedMonitoring: template.detailedMonitoring,
    },
  };
};
