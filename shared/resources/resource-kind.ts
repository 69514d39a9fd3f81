import type { Clients } from '../aws/clients.ts';
import type { Incident } from '../model/incident.ts';
import type { ResourceType } from '../model/resource.ts';

/** What of an incident tells which resource it is about: the type alone doesn't, a `service` may be a function or a table. */
export type Subject = Pick<Incident, 'resource' | 'kind' | 'evidence' | 'account' | 'region' | 'partition'>;

/** What a look has seen. Times in milliseconds since the epoch. Texts may hold what AWS or a user wrote: they are made one line later. */
export type Seen = {
  /** In AWS's own word: `available`, `Active`, `DRAINING`. */
  state: string;
  /** Since when it has been in that state; null where AWS doesn't tell. */
  since: number | null;
  /** When it was made; null where AWS doesn't tell. */
  createdAt: number | null;
  /** The last change of its software or settings, which is what a failure is compared with; null where AWS tells of none. */
  changed: { what: string; at: number } | null;
  /** What else a person wants to know at once, a few words each; the most important first, and empty ones left out. */
  facts: string[];
};

/**
 * Asks for one of several parts of a look. Whatever becomes of it, the others go on: null where it could not be had, and then the line
 * says why. `what` is put before `could not be read`.
 */
export type Part = <Value>(what: string, run: () => Promise<Value>) => Promise<Value | null>;

/** One type of resource, as AWS has them. Each is the one export of its kind in a file of its name; `index.ts` lists them. */
export type ResourceKind = {
  id: string;
  /** The classifier's types: one, but for what some of its events name in a way that is no database's. */
  types: readonly ResourceType[];
  /** For people, before its name: `Lambda function`. */
  noun: string;
  /** Read-only calls that `observe` makes; held against the packaged template. */
  permissions: readonly string[];
  /** The codes by which AWS says that there is no such resource, without `Fault` or `Exception` at their end. */
  notFound: readonly string[];
  /** Whether an incident's resource may be one of these. */
  is: (subject: Subject) => boolean;
  /** The name by which CloudTrail keeps the calls that changed it; null where it keeps none. */
  trailName: (subject: Subject) => string | null;
  /** Null where AWS answers a question for this one resource with nothing. Throws what the SDK throws. */
  observe: (clients: Clients, subject: Subject, part: Part) => Promise<Seen | null>;
};
