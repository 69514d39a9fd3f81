import type { Place } from '../model/place.ts';

/** An order among incidents that look at the same moment, where AWS refuses some because of its limits. */
export type Turns = {
  /**
   * Takes the next turn to make a call, named by its IAM action, in an account and region: so many a second as AWS allows. In milliseconds
   * since the epoch, and `now` if nobody waits; null if so many wait that there is none within the longest wait. At most three calls.
   * @throws whatever the SDK throws
   */
  takeTurn(place: Place, call: string, now: number): Promise<number | null>;
};
