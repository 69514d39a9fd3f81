import middy from '@middy/core';
import { type BeatDeps, takeBeat } from '../beats/request.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';

/** Counts heartbeats, behind a function URL and from the bus. */
export const createBeat = ({ bounded = unbounded, ...deps }: BeatDeps & { bounded?: Bounded }) =>
  middy().handler(async (event: unknown) => bounded(() => takeBeat(event, deps)));
