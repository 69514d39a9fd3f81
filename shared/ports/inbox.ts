import type { Incident } from '../model/incident.ts';

/**
 * The copies of an incident's event. One event may arrive by several ways, and one copy may contain more than another. Intake posts each
 * copy here and starts the execution with what they have in common; the execution reads them.
 * @throws whatever the SDK throws, from all methods
 */
export type Inbox = {
  /** Adds a copy once. True if the inbox was already closed: then the execution will not read it, however often it is delivered. */
  post(incident: Incident, now: number): Promise<boolean>;
  /** All copies, in no particular order. */
  copies(key: string): Promise<Incident[]>;
  /** Closes the inbox and returns all copies. Later ones are not read. */
  closeInbox(key: string, now: number): Promise<Incident[]>;
};
