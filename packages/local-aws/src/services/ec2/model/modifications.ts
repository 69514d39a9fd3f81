import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Fleet } from './fleet.ts';
import type { Modification, Shape, Volume } from './instance.ts';

const day = 24 * 3_600_000;

/** Percent: only the time that it takes to optimize can be told. */
export const progressOf = ({ state, optimizes }: Modification, now: number): number => {
  if (state === 'completed') return 100;
  if (!optimizes) return 0;
  return Math.min(99, Math.floor(((now - optimizes.from) / (optimizes.until - optimizes.from)) * 100));
};

/**
 * Volumes that change while they are in use. "You must wait for that modification to reach the completed state before you can initiate
 * another", and "up to four times within a rolling 24-hour period": ModifyVolume in the SDK's model. Older pages have six hours between two.
 */
export const createModifications = (fleet: Fleet) => {
  const { clock } = fleet.world;
  const random = fleet.world.chances('ec2-modifications');
  const doomed = new Map<string, () => void>();
  const { modifying, optimizing } = ec2Parameters.modifications;
  const draw = ({ least, most }: { least: number; most: number }) => Math.round(random.between(least, most) * 1000);

  const tell = ({ id }: Volume, result: Modification['state'], requestId: string): void =>
    fleet.world.putEvent({
      source: 'aws.ec2',
      detailType: 'EBS Volume Notification',
      resources: [fleet.world.arn('ec2', `volume/${id}`)],
      detail: { result, cause: '', event: 'modifyVolume', 'request-id': requestId },
    });

  const isOver = ({ state }: Modification) => state === 'completed' || state === 'failed';

  return {
    /** The one that keeps another from being begun. */
    underWay: ({ modifications }: Volume): Modification | undefined => modifications.find((one) => !isOver(one)),

    /** When the next one may be begun, where there have been too many of late. */
    nextAt: ({ modifications }: Volume): number | undefined => {
      const { perDay } = ec2Parameters.modifications;
      const recent = modifications.filter(({ startedAt }) => startedAt > clock.now() - day);
      return recent.length < perDay ? undefined : (recent.at(-perDay)?.startedAt ?? 0) + day;
    },

    begin: (volume: Volume, target: Shape, requestId: string): Modification => {
      const modification: Modification = {
        startedAt: clock.now(),
        original: volume.shape,
        target,
        state: 'modifying',
        optimizes: null,
        endedAt: null,
        message: '',
      };
      volume.modifications.push(modification);
      const become = (state: Modification['state']): void => {
        modification.state = state;
        if (isOver(modification)) modification.endedAt = clock.now();
        tell(volume, state, requestId);
      };
      const length = draw(optimizing);
      clock.after(draw(modifying), () => {
        const over = doomed.get(volume.id);
        if (over) {
          modification.message = 'The modification failed because of an internal error.';
          become('failed');
          over();
          return;
        }
        // "Size changes usually take a few seconds to complete and take effect after the volume has transitioned to the Optimizing state":
        // https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html. Here at once.
        volume.shape = target;
        modification.optimizes = { from: clock.now(), until: clock.now() + length };
        become('optimizing');
        clock.after(length, () => become('completed'));
      });
      return modification;
    },

    /** `over` is called once it has failed. */
    failNext: (volumeId: string, over: () => void): (() => void) => {
      if (!fleet.volumes.has(volumeId)) throw new RangeError(`There is no volume ${volumeId}`);
      doomed.set(volumeId, () => {
        doomed.delete(volumeId);
        over();
      });
      return () => doomed.delete(volumeId);
    },
  };
};

export type Modifications = ReturnType<typeof createModifications>;
