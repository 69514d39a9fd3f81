import type { Outcome } from '../../shared/incident/outcome.ts';
import { policySchema } from '../../shared/policy.ts';
import { createHost, type Host } from '../host.ts';
import type { HealthSample } from '../report/input.ts';
import { createHealthRecorder } from '../report/recorder.ts';
import { stepsOf } from '../report/thin.ts';
import { createWitness } from '../report/witness.ts';
import { createRandom } from '../world/random.ts';
import { createObserver, type Limits, type Observer, type PeopleLog } from './observer.ts';
import type { Violation } from './promises.ts';
import type { Sabotage } from './sabotage.ts';
import { drawScene, type Scenario, type Scene } from './schedule.ts';
import { buildFleet, createStage } from './stage.ts';

const minute = 60_000;
const start = Date.parse('2026-03-02T01:30:00Z');
/** What is still going on so long after the last breakdown will never end. */
const patience = 40 * 60 * minute;
/** What was held back on its way arrives within this. */
const late = 11 * minute;

export type Run = {
  seed: number;
  incidents: number;
  actions: number;
  outcomes: Record<string, number>;
  violations: Violation[];
  /** What happened, for whoever has to understand a violation. */
  history: Observer['history'];
  /** What a report tells of it, where one was asked for: outcomes with their stories, and the fleet's health once a minute. */
  reported?: { outcomes: Outcome[]; health: HealthSample[] };
};

/** Tighter than the defaults, so that a few hours of simulated time reach the limits. */
const policy = policySchema.parse({
  budget: { actions: 4, window: 3 * 3600 },
  calm: { fromHour: 0, toHour: 24 },
});

const limitsOf = (scene: Scene): Limits => ({
  budget: { actions: policy.budget.actions, windowSeconds: policy.budget.window },
  blastShare: policy.blastRadius.share,
  massFailure: { resources: policy.massFailure.account, windowSeconds: policy.massFailure.window },
  dryRun: scene.mode === 'dry-run',
});

/** A cursed instance hangs again some minutes after it has been healed. */
const curse = (host: Host, id: string, until: number): void => {
  const { clock } = host.aws.world;
  const stop = clock.every(5 * minute, () => {
    if (clock.now() > until) return stop();
    const instance = host.aws.ec2.get(id);
    if (instance?.reachable && instance.instanceStatus === 'ok') host.aws.faults.inject({ fault: 'hang-kernel', target: id });
  });
};

/** Plays one scene to the end of its last incident and checks the promises after every call. */
export const playScene = async (scene: Scene, sabotage?: Sabotage, report = false): Promise<Run> => {
  const people: PeopleLog = { stopped: new Map(), optedOut: new Map(), switchedOff: null, suspended: new Map() };
  const observer = createObserver(people, limitsOf(scene));
  const witness = report ? createWitness() : undefined;
  const deaths = createRandom(scene.seed).fork('deaths');
  const dies = () => scene.death > 0 && deaths.chance(scene.death);
  const host = await createHost({
    seed: scene.seed,
    start,
    account: '111122223333',
    region: 'us-east-1',
    policy: { ...policy, mode: scene.mode },
    interleave: true,
    // The observer sees what is published on its way.
    collects: false,
    interceptors: [observer.interceptor, ...(witness ? [witness.interceptor] : [])],
    ...(scene.death > 0 ? { dies, diesInCall: dies } : {}),
    ...(sabotage ? { meddle: sabotage.meddle } : {}),
  });
  try {
    observer.watch(host.aws);
    const fleet = await buildFleet(host, scene);
    const recorder = report ? createHealthRecorder(host) : undefined;
    const stage = createStage(host, fleet, people, observer);
    const { clock } = host.aws.world;
    const began = clock.now();
    const end = began + scene.minutes * minute;
    for (const [i, { cursed }] of scene.lone.entries()) if (cursed) curse(host, fleet.lone[i] as string, end);
    for (const happening of scene.happenings) {
      await host.run(() => false, began + happening.at * 1000);
      await stage.perform(happening, began);
    }
    await host.run(() => false, end);
    for (const { id } of host.aws.faults.active()) host.aws.faults.end(id);
    await host.setSwitch('on');
    await host.run(() => !host.busy(), end + patience);
    await host.run(() => false, clock.now() + late);
    await host.run(() => !host.busy(), end + patience + late);
    observer.finish();
    return {
      seed: scene.seed,
      ...observer.counts(),
      violations: observer.violations,
      history: observer.history,
      ...(witness && recorder ? { reported: { outcomes: witness.outcomes(), health: stepsOf(recorder.samples) } } : {}),
    };
  } finally {
    await host.close();
  }
};

export type SceneOptions = { scenario?: Scenario; minutes: number };

export const sceneOf = (seed: number, options: SceneOptions): Scene => drawScene(createRandom(seed).fork('scene'), seed, options);

/**
 * Leaves out of a scene whatever can be left out without losing the violation of the given promise, half of it at a time and then
 * piece by piece. Returns the smaller scene and its run.
 */
export const shrink = async (scene: Scene, promise: Violation['promise'], sabotage?: Sabotage): Promise<{ scene: Scene; run: Run }> => {
  let best = { scene, run: await playScene(scene, sabotage) };
  for (let size = Math.ceil(scene.happenings.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.scene.happenings.length; ) {
      const happenings = best.scene.happenings.filter((_, i) => i < from || i >= from + size);
      const smaller = { ...best.scene, happenings };
      const run = await playScene(smaller, sabotage);
      if (run.violations.some((violation) => violation.promise === promise)) best = { scene: smaller, run };
      else from += size;
    }
  }
  return best;
};
