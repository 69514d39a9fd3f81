import type { ChannelId } from '../model/channel-id.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome, TimelineEntry } from '../model/outcome.ts';
import type { Resource } from '../model/resource.ts';

/** A request for approval. Times are milliseconds since the epoch. */
export type ApprovalRequest = {
  incident: Incident;
  /** The action's id, its target, and its effect in words. */
  action: string;
  target: Resource;
  what: string;
  /** Why it needs approval. */
  why: string;
  /** The callback that the execution waits for. */
  callbackId: string;
  expiresAt: number;
  timeline: readonly TimelineEntry[];
};

/** A notification before an incident ends: a headline and the full reason. The outcome follows later. */
export type Interim = Pick<Outcome, 'incident' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'reason'> & {
  at: string;
  headline: string;
  /** `opened`: a condition began, and pagers should open an alert. Default: `interim`. */
  kind?: 'opened' | 'reminder';
};

/** A way in which an outcome leaves selfheal. None depends on another: what one has been told is not told it again because another fails. */
export type Channel = {
  id: ChannelId;
  /** Whether it gets quiet outcomes, too. */
  quiet: boolean;
  outcome(outcome: Outcome, repeat?: boolean): Promise<void>;
};

/**
 * How outcomes leave selfheal. Each may be told again after a crash; all carry the incident's key. `repeat`: nobody knows whether it was told
 * before, and whoever gets it twice has to see that it is the same.
 */
export type Reporter = {
  /** In the order in which they are tried. */
  channels: readonly Channel[];
  /**
   * Tells every channel before the end. Throws if people could not be told: the others have been then, as far as they could be; `again`
   * tells people alone.
   */
  interim(interim: Interim, again?: boolean): Promise<void>;
  /** Asks a person, who answers through the callback. `repeat`: it may have been sent already. */
  ask(request: ApprovalRequest, repeat?: boolean): Promise<void>;
  /** A person's decision on the request with that callback, whether or not the callback was completed; null if there is none yet. */
  decided?(callbackId: string): Promise<string | null>;
  /** Counts that a channel could not be told. */
  untold(channel: ChannelId, incident: string, at: number): Promise<void>;
};
