import type { InstanceView } from '#local-aws';

/** Whose an instance may be, as a policy calls them. */
export type OwnerKind = 'karpenter' | 'eks' | 'ecs' | 'fleet' | 'other';

/** Parsed independently of selfheal's own code, on purpose. */
const marks: readonly (readonly [RegExp, OwnerKind])[] = [
  [/^karpenter\.sh\//, 'karpenter'],
  [/^(aws:)?eks:/, 'eks'],
  [/^kubernetes\.io\/cluster\//, 'eks'],
  [/^AmazonECSManaged$/, 'ecs'],
];

/** The owner of an instance: by its operator, its tags, or the fleet that launched it outside a group. */
export const ownedBy = ({ operator, tags, groupName }: InstanceView): OwnerKind | null => {
  if (operator !== null) return operator.startsWith('eks') ? 'eks' : operator.startsWith('ecs') ? 'ecs' : 'other';
  const keys = [...tags.keys()];
  const mark = marks.find(([pattern]) => keys.some((key) => pattern.test(key)));
  return mark?.[1] ?? (groupName === null && keys.includes('aws:ec2:fleet-id') ? 'fleet' : null);
};
