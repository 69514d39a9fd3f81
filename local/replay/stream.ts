import { rulesOf } from '../../shared/model/classification-rules.ts';
import { dayMs, minuteMs } from '../../shared/model/duration.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import type { Told } from '../input/events.ts';
import { createHost, type Host } from '../testbed/host.ts';
import { createMatcher } from '../testbed/world-from-incident.ts';
import { createForgetting } from './forget.ts';
import { createGoings, type Goings } from './goings.ts';
import { createPace, type Pace } from './pace.ts';
import { createQueue } from './queue.ts';
import { nowhere, type Reading, readTold } from './reading.ts';
import { richer, type ToldAlarm, toldAlarms } from './told-alarm.ts';
import { createBook, type Trace } from './trace.ts';

/** Time before the first failure, so that resources have been up for a while. */
const settling = 60 * minuteMs;
/** Events arrive a little after what they report. */
const delivery = 2000;
/** An incident that is still open then will never end. */
const longest = 60 * dayMs;
/** A pause longer than anything selfheal looks back on: a new world begins after it. */
const longPause = 8 * dayMs;
/** How far ahead a stream is read, so that the world can be prepared in time: in time, and in events at most. */
const lookAhead = { time: 2 * settling, events: 5000 };

/** In one line. */
const reasonOf = (error: unknown): string => (errorMessage(error).split('\n')[0] ?? '').slice(0, 300);

export type StreamOptions = {
  seed: number;
  policy?: Policy;
  pace?: Pace;
  onHost?: (host: Host) => void;
  /** Called with each event as it is delivered. */
  onEvent?: (reading: Reading) => void;
  onOutcome?: (outcome: Outcome, trace: Trace) => void;
  /** Called with a sentence that readers of the results need to know. */
  onNote?: (text: string) => void;
};

type StreamResult = {
  events: number;
  late: number;
  rejected: number;
  ignored: number;
  open: string[];
  /** Incidents that would have been acted on but could not be played, with reasons. */
  unplayable: string[];
  cutShort: boolean;
};

const aboutOf = ({ failure, resource }: Incident): string => `${failure} on ${resource.id.slice(0, 100)}`;

/** Why an incident could not be played, in a sentence. */
export const unplayableText = (incident: Incident, why: string): string =>
  `${aboutOf(incident)} can't be played${incident.alarm ? `: alarm ${JSON.stringify(incident.alarm.name)}` : ''}: ${why}`;

type StreamWorld = {
  host: Host;
  forgetting: ReturnType<typeof createForgetting>;
  match: ReturnType<typeof createMatcher>;
  goings: Goings;
  matched: Map<string, number>;
};

/**
 * Plays events through the whole pipeline in the order of their time, in one world that is made to match them as they come up. The stream
 * may have another order, as long as related events aren't thousands apart. Memory is bounded, however many there are.
 */
export const replayStream = async (events: AsyncIterable<Told>, options: StreamOptions): Promise<StreamResult> => {
  const policy = options.policy ?? policySchema.parse({});
  const { pace = createPace(), onEvent, onOutcome, onNote } = options;
  const iterator = events[Symbol.asyncIterator]();
  const waiting = createQueue<Reading>();
  const unmatched = createQueue<Incident>();
  /** Alarms to be created at their time. */
  const watches = createQueue<{ incident: Incident; run: () => Promise<void> }>();
  const book = createBook();
  const result: StreamResult = { events: 0, late: 0, rejected: 0, ignored: 0, open: [], unplayable: [], cutShort: false };
  let newest = Number.NEGATIVE_INFINITY;
  let exhausted = false;
  let world: StreamWorld | undefined;
  /** Alarms of incidents that the world doesn't match yet, as their events describe them. */
  const tales = new Map<string, ToldAlarm>();
  /** Keys of incidents that can't be played; their results mean nothing. */
  const unplayable = new Set<string>();
  /** Open incidents by key, with their resources. */
  const open = new Map<string, string>();
  /** Ended incidents, and when: a redelivery doesn't start them again. */
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
      const reading = readTold(next.value, rulesOf(policy));
      // An event without a time gets that of the event before it.
      const at = reading.at ?? (Number.isFinite(newest) ? newest : Date.parse('2026-01-01T00:00:00Z'));
      newest = Math.max(newest, at);
      waiting.push(at, reading);
      const alarmOf = reading.incidents.length === 0 ? undefined : toldAlarms(reading.value);
      for (const incident of reading.incidents) {
        if (alarmOf) tales.set(incident.key, richer(tales.get(incident.key), alarmOf(incident)));
        unmatched.push(Math.min(incident.at, at), incident);
      }
    }
  };

  const begin = async (at: number, reading: Reading): Promise<StreamWorld> => {
    const [first] = reading.incidents;
    const host = await createHost({
      seed: options.seed,
      start: at - settling,
      account: first?.account || nowhere.account,
      region: first?.region || nowhere.region,
      policy,
      // The world's own events must not start other incidents.
      listens: false,
      onOutcome: (outcome) => {
        open.delete(outcome.incident);
        ended.set(outcome.incident, host.aws.world.clock.now());
        made.forgetting.end(outcome.incident);
        if (!unplayable.has(outcome.incident)) onOutcome?.(outcome, book.traceOf(outcome));
      },
    });
    const made: StreamWorld = {
      host,
      forgetting: createForgetting(host),
      match: createMatcher(host),
      goings: createGoings(host),
      matched: new Map<string, number>(),
    };
    options.onHost?.(host);
    return made;
  };

  const unmatchable = (about: string, error: unknown): void =>
    onNote?.(`the world could not be made to match ${about}: ${reasonOf(error)}`);

  const refuse = (incident: Incident, why: string): void => {
    unplayable.add(incident.key);
    const text = unplayableText(incident, why);
    result.unplayable.push(text);
    onNote?.(text);
  };

  const match = async ({ host, forgetting, match: matchTo, goings, matched }: StreamWorld, incident: Incident): Promise<void> => {
    const { clock } = host.aws.world;
    const { key } = incident;
    const told = tales.get(key) ?? null;
    tales.delete(key);
    if (matched.has(key)) return;
    matched.set(key, clock.now());
    const about = aboutOf(incident);
    try {
      const { cause, watch, unplayable: why } = await matchTo(incident, told);
      forgetting.use(incident.resource.id, incident.alarm?.name);
      if (why !== null) refuse(incident, why);
      if (watch) watches.push(incident.at - watch.before, { incident, run: watch.run });
      if (!cause) return;
      const at = Math.max(clock.now(), incident.at - cause.before);
      if (incident.alarm && watch) goings.expect(key, incident.alarm.name, at);
      clock.at(at, () => {
        try {
          cause.run();
        } catch (error) {
          onNote?.(`the fault of ${about} could not be injected: ${reasonOf(error)}`);
        }
      });
    } catch (error) {
      unmatchable(about, error);
    }
  };

  const watch = async ({ incident, run }: { incident: Incident; run: () => Promise<void> }): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (incident.disposition === 'remediate') refuse(incident, reasonOf(error));
      else unmatchable(aboutOf(incident), error);
    }
  };

  /** Whether anything of an event can be played; what its alarms do here is only known by now. */
  const isPlayable = ({ goings }: StreamWorld, { incidents }: Reading): boolean => {
    for (const incident of incidents) {
      const { key, disposition } = incident;
      if (disposition !== 'remediate' || open.has(key) || ended.has(key) || unplayable.has(key) || goings.wentOff(key)) continue;
      refuse(incident, 'as the event describes it, it does not fire in the embedded AWS');
    }
    return incidents.length === 0 || incidents.some(({ key }) => !unplayable.has(key));
  };

  const deliver = (made: StreamWorld, reading: Reading): void => {
    const { host } = made;
    result.events++;
    result.rejected += reading.rejected.length;
    if (reading.incidents.length === 0) result.ignored++;
    onEvent?.(reading);
    if (!isPlayable(made, reading)) return;
    for (const { key, resource } of reading.incidents) if (!ended.has(key) && !unplayable.has(key)) open.set(key, resource.id);
    book.note(reading, host.aws.world.clock.now());
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
          onNote?.(
            `there was no event for more than ${longPause / dayMs} days; a new world begins before ${new Date(next.at).toISOString()}`,
          );
        }
      }
      world ??= await begin(next.at, next.item);
      const { host, forgetting, goings, matched } = world;
      const { clock } = host.aws.world;
      const toMatch = unmatched.first();
      const matchAt = toMatch ? toMatch.at - settling : Number.POSITIVE_INFINITY;
      const watchAt = watches.first()?.at ?? Number.POSITIVE_INFINITY;
      const deliverAt = next.at + delivery;
      const due = Math.min(matchAt, watchAt, deliverAt);
      if (due > clock.now()) await pace.advance(host, () => false, due);
      if (pace.over(host)) break;
      if (watchAt <= Math.min(matchAt, deliverAt)) {
        const made = watches.shift();
        if (made) await watch(made.item);
        continue;
      }
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
      for (const keys of [matched, ended])
        for (const [key, at] of keys) {
          if (at >= clock.now() - longPause) continue;
          keys.delete(key);
          goings.forget(key);
        }
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
