import type { Incident } from '../model/incident.ts';

/**
 * What has been heard of an incident: the copies of one event that come by several ways, of which one may tell more than another. Whoever
 * hears of it puts his copy there and starts the execution with what is the same in all of them; the execution reads what there is. All
 * methods throw what the SDK throws.
 */
export type Inbox = {
  /** Adds a copy, once. True if the inbox was closed before it came: nobody reads it there, however often it is delivered. */
  post(incident: Incident, now: number): Promise<boolean>;
  /** All copies, in no order. */
  letters(key: string): Promise<Incident[]>;
  /** All copies that have come by now, and the last that ever will: nobody reads what comes from then on. */
  closeInbox(key: string, now: number): Promise<Incident[]>;
};
