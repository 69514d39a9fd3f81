import type { Instance, Volume } from './instance.ts';

/** What an image, a template or a call asks of a volume. */
export type DiskSpec = {
  readonly device: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly deleteOnTermination: boolean;
  readonly snapshotId?: string | undefined;
  readonly encrypted?: boolean | undefined;
  /** An id, an ARN or an alias; AWS's own key for EBS where it is left out. */
  readonly kmsKeyId?: string | undefined;
};

export const rootDisk: DiskSpec = { device: '/dev/xvda', sizeGiB: 8, type: 'gp3', deleteOnTermination: true };

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html#volume-state */
export const volumeState = ({ broken, creating, attachment }: Volume): 'error' | 'creating' | 'in-use' | 'available' => {
  if (broken) return 'error';
  if (creating) return 'creating';
  return attachment ? 'in-use' : 'available';
};

/** Whether it answers reads and writes. */
export const answers = ({ broken, impairedSince }: Volume): boolean => !broken && impairedSince === null;

export const rootVolume = (instance: Instance | undefined): Volume | undefined =>
  instance?.volumes.find(({ attachment }) => attachment?.device === instance.rootDevice);
