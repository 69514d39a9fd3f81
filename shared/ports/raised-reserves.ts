import type { Place } from '../model/place.ts';

/**
 * What selfheal has raised the reserved concurrency of a function from and to, step by step. `place`: the member that it is in, if it isn't in
 * the account and region of the stack. `lowering`: from what it has begun to take that back, and when. Times are milliseconds since the epoch.
 */
export type RaisedReserve = {
  name: string;
  place?: Place | undefined;
  from: number;
  to: number[];
  at: number;
  incident: string;
  lowering?: { from: number; at: number } | undefined;
};

/** The reserves that selfheal has raised, and takes back once it has been calm. Throws whatever the SDK throws. */
export type RaisedReserves = {
  /** Records one step before it is made: of what is raised already, it keeps from where. */
  noteRaised(step: { name: string; place?: Place | undefined; from: number; to: number; at: number; incident: string }): Promise<void>;
  raisedReserves(): Promise<RaisedReserve[]>;
  /** Records that it is about to be lowered, so that people hear of it whatever becomes of this process. */
  noteLowering(one: RaisedReserve, lowering: { from: number; at: number }): Promise<void>;
  /** It is not selfheal's any more, or is as it was. */
  forgetRaised(one: Pick<RaisedReserve, 'name' | 'place'>): Promise<void>;
};
