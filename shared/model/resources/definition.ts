import type { ResourceSnapshot, TreatedFacts } from '../snapshot.ts';

/** The snapshot of a resource that actions may target. */
type Treatable = NonNullable<TreatedFacts[keyof TreatedFacts]>;

/** What is known of a type of resource. `shared/resources` describes live ones, above the clients. */
export type ResourceTypeDefinition = {
  /** The form of its ids. Nothing is ever done to an id that doesn't match. */
  idPattern: RegExp;
  /** An ARN of this type with an invalid id is rejected, never treated as another type. */
  strict?: true;
  /** The prefix of its ids in EC2's events. */
  prefix?: RegExp;
  /** Its ARNs: the service and the prefix of the resource part; the rest is the id. `whole`: the ARN is the id. */
  arns?: readonly { service: string; prefix: string; whole?: true }[];
  /**
   * The dimensions that name it in AWS's own metrics, each with the namespaces in which its value must be a valid id. The same dimension
   * exists elsewhere with other values: a contact centre's `InstanceId`, a file system's `VolumeId`, and any StatsD tag sent through the
   * agent. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
   */
  dimensions?: Readonly<Record<string, readonly string[]>>;
  /** The fact of every AWS Health event about one. */
  impaired?: 'volume-impaired' | 'database-impaired';
  /** `own`: every incident's standard look covers it. `treated`: that look covers it if an action may follow. */
  observed?: 'own' | 'treated';
  /** For people: what selfheal can't look at, if no kind of resource claims it. */
  unread: string;
  /** CloudTrail finds calls that changed it by its id, unless a kind of resource says otherwise. */
  trail?: true;
  /** Whether a standard look shows that it doesn't exist, and the text for people. */
  absent?: { is: (facts: ResourceSnapshot) => boolean; says: (id: string) => string };
  /** Actions may target it. Its part of a snapshot (undefined: not looked for), and that of what contains it, whose tags and owner count as well. `assumed`: the simplest case, for a back-test. */
  treated?: {
    seen: (facts: TreatedFacts) => Treatable | null | undefined;
    within: (facts: ResourceSnapshot) => Treatable | null;
    assumed?: (id: string, tags: Record<string, string>) => Partial<ResourceSnapshot>;
  };
  /** Its Availability Zone, if known. */
  zone?: (id: string, facts: TreatedFacts) => string | undefined;
  /** People are notified of its failures even if it is not opted in. */
  reported?: true;
  /** The kind of events in which AWS tells of what an action does to one: during a treatment they belong to it. */
  echo?: string;
  /** Owners, as evidence names them, that AWS tells of by events of their own, a moment after it tells of what is theirs. */
  ownerTells?: RegExp;
  /** A group: its id is the name, and its metrics cover all members. */
  group?: true;
  /** A place that contains other resources. */
  place?: true;
  /** An instance. AWS reports on its host, and what it reports during a treatment belongs to that incident. */
  machine?: true;
  /** A target group. A look reads the health of its targets, and replacements of the instances behind it count for it. */
  targets?: true;
};

/** Checks the definition of a resource type. */
export const defineResourceType = <const T extends ResourceTypeDefinition>(type: T): T => type;
