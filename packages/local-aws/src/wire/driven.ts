import { createLocalAws, type LocalAws } from '../local-aws.ts';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';

/** How a new world is to differ from the one that it takes the place of. */
export type Changes = { seed?: number | undefined; start?: number | undefined };

/** A world and whoever moves its clock. One that stands inside something larger is moved together with all that surrounds it. */
export type Driven = {
  aws: LocalAws;
  /** Answers requests, where more than one world does. */
  handle?(request: HttpRequest): Promise<HttpResponse>;
  /** One of several worlds; undefined where there is none. */
  find?(account: string, region: string): LocalAws | undefined;
  /** All of them. */
  worlds?(): Iterable<LocalAws>;
  /** Moves the clock to `time`, and lets everything happen that becomes due until then. */
  advanceTo(time: number): Promise<void>;
  /** Lets everything happen that is due already, such as the deliveries that a caller has caused. */
  settle(): Promise<void>;
  /** Another one to take its place, set up in the same way. */
  again(changes: Changes): Promise<Driven>;
  close(): Promise<void>;
};

/** A world that stands for itself. */
export const driven = (aws: LocalAws): Driven => ({
  aws,
  advanceTo: aws.advanceTo,
  settle: async () => {
    if (aws.faults.anyDeliveries()) await aws.dispatch();
  },
  again: async ({ seed = aws.options.seed, start = aws.options.start }) => driven(createLocalAws({ ...aws.options, seed, start })),
  close: aws.close,
});
