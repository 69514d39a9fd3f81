import type { Command } from '../model/command.ts';
import { serialOf, type VolumeFacts, volumeOf } from '../model/disk.ts';
import type { RemedySettings } from '../model/remedies.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { type Action, type ActionStep, defineAction, instanceTarget } from './action.ts';
import { runCommandPermissions, sendStep, unnamed } from './run-command.ts';

type Disks = NonNullable<RemedySettings['disks']>;

/** Null if it isn't known: then a guard has held the action. */
export const seen = (facts: ResourceSnapshot): VolumeFacts | null => {
  const found = volumeOf(facts);
  return 'why' in found ? null : found.volume;
};

export const expected = (facts: ResourceSnapshot): VolumeFacts => {
  const volume = seen(facts);
  if (!volume) throw new Error('the volume is no longer known');
  return volume;
};

/** Lets a file system have all of its volume. */
export const extendStep = ({ serial }: Disks, command: Command): ActionStep =>
  sendStep('extend', command, (facts) => (serial === undefined ? {} : { [serial]: [serialOf(expected(facts).id)] }));

const extension = {
  id: 'extend-file-system',
  permissions: runCommandPermissions,
  effects: ['growsStorage'],
  addsNone: true,
  undo: null,
  downtime: null,
  through: 'systems-manager',
  verb: { base: 'extend', past: 'extended' },
  object: ({ target, facts }) => {
    const volume = seen(facts);
    return volume
      ? `the file system on volume ${volume.id} of instance ${target.id} to all of its ${volume.size} GiB`
      : `a file system of instance ${target.id}`;
  },
} satisfies Partial<Action>;

/** As playbooks name it, before it is known what the policy says of disks: then it has no target. */
export const extendFileSystem = defineAction({ ...extension, target: () => null, steps: [unnamed] });

/** Brings to its end what an earlier growth has begun: the volume is larger already, and what lies on it is not. */
export const extendFileSystemBy = (disks: Disks, command: Command): Action => ({
  ...extension,
  command: disks.extend,
  target: instanceTarget,
  steps: [extendStep(disks, command)],
});
