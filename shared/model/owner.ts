import type { Policy } from './policy.ts';

type OwnerKind = keyof Policy['owners'];

/** A controller that created an instance or a group, and may manage it. */
type Owner = {
  kind: OwnerKind;
  /** For people: `Karpenter`, `eks.amazonaws.com`. */
  name: string;
  /** Whether it repairs instances that fail their status checks. If not, waiting for it is of no use. */
  repairs: boolean;
};

type Owned = { tags: Readonly<Record<string, string>>; operator?: string | null; groupName?: string | null };

/** Tags that controllers put on what they create, by the beginning of their keys; the first that is found counts. */
const ownerTags: readonly { key: string; prefix?: true; owner: Owner }[] = [
  // https://karpenter.sh/docs/concepts/nodepools/ and .../nodeclaims/
  { key: 'karpenter.sh/', prefix: true, owner: { kind: 'karpenter', name: 'Karpenter', repairs: true } },
  // https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
  { key: 'eks:', prefix: true, owner: { kind: 'eks', name: 'EKS', repairs: true } },
  { key: 'aws:eks:', prefix: true, owner: { kind: 'eks', name: 'EKS', repairs: true } },
  { key: 'kubernetes.io/cluster/', prefix: true, owner: { kind: 'eks', name: 'a Kubernetes cluster', repairs: true } },
  // https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/aws
  { key: 'k8s.io/cluster-autoscaler/', prefix: true, owner: { kind: 'eks', name: "Kubernetes' cluster autoscaler", repairs: true } },
  // ECS drains and scales its hosts, and leaves those that fail alone: https://github.com/aws/containers-roadmap/issues/2040
  { key: 'AmazonECSManaged', owner: { kind: 'ecs', name: 'ECS', repairs: false } },
  { key: 'aws:elasticmapreduce:', prefix: true, owner: { kind: 'other', name: 'EMR', repairs: true } },
  { key: 'AWSBatchServiceTag', owner: { kind: 'other', name: 'AWS Batch', repairs: true } },
  { key: 'aws:cloud9:', prefix: true, owner: { kind: 'other', name: 'Cloud9', repairs: false } },
];

/** Fleets tag everything they launch. Where an Auto Scaling group uses the fleet, the group is the owner. */
const fleets = ['aws:ec2:fleet-id', 'aws:ec2spot:fleet-request-id'];

const matchesTag = (key: string, mark: (typeof ownerTags)[number]): boolean => (mark.prefix ? key.startsWith(mark.key) : key === mark.key);

/** Whether a tag key says something about an owner. */
export const namesOwner = (key: string): boolean => fleets.includes(key) || ownerTags.some((mark) => matchesTag(key, mark));

/** The controller that owns an instance or a group; null if none is known. An instance outside a group may still have one. */
export const ownerOf = ({ tags, operator = null, groupName = null }: Owned): Owner | null => {
  if (operator !== null) {
    const kind = /^eks\b/.test(operator) ? 'eks' : /^ecs\b/.test(operator) ? 'ecs' : 'other';
    return { kind, name: operator, repairs: kind !== 'ecs' };
  }
  const keys = Object.keys(tags);
  const mark = ownerTags.find((one) => keys.some((key) => matchesTag(key, one)));
  if (mark) return mark.owner;
  return groupName === null && fleets.some((key) => keys.includes(key)) ? { kind: 'fleet', name: 'an EC2 Fleet', repairs: true } : null;
};
