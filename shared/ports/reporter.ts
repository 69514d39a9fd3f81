import type { ChannelId } from '../model/channel-id.ts';
import type { Incident } from '../model/incident.ts';
import type { Outcome, TimelineEntry } from '../model/outcome.ts';
import type { Resource } from '../model/resource.ts';

/** What a person is asked to decide. Times are milliseconds since the epoch. */
export type ApprovalRequest = {
  incident: Incident;
  /** The action's id, what it would act upon, and what it would do, in words. */
  action: string;
  target: Resource;
  what: string;
  /** Why it needs a person. */
  why: string;
  /** What the durable engine waits for. */
  callbackId: string;
  expiresAt: number;
  timeline: readonly TimelineEntry[];
};

/** What people must know before an incident is over: in a few words, and `reason` is the whole of it. No outcome, which follows. */
export type Interim = Pick<Outcome, 'incident' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'reason'> & {
  at: string;
  headline: string;
  /** `opened`: what goes on begins, and pagers begin with it. Anything else is an `interim`. */
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
  /** Asks a person, who answers through the callback. `repeat`: somebody may have got it already. */
  ask(request: ApprovalRequest, repeat?: boolean): Promise<void>;
  /** What a person has decided of what was asked with that callback, whether or not the callback was answered; null for nothing yet. */
  decided?(callbackId: string): Promise<string | null>;
  /** Counts that a channel could not be told. */
  untold(channel: ChannelId, incident: string, at: number): Promise<void>;
};
