import { minuteMs } from '../../shared/model/duration.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { HealthSample } from '../report/input.ts';
import { createHealthRecorder } from '../report/recorder.ts';
import { stepsOf } from '../report/thin.ts';
import { createWitness } from '../report/witness.ts';
import type { Host } from '../testbed/host.ts';
import type { Observer } from '../worlds/observer.ts';
import { namesOf, playScenario } from '../worlds/play.ts';
import type { Violation } from '../worlds/promises.ts';
import { type Scenario, scenarioSchema, type WrittenScenario } from '../worlds/schema.ts';
import type { Harm } from './harm.ts';
import type { Sabotage } from './sabotage.ts';
import { createTouches } from './touches.ts';

/** An incident still open this long after the last step will never end. */
const patience = 40 * 60 * minuteMs;

export type Run = {
  seed: number;
  incidents: number;
  actions: number;
  outcomes: Record<string, number>;
  violations: Violation[];
  /** How many releases were rolled back. */
  rollbacks: number;
  /** What became of users' requests, where that was asked for. */
  harm?: Harm;
  /** What happened, for understanding a violation. */
  history: Observer['history'];
  /** What a report tells of it, where one was asked for: outcomes with their stories, and the fleet's health once a minute. */
  reported?: { outcomes: Outcome[]; health: HealthSample[]; names: [id: string, name: string][] };
};

const unwatched = (scenario: Scenario): Scenario => ({ ...scenario, expect: { ...scenario.expect, promises: undefined } });

export type PlayOptions = { sabotage?: Sabotage | undefined; report?: boolean | undefined; harm?: boolean | undefined };

/**
 * Plays a world to the end of its last incident and checks the promises after every call. With `harm`, plays it once more without selfheal,
 * whose functions then hear of nothing.
 */
export const playWorld = async (written: WrittenScenario, { sabotage, report = false, harm = false }: PlayOptions = {}): Promise<Run> => {
  const scenario = scenarioSchema.parse(written);
  const witness = report ? createWitness() : undefined;
  const touches = harm ? createTouches() : undefined;
  const interceptors = [witness, touches].flatMap((one) => one?.interceptor ?? []);
  let recorder: ReturnType<typeof createHealthRecorder> | undefined;
  const { unsteady, watched, calls, requests, ids } = await playScenario(scenario, {
    patience,
    // Also an answer that comes too late.
    onAnswer: () => {},
    host: {
      // The observer sees messages when they are published; people answer what they get.
      collects: scenario.answers.length > 0,
      even: harm,
      interceptors,
      ...(sabotage ? { meddle: sabotage.meddle } : {}),
    },
    onHost: ({ aws }) => touches?.watch(aws),
    onReady: (host) => {
      recorder = report ? createHealthRecorder(host) : undefined;
    },
  });
  if (!watched) throw new Error(`${scenario.name}: no observer checked the promises`);
  if (unsteady.length > 0) throw new Error(`${scenario.name}: the steady state did not hold before: ${unsteady.join('; ')}`);
  // Until the fleet is up, both take the same course.
  const alone = { patience, onAnswer: () => {}, onReady: (host: Host) => host.deafen() };
  const without = harm && (await playScenario(unwatched(scenario), { ...alone, host: { collects: false, even: true } }));
  return {
    seed: scenario.seed,
    ...watched,
    ...(without ? { harm: { ...requests, without: without.requests.failed, acted: touches?.touched() === true } } : {}),
    rollbacks: calls.filter((call) => call === 'lambda:UpdateAlias').length,
    ...(witness && recorder
      ? { reported: { outcomes: witness.outcomes(), health: stepsOf(recorder.samples), names: [...namesOf({ ids })] } }
      : {}),
  };
};

/** The step that ends the faults stays, or the rest would last for ever. */
const ends = ({ do: what }: WrittenScenario['timeline'][number]): boolean => what === 'all-clear';

/**
 * Removes every step of a scenario that isn't needed for what its run shows, first in halves and then one by one. Returns the smaller
 * scenario and its run.
 */
export const shrink = async (
  scenario: WrittenScenario,
  shows: (run: Run) => boolean,
  options: PlayOptions = {},
): Promise<{ scenario: WrittenScenario; run: Run }> => {
  let best = { scenario, run: await playWorld(scenario, options) };
  const last = scenario.timeline.findLastIndex(ends);
  const kept = last < 0 ? [] : scenario.timeline.slice(last);
  let loose = last < 0 ? scenario.timeline : scenario.timeline.slice(0, last);
  for (let size = Math.ceil(loose.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < loose.length; ) {
      const fewer = loose.filter((_, i) => i < from || i >= from + size);
      const timeline = [...fewer, ...kept];
      if (timeline.length === 0) break;
      const smaller = { ...scenario, timeline };
      const run = await playWorld(smaller, options);
      if (shows(run)) {
        best = { scenario: smaller, run };
        loose = fewer;
      } else from += size;
    }
  }
  return best;
};
