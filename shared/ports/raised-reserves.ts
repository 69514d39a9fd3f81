/** What selfheal has raised the reserved concurrency of a function from and to, step by step. Times are milliseconds since the epoch. */
export type RaisedReserve = { name: string; from: number; to: number[]; at: number; incident: string };

/** The reserves that selfheal has raised, and takes back once it has been calm. Throws whatever the SDK throws. */
export type RaisedReserves = {
  /** Records one step before it is made: of what is raised already, it keeps from where. */
  noteRaised(step: { name: string; from: number; to: number; at: number; incident: string }): Promise<void>;
  raisedReserves(): Promise<RaisedReserve[]>;
  /** It is not selfheal's any more, or is as it was. */
  forgetRaised(name: string): Promise<void>;
};
