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

/**
 * The ways in which an outcome leaves selfheal. Each may be called again after a crash; all carry the incident's key. `repeat`: nobody knows
 * whether it was told before, and whoever gets it twice has to see that it is the same.
 */
export type Reporter = {
  /** One message for people and machines. */
  announce(outcome: Outcome, repeat?: boolean): Promise<void>;
  /** One message in a chat, where there is one. */
  chat?(outcome: Outcome, repeat?: boolean): Promise<void>;
  /** One event on the bus. */
  emit(outcome: Outcome, repeat?: boolean): Promise<void>;
  /** One message for people, one in a chat and one event on the bus, before the end. Throws if people could not be told: the others have been then, as
   * far as they could be; `again` tells people alone. */
  interim(interim: Interim, again?: boolean): Promise<void>;
  /** Asks a person, who answers through the callback. `repeat`: somebody may have got it already. */
  ask(request: ApprovalRequest, repeat?: boolean): Promise<void>;
  /** What a person has decided of what was asked with that callback, whether or not the callback was answered; null for nothing yet. */
  decided?(callbackId: string): Promise<string | null>;
  /** Counts and times. */
  measure(outcome: Outcome): Promise<void>;
  /** Counts that a channel could not be told. */
  untold(channel: ChannelId, incident: string, at: number): Promise<void>;
};
