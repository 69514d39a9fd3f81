import type { Clients } from '../aws/clients.ts';
import type { Incident } from '../model/incident.ts';
import type { RemedySettings } from '../model/remedies.ts';
import type { ResourceType } from '../model/resource.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';

/** The parts of an incident that identify its resource. The type alone is not enough: a `service` may be a function or a table. */
export type Subject = Pick<Incident, 'resource' | 'kind' | 'evidence' | 'account' | 'region' | 'partition'>;

/** What the standard look at a resource that actions may target goes by. */
export type TreatedLook = (
  clients: Clients,
  input: {
    incident: Incident;
    /** Milliseconds since the epoch. */
    now: number;
    /** The last look of the same incident, whose unchanging parts may be reused. */
    known: ResourceSnapshot | undefined;
    /** The settings of the policy that name what may be done. */
    policy: LookPolicy;
  },
) => Promise<Partial<ResourceSnapshot>>;

export type LookPolicy = Pick<
  RemedySettings,
  'lambda' | 'redrive' | 'consumers' | 'ecs' | 'databases' | 'readers' | 'certificates' | 'disks' | 'commands'
>;

/** What a look found. Times are milliseconds since the epoch. Texts may contain external input and are later reduced to one line. */
export type Seen = {
  /** AWS's own word: `available`, `Active`, `DRAINING`. */
  state: string;
  /** When it entered that state; null if unknown. */
  since: number | null;
  /** When it was created; null if unknown. */
  createdAt: number | null;
  /** The last change of its software or settings, to compare with the time of the failure; null if unknown. */
  changed: { what: string; at: number } | null;
  /** Other important facts in a few words each, most important first; empty ones are dropped. */
  facts: string[];
};

/** Reads one part of a look. If it fails, the other parts go on: the result is null, and the line says `what` could not be read and why. */
export type Part = <Value>(what: string, run: () => Promise<Value>) => Promise<Value | null>;

/** One kind of AWS resource. Each is the only export of its kind in a file of its name; `index.ts` lists them. */
export type ResourceKind = {
  id: string;
  /** The classifier's types: usually one, but some events name a resource in several ways. */
  types: readonly ResourceType[];
  /** A noun for people, before its name: `Lambda function`. */
  noun: string;
  /** Read-only IAM actions of `observe`. A test compares them with the packaged template. */
  permissions: readonly string[];
  /** Error codes for a missing resource, without a trailing `Fault` or `Exception`. */
  notFound: readonly string[];
  /** Whether an incident's resource may be of this kind. */
  is: (subject: Subject) => boolean;
  /** The name under which CloudTrail records calls on it; null if it records none. */
  trailName: (subject: Subject) => string | null;
  /** What may be behind its failures, beyond what a look tells: lines for people about what can be read, and none about what can't be known. */
  causes?: {
    isAsked: (subject: Subject) => boolean;
    read: (clients: Clients, subject: Subject, part: Part, now: number) => Promise<string[]>;
  };
  /**
   * Looks at the resource; null if the response is empty. `now` is in milliseconds since the epoch.
   * @throws whatever the SDK throws
   */
  observe: (clients: Clients, subject: Subject, part: Part, now: number) => Promise<Seen | null>;
};
