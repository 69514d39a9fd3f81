import type { Driven } from '#local-aws';
import { dayMs } from '../../shared/model/duration.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { createPace, type Pace } from '../replay/pace.ts';
import { placeAround } from '../testbed/around.ts';
import { createHost, type Host, type HostOptions } from '../testbed/host.ts';
import { type Done, playScenario } from './play.ts';
import type { Scenario } from './schema.ts';

/** In seconds: a timeline that is over is no reason to stop serving. */
const tenYears = (10 * 365 * dayMs) / 1000;

/** The access keys of the deployed functions: all other callers come from outside. */
const own = /^selfheal(-|$)/;

type Outside = NonNullable<HostOptions['outside']>;

const outsideOf = (outside?: Outside): Outside => ({ ...outside, spares: (key) => !own.test(key) });

/** Answers for all accounts and regions of a hub's organisation. */
const organizationOf = ({ org }: Host): Partial<Driven> =>
  org ? { handle: org.handle, find: (account, region) => org.find?.(account, region), worlds: org.worlds } : {};

/** selfheal deployed in an empty account, with a clock that somebody else moves. */
export const serveHost = async (options: HostOptions): Promise<Driven> => {
  const host = await createHost({ ...options, keepsLogs: true, outside: outsideOf(options.outside) });
  await placeAround(host);
  const { clock } = host.aws.world;
  return {
    aws: host.aws,
    ...organizationOf(host),
    advanceTo: async (time) => void (await host.run(() => false, time)),
    settle: async () => void (await host.run(() => true, clock.now())),
    again: ({ seed = options.seed, start = options.start }) => serveHost({ ...options, seed, start }),
    close: host.close,
  };
};

type ServeOptions = {
  policy?: Policy | undefined;
  outside?: Outside;
  readFile?: (file: string) => unknown;
  onStep?: (done: Done) => void;
};

/** How a scenario waits for its clock. */
type Wait = { done: () => boolean; until: number; go: (result: boolean) => void };

/**
 * A scenario's world after its fleet has come up, with a clock that somebody else moves; its timeline goes on with it. Nobody answers
 * requests for approval but callers from outside.
 * @throws {Error} that says why the world could not be set up
 */
export const serveScenario = async (scenario: Scenario, options: ServeOptions = {}): Promise<Driven> => {
  const { policy, readFile, onStep } = options;
  let closed = false;
  let ready = false;
  let arrive: () => void = () => {};
  let arrived = Promise.resolve();
  let wait: Wait | undefined;
  const expectWait = (): void => {
    wait = undefined;
    arrived = new Promise((resolve) => {
      arrive = resolve;
    });
  };
  expectWait();
  const fast = createPace();
  const pace: Pace = {
    over: () => closed,
    advance: (host, done, until) => {
      if (!ready) return fast.advance(host, done, until);
      return new Promise((go) => {
        wait = { done, until, go };
        arrive();
      });
    },
  };
  let known: Host | undefined;
  const played = playScenario(
    { ...scenario, answers: [], watch: tenYears },
    {
      pace,
      ...(policy ? { policy } : {}),
      ...(readFile ? { readFile } : {}),
      ...(onStep ? { onStep } : {}),
      host: { keepsLogs: true, outside: outsideOf(options.outside) },
      onHost: (host) => {
        known = host;
      },
      onReady: () => {
        ready = true;
      },
    },
  );
  const over = played.then(({ unsteady }) => {
    if (!ready) throw new Error(`the fleet does not come up: ${unsteady.join('; ')}`);
  });
  await Promise.race([arrived, over]);
  const host = known as Host;
  await placeAround(host);
  const { clock } = host.aws.world;

  return {
    aws: host.aws,
    ...organizationOf(host),
    advanceTo: async (time) => {
      for (;;) {
        await Promise.race([arrived, over]);
        if (!wait) return;
        const { done, until, go } = wait;
        const isDone = await host.run(done, Math.min(time, until));
        if (!isDone && clock.now() < until) return;
        expectWait();
        go(isDone);
      }
    },
    settle: async () => void (await host.run(() => true, clock.now())),
    again: ({ seed = scenario.seed, start }) =>
      serveScenario({ ...scenario, seed, ...(start === undefined ? {} : { start: new Date(start).toISOString() }) }, options),
    close: async () => {
      closed = true;
      wait?.go(false);
      await over.catch(() => {});
    },
  };
};
