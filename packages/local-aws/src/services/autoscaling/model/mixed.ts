export type TemplateReference = { id: string; name: string; version: string };

/** A type that a mixed group may launch, and where it departs from the group's template. */
export type Override = {
  readonly instanceType: string | undefined;
  readonly template: TemplateReference | undefined;
  readonly imageId: string | undefined;
};

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html; prices aren't modelled, so types are tried in their order. */
export type Distribution = {
  readonly onDemandBase: number;
  readonly onDemandPercentage: number;
  readonly onDemandStrategy: string;
  readonly spotStrategy: string;
};

/** How many of `total` members are On-Demand Instances; a share is rounded up in their favour. */
export const onDemandOf = (total: number, { onDemandBase: base, onDemandPercentage: percent }: Distribution): number =>
  total <= base ? total : base + Math.ceil(((total - base) * percent) / 100);

/** Whether the next member after these is to be a Spot Instance. */
export const nextIsSpot = (members: readonly { readonly spot: boolean }[], distribution: Distribution): boolean =>
  members.filter(({ spot }) => !spot).length >= onDemandOf(members.length + 1, distribution);

/** Whether a group that shrinks by one of these members is to lose a Spot Instance. */
export const losesSpot = (members: readonly { readonly spot: boolean }[], distribution: Distribution): boolean =>
  members.filter(({ spot }) => !spot).length <= onDemandOf(Math.max(0, members.length - 1), distribution);
