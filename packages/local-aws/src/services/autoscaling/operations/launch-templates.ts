import type { InstancesDistribution, LaunchTemplateSpecification, MixedInstancesPolicy } from '@aws-sdk/client-auto-scaling';
import type { Core } from '../model/core.ts';
import type { LaunchSource } from '../model/group.ts';
import type { Distribution, Override, TemplateReference } from '../model/mixed.ts';
import { invalid, oneOf, whole } from './check.ts';

/** The launch template that a call names, which must exist. */
export const templateReference = (core: Core, specification: LaunchTemplateSpecification | undefined): TemplateReference => {
  const { LaunchTemplateId, LaunchTemplateName, Version = '$Default' } = specification ?? {};
  const named = LaunchTemplateId ?? LaunchTemplateName;
  if (named === undefined || (LaunchTemplateId !== undefined && LaunchTemplateName !== undefined))
    throw invalid('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  const template = core.ec2.launchTemplate(named, Version);
  if (!template)
    throw invalid(
      `You must use a valid fully-formed launch template. The specified launch template, ${named}, version ${Version}, does not exist.`,
    );
  return { id: template.id, name: template.name, version: Version };
};

/** A template that a mix is made of says nothing of how its instances are bought. */
const mixable = (core: Core, specification: LaunchTemplateSpecification | undefined): TemplateReference => {
  const reference = templateReference(core, specification);
  if (core.ec2.launchTemplate(reference.id, reference.version)?.spot)
    throw invalid(
      'Incompatible launch template: You cannot use a launch template that is set to request Spot Instances (InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy.',
    );
  return reference;
};

const mostOverrides = 40;
const spotStrategies = ['lowest-price', 'capacity-optimized', 'capacity-optimized-prioritized', 'price-capacity-optimized'] as const;

const distributionFrom = (input: InstancesDistribution = {}): Distribution => {
  if (input.SpotMaxPrice) throw invalid('SpotMaxPrice is not supported here: prices are not modelled.');
  if (input.SpotInstancePools) throw invalid('SpotInstancePools is not supported here: prices are not modelled.');
  if (input.DistributionSegments?.length) throw invalid('DistributionSegments are not supported here.');
  return {
    onDemandBase: whole('onDemandBaseCapacity', input.OnDemandBaseCapacity, 0, 10_000) ?? 0,
    onDemandPercentage: whole('onDemandPercentageAboveBaseCapacity', input.OnDemandPercentageAboveBaseCapacity, 0, 100) ?? 100,
    onDemandStrategy: oneOf('onDemandAllocationStrategy', input.OnDemandAllocationStrategy ?? 'prioritized', [
      'prioritized',
      'lowest-price',
    ]),
    spotStrategy: oneOf('spotAllocationStrategy', input.SpotAllocationStrategy ?? 'lowest-price', spotStrategies),
  };
};

/** A mixed instances policy; what an update leaves out stays as it is. */
export const mixedFrom = (core: Core, input: MixedInstancesPolicy, present: LaunchSource | undefined): LaunchSource => {
  const before = present?.kind === 'mixed' ? present : undefined;
  const { LaunchTemplateSpecification: specification, Overrides } = input.LaunchTemplate ?? {};
  if ((Overrides ?? []).length > mostOverrides) throw invalid(`At most ${mostOverrides} overrides are supported.`);
  const overrides = Overrides?.map((override): Override => {
    if (override.InstanceRequirements) throw invalid('InstanceRequirements are not supported here: name instance types.');
    if (override.WeightedCapacity !== undefined) throw invalid('WeightedCapacity is not supported here: every instance counts as one.');
    const { InstanceType: instanceType, LaunchTemplateSpecification: own, ImageId: imageId } = override;
    return { instanceType, imageId, template: own && mixable(core, own) };
  });
  return {
    kind: 'mixed',
    template: before && !specification ? before.template : mixable(core, specification),
    overrides: overrides ?? before?.overrides ?? [],
    distribution: before && !input.InstancesDistribution ? before.distribution : distributionFrom(input.InstancesDistribution),
  };
};
