import { drawMix } from '../local/simulate/releases.ts';
import { playScenario } from '../local/worlds/play.ts';
import { scenarioSchema } from '../local/worlds/schema.ts';
import { secondMs } from '../shared/model/duration.ts';
import { type Measurement, timesTaken } from './measurement.ts';

/** From the alarm on a bad deployment of a function to the older version serving again, and to the proof of it, in simulated time. */
export const benchRollback = async (quick = false): Promise<Measurement[]> => {
  const wanted = quick ? 4 : 60;
  const back: number[] = [];
  const healed: number[] = [];
  for (let seed = 1; back.length < wanted; seed++) {
    const { scenario } = drawMix(seed);
    if (!scenario.name.endsWith(': bad-deploy')) continue;
    let movedAt: number | undefined;
    const { outcomes } = await playScenario(scenarioSchema.parse(scenario), {
      host: {
        interceptors: [
          {
            after: ({ operation, context }) => {
              if (operation === 'UpdateAlias' && context.accessKey === 'selfheal') movedAt ??= context.now;
              return undefined;
            },
          },
        ],
      },
    });
    const outcome = outcomes.find(({ actions }) => actions.length > 0);
    if (outcome?.status !== 'healed' || movedAt === undefined) throw new Error(`seed ${seed}: ${outcome?.status}: ${outcome?.reason}`);
    const alarmAt = Date.parse(outcome.timeline[0]?.at ?? outcome.startedAt);
    back.push((movedAt - alarmAt) / secondMs);
    healed.push((Date.parse(outcome.endedAt) - alarmAt) / secondMs);
  }
  return [...timesTaken('rollback.back', back), ...timesTaken('rollback.healed', healed)];
};
