import type { ChannelId } from '../model/channel-id.ts';
import type { Foreseen } from '../model/foreseen.ts';
import type { Incident } from '../model/incident.ts';
import type { IncidentSummary, Outcome, TimelineEntry } from '../model/outcome.ts';
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
  /** Which of two people who both have to agree is asked; left out where one is enough. */
  of?: 'first' | 'second';
  /** The callback that the execution waits for. */
  callbackId: string;
  expiresAt: number;
  timeline: readonly TimelineEntry[];
  /** What will happen, as far as it is known. */
  foreseen?: Foreseen;
};

/** A notification before an incident ends: a headline and the full reason. The outcome follows later. */
export type Interim = IncidentSummary & {
  reason: string;
  at: string;
  headline: string;
  /** `opened`: a condition began, and pagers should open an alert. Default: `interim`. */
  kind?: 'opened' | 'reminder';
  /** AWS did not confirm an earlier attempt, which may have arrived. */
  repeat?: true;
};

/** Past incidents, counted, for people: sentences in parts, and the figures as JSON. No incident, and never urgent. */
export type Bulletin = { headline: string; sections: readonly { title: string; lines: readonly string[] }[]; data: object };

/** One way to deliver outcomes. Channels are independent: a failure of one causes no repeat on another. */
export type Channel = {
  id: ChannelId;
  /** Whether it gets quiet outcomes, too. */
  quiet: boolean;
  /** Whether it is notified in the step that records the outcome: whoever it reaches knows a copy by its incident. */
  withRecord?: boolean;
  outcome(outcome: Outcome, repeat?: boolean): Promise<void>;
};

/**
 * The channels of notification. Each method may be called again after a crash; every message has the incident's key. `repeat`: it is
 * unknown whether the message was sent before, so receivers must be able to recognise a duplicate.
 */
export type Reporter = {
  /** In the order in which they are tried. */
  channels: readonly Channel[];
  /**
   * A notification on every channel before the end of an incident. `again`: only notify people.
   * @throws if people could not be notified; the other channels have been tried by then
   */
  interim(interim: Interim, again?: boolean): Promise<void>;
  /**
   * Tells people of past incidents, once.
   * @throws if mail and text message could not be sent; the chat gets it after them, or not at all
   */
  digest(bulletin: Bulletin): Promise<void>;
  /** Asks a person, who answers through the callback. `repeat`: it may have been sent already. */
  requestApproval(request: ApprovalRequest, repeat?: boolean): Promise<void>;
  /** Why two people can't be asked apart; null if they can. Without this method they can't. */
  whyNotTwo?(): string | null;
  /** A person's decision on the request with that callback, whether or not the callback was completed; null if there is none yet. */
  decided?(callbackId: string): Promise<string | null>;
  /** Counts a failed delivery to a channel. */
  undelivered(channel: ChannelId, incident: string, at: number): Promise<void>;
};
