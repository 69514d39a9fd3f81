import type { Policy } from './policy.ts';

type OwnerKind = keyof Policy['owners'];

/** Somebody else's machinery that made an instance or a group, and looks after it or doesn't. */
type Owner = {
  kind: OwnerKind;
  /** For people: `Karpenter`, `eks.amazonaws.com`. */
  name: string;
  /** It is known not to repair what fails its status checks, so waiting for it is of no use. */
  repairs: boolean;
};

type Owned = { tags: Readonly<Record<string, string>>; operator?: string | null; groupName?: string | null };

/** Tags that machinery puts on what it makes, by the beginning of their keys; the first that is found counts. */
const marks: readonly { key: string; prefix?: true; owner: Owner }[] = [
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

/** Fleets tag what they launch, also for a group that uses one: there the group rules. */
const fleets = ['aws:ec2:fleet-id', 'aws:ec2spot:fleet-request-id'];

const isMark = (key: string, mark: (typeof marks)[number]): boolean => (mark.prefix ? key.startsWith(mark.key) : key === mark.key);

/** Whether a tag of that key says something of an owner. */
export const tellsOfOwner = (key: string): boolean => fleets.includes(key) || marks.some((mark) => isMark(key, mark));

/** Who rules over an instance or a group, or null where nobody is known to: not to be in a group is not to be alone. */
export const ownerOf = ({ tags, operator = null, groupName = null }: Owned): Owner | null => {
  if (operator !== null) {
    const kind = /^eks\b/.test(operator) ? 'eks' : /^ecs\b/.test(operator) ? 'ecs' : 'other';
    return { kind, name: operator, repairs: kind !== 'ecs' };
  }
  const keys = Object.keys(tags);
  const mark = marks.find((one) => keys.some((key) => isMark(key, one)));
  if (mark) return mark.owner;
  return groupName === null && fleets.some((key) => keys.includes(key)) ? { kind: 'fleet', name: 'an EC2 Fleet', repairs: true } : null;
};
