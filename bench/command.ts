import { playScenario } from '../local/worlds/play.ts';
import { scenarioSchema } from '../local/worlds/schema.ts';
import { secondMs } from '../shared/model/duration.ts';
import { type Measurement, timesTaken } from './measurement.ts';

/** A dead process that its owner's command starts again, with an alarm on a metric of this resolution in seconds. */
const worldOf = (seed: number, resolution: number) =>
  scenarioSchema.parse({
    name: 'A dead process',
    hypothesis: 'Its command starts it again.',
    seed,
    policy: {
      commands: { restart: { document: 'Shop-RestartService', version: '3', timeout: '2m' } },
      run: [{ when: { failure: 'application-down' }, command: 'restart' }],
    },
    fleet: {
      instances: { web: {} },
      alarms: {
        'web-app': {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
          metric: { namespace: 'CWAgent', name: 'procstat_lookup_pid_count', dimensions: { InstanceId: '${web}', exe: 'app' } },
          comparison: '<',
          threshold: 1,
          period: `${resolution}s`,
          periods: 1,
        },
      },
    },
    timeline: [{ at: '0m', do: 'kill-process', on: 'web', process: 'app' }],
    expect: {},
  });

/** From the alarm to the proof that a restart by command has healed it, in simulated time. */
export const benchCommand = async (quick = false): Promise<Measurement[]> => {
  const seeds = Array.from({ length: quick ? 4 : 60 }, (_, i) => i + 1);
  const figures: Measurement[] = [];
  for (const resolution of [60, 10]) {
    const taken: number[] = [];
    for (const seed of seeds) {
      const { outcomes } = await playScenario(worldOf(seed, resolution));
      const [outcome] = outcomes;
      if (outcomes.length !== 1 || outcome?.status !== 'healed') throw new Error(`seed ${seed}: ${outcome?.status}: ${outcome?.reason}`);
      const [signal] = outcome.timeline;
      taken.push((Date.parse(outcome.endedAt) - Date.parse(signal?.at ?? outcome.startedAt)) / secondMs);
    }
    figures.push(...timesTaken(`command.metric_${resolution}s.healed`, taken));
  }
  return figures;
};
