import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { PlacedSnapshot } from '../../../core/service-interfaces.ts';
import type { Fleet } from './fleet.ts';
import type { Volume } from './instance.ts';

export type Snapshot = {
  readonly seq: number;
  readonly id: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly kmsKeyArn: string | null;
  readonly description: string;
  readonly startedAt: number;
  /** When it is completed, or was; null for one that a world was given. */
  readonly completesAt: number | null;
  state: 'completed' | 'error' | 'pending';
  readonly message: string;
  tags: ReadonlyMap<string, string>;
};

const whole = (at: number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
const { create, everySeconds, pending } = ec2Parameters.snapshots;

/** Snapshots: those that somebody made, and those that a world has been given, which never change. */
export const createSnapshots = (fleet: Fleet) => {
  const { world } = fleet;
  const { clock, region, partition } = world;
  const random = world.random.fork('ec2-snapshots');
  const all = new Map<string, Snapshot>();

  /** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html#create-snapshot-complete */
  const tell = ({ id, volumeId, startedAt }: Snapshot): void =>
    world.putEvent({
      source: 'aws.ec2',
      detailType: 'EBS Snapshot Notification',
      resources: [`arn:${partition}:ec2:${region}::snapshot/${id}`],
      detail: {
        event: 'createSnapshot',
        result: 'succeeded',
        cause: '',
        'request-id': '',
        snapshot_id: `arn:${partition}:ec2::${region}:snapshot/${id}`,
        source: `arn:${partition}:ec2::${region}:volume/${volumeId}`,
        startTime: whole(startedAt),
        endTime: whole(clock.now()),
      },
    });

  return {
    all,

    /** What keeps another one of a volume from being made now. */
    tooMany: ({ id }: Volume): 'rate' | 'pending' | undefined => {
      const own = [...all.values()].filter(({ volumeId }) => volumeId === id);
      if (own.some(({ startedAt }) => startedAt > clock.now() - everySeconds * 1000)) return 'rate';
      return own.filter(({ state }) => state === 'pending').length >= pending ? 'pending' : undefined;
    },

    create: (volume: Volume, description: string, tags: ReadonlyMap<string, string>): Snapshot => {
      const completesAt = clock.now() + Math.round(random.between(create.least, create.most) * 1000);
      const snapshot: Snapshot = {
        seq: fleet.nextSequence(),
        id: `snap-0${random.hex(16)}`,
        volumeId: volume.id,
        sizeGiB: volume.shape.sizeGiB,
        kmsKeyArn: volume.kmsKeyArn,
        description,
        startedAt: clock.now(),
        completesAt,
        state: 'pending',
        message: '',
        tags,
      };
      all.set(snapshot.id, snapshot);
      clock.at(completesAt, () => {
        if (!all.has(snapshot.id)) return;
        snapshot.state = 'completed';
        tell(snapshot);
      });
      return snapshot;
    },

    place: ({ id, startedAt, state = 'completed', message = '', volumeId = 'vol-0fedcba9876543210' }: PlacedSnapshot): void => {
      if (all.has(id)) return;
      const known = { seq: fleet.nextSequence(), id, volumeId, startedAt, state, message };
      all.set(id, { ...known, completesAt: null, sizeGiB: 8, kmsKeyArn: null, description: '', tags: new Map() });
    },
  };
};

export type Snapshots = ReturnType<typeof createSnapshots>;
