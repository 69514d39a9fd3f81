import type { Incident } from '../../shared/incident/incident.ts';
import type { Outcome } from '../../shared/incident/outcome.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import { createHost, type Host } from '../host.ts';
import type { Told } from '../input/events.ts';
import { matchWorld } from '../match.ts';
import { createForgetting } from './forget.ts';
import { createPace, type Pace } from './pace.ts';
import { createQueue } from './queue.ts';
import { nowhere, type Reading, readTold } from './reading.ts';
import { createBook, type Trace } from './trace.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** Before the first failure, so that what the event names has been up for a while. */
const settling = 60 * minute;
/** Events arrive a little after what they tell of. */
const delivery = 2000;
/** An incident that isn't over by then never will be. */
const longest = 60 * day;
/** A pause that is longer than anything selfheal looks back upon: what comes after it is played in a new world. */
const longPause = 8 * day;
/** How far ahead a stream is read, so that the world can be made to match in time: by time, and in events at most. */
const lookAhead = { time: 2 * settling, events: 5000 };

/** In one line. */
const reasonOf = (error: unknown): string => ((error as Error).message.split('\n')[0] ?? '').slice(0, 300);

export type StreamOptions = {
  seed: number;
  policy?: Policy;
  pace?: Pace;
  onHost?: (host: Host) => void;
  /** Told each event as it is delivered. */
  onEvent?: (reading: Reading) => void;
  onOutcome?: (outcome: Outcome, trace: Trace) => void;
  /** Told what a reader of the results has to know: a sentence. */
  onNote?: (text: string) => void;
};

export type StreamResult = { events: number; late: number; rejected: number; ignored: number; open: string[]; cutShort: boolean };

/**
 * Plays events through the whole pipeline, by the order of their time, in one world that is made to match them as they come up. They
 * may stand in another order in the stream, as long as those that belong together aren't thousands of events apart. Memory stays
 * bounded, however many there are.
 */
export const replayStream = async (events: AsyncIterable<Told>, options: StreamOptions): Promise<StreamResult> => {
  const policy = options.policy ?? policySchema.parse({});
  const { pace = createPace(), onEvent, onOutcome, onNote } = options;
  const iterator = events[Symbol.asyncIterator]();
  const waiting = createQueue<Reading>();
  const unmatched = createQueue<Incident>();
  const book = createBook();
  const result: StreamResult = { events: 0, late: 0, rejected: 0, ignored: 0, open: [], cutShort: false };
  let newest = Number.NEGATIVE_INFINITY;
  let exhausted = false;
  let world: { host: Host; forgetting: ReturnType<typeof createForgetting>; matched: Map<string, number> } | undefined;
  /** Incidents that have been told and not ended, by key: what they are about. */
  const open = new Map<string, string>();
  /** Those that have ended, and when: told again, they don't begin again. */
  const ended = new Map<string, number>();

  const readAhead = async (): Promise<void> => {
    while (!exhausted && waiting.size < lookAhead.events) {
      const first = waiting.first();
      if (first && newest - first.at >= lookAhead.time) return;
      const next = await iterator.next();
      if (next.done) {
        exhausted = true;
        return;
      }
      const reading = readTold(next.value, policy.classification);
      // What doesn't say when it was told was told with what stands before it.
      const at = reading.at ?? (Number.isFinite(newest) ? newest : Date.parse('2026-01-01T00:00:00Z'));
      newest = Math.max(newest, at);
      waiting.push(at, reading);
      for (const incident of reading.incidents) unmatched.push(Math.min(incident.at, at), incident);
    }
  };

  const begin = async (at: number, reading: Reading): Promise<NonNullable<typeof world>> => {
    const [first] = reading.incidents;
    const host = await createHost({
      seed: options.seed,
      start: at - settling,
      account: first?.account || nowhere.account,
      region: first?.region || nowhere.region,
      policy,
      // What happens in the world must not start incidents beside those that are being tried out.
      listens: false,
      onOutcome: (outcome) => {
        open.delete(outcome.incident);
        ended.set(outcome.incident, host.aws.world.clock.now());
        made.forgetting.end(outcome.incident);
        onOutcome?.(outcome, book.traceOf(outcome));
      },
    });
    const made = { host, forgetting: createForgetting(host), matched: new Map<string, number>() };
    options.onHost?.(host);
    return made;
  };

  const match = async ({ host, forgetting, matched }: NonNullable<typeof world>, incident: Incident): Promise<void> => {
    const { clock } = host.aws.world;
    if (matched.has(incident.key)) return;
    matched.set(incident.key, clock.now());
    const told = `${incident.failure} on ${incident.resource.id.slice(0, 100)}`;
    try {
      const broken = await matchWorld(host, incident);
      forgetting.use(incident.resource.id, incident.alarm?.name);
      if (!broken) return;
      clock.at(incident.at - broken.before, () => {
        try {
          broken.run();
        } catch (error) {
          onNote?.(`the world could not be broken as ${told} says: ${reasonOf(error)}`);
        }
      });
    } catch (error) {
      onNote?.(`the world could not be made to match ${told}: ${reasonOf(error)}`);
    }
  };

  const deliver = ({ host }: NonNullable<typeof world>, reading: Reading): void => {
    result.events++;
    result.rejected += reading.rejected.length;
    if (reading.incidents.length === 0) result.ignored++;
    for (const { key, resource } of reading.incidents) if (!ended.has(key)) open.set(key, resource.id);
    book.note(reading, host.aws.world.clock.now());
    onEvent?.(reading);
    host.deliver(reading.value);
  };

  try {
    for (;;) {
      await readAhead();
      const next = waiting.first();
      if (!next) break;
      if (world && next.at - world.host.aws.world.clock.now() > longPause) {
        const { host } = world;
        const idle = await pace.advance(host, () => !host.busy(), next.at - longPause);
        if (pace.over(host)) break;
        if (idle) {
          await host.close();
          world = undefined;
          onNote?.(`nothing was told for more than ${longPause / day} days; a new world begins before ${new Date(next.at).toISOString()}`);
        }
      }
      world ??= await begin(next.at, next.item);
      const { host, forgetting, matched } = world;
      const { clock } = host.aws.world;
      const toMatch = unmatched.first();
      const matchAt = toMatch ? toMatch.at - settling : Number.POSITIVE_INFINITY;
      const deliverAt = next.at + delivery;
      const due = Math.min(matchAt, deliverAt);
      if (due > clock.now()) await pace.advance(host, () => false, due);
      if (pace.over(host)) break;
      if (matchAt <= deliverAt) {
        unmatched.shift();
        if (toMatch) await match(world, toMatch.item);
        continue;
      }
      waiting.shift();
      if (clock.now() > deliverAt + delivery) result.late++;
      deliver(world, next.item);
      await forgetting.sweep((id) => [...open.values()].includes(id));
      book.forget(clock.now() - longPause);
      for (const keys of [matched, ended]) for (const [key, at] of keys) if (at < clock.now() - longPause) keys.delete(key);
    }
    if (world && !pace.over(world.host)) {
      const { host } = world;
      await pace.advance(host, () => !host.busy(), host.aws.world.clock.now() + longest);
    }
    result.cutShort = world !== undefined && pace.over(world.host) && (open.size > 0 || waiting.size > 0 || !exhausted);
    result.open = [...open.keys()];
    return result;
  } finally {
    await iterator.return?.();
    await world?.host.close();
  }
};
