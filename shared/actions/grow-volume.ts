import { CreateSnapshotCommand, ModifyVolumeCommand } from '@aws-sdk/client-ec2';
import type { Command } from '../model/command.ts';
import { grownSize, hasEffect } from '../model/disk.ts';
import { inSeconds, minutes } from '../model/duration.ts';
import type { RemedySettings } from '../model/remedies.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { type Action, type ActionStep, allowDryRun, defineAction, instanceTarget } from './action.ts';
import { expected, extendStep, seen } from './extend-file-system.ts';
import { runCommandPermissions, unnamed } from './run-command.ts';

type Disks = NonNullable<RemedySettings['disks']>;

const grow = {
  id: 'grow-volume',
  permissions: ['ec2:ModifyVolume', 'ec2:CreateSnapshot', ...runCommandPermissions],
  effects: ['growsStorage'],
  downtime: null,
  undo: null,
  through: 'systems-manager',
  verb: { base: 'grow', past: 'grown' },
  object: ({ target, facts, policy: { disks } }) => {
    const volume = seen(facts);
    if (!volume || !disks) return `a volume of instance ${target.id}`;
    return `volume ${volume.id} of instance ${target.id} from ${volume.size} to ${grownSize(volume.size, disks)} GiB`;
  },
} satisfies Partial<Action>;

/** As playbooks name it, before it is known what the policy says of disks: then it has no target. */
export const growVolume = defineAction({ ...grow, target: () => null, steps: [unnamed] });

/** The snapshot is as of when it begins, so that nothing has to wait for its end. docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshots.html */
const snapshot: ActionStep = {
  name: 'snapshot',
  done: (facts) => ['pending', 'completed'].includes(seen(facts)?.snapshot ?? ''),
  call: async ({ ec2 }, { facts, dryRun, reference }) => {
    const { id: VolumeId } = expected(facts);
    await allowDryRun(dryRun, ec2.send(new CreateSnapshotCommand({ VolumeId, Description: `selfheal ${reference}`, DryRun: dryRun })));
  },
  settled: { when: (facts) => ['pending', 'completed'].includes(seen(facts)?.snapshot ?? ''), within: minutes(2) },
};

/** The size that it was to have, by the look before the action. */
const isGrown = (facts: ResourceSnapshot, before: ResourceSnapshot, disks: Disks): boolean => {
  const [now, then] = [seen(facts), seen(before)];
  if (!now || !then || now.id !== then.id) return false;
  return now.modification !== null && now.modification.size >= grownSize(then.size, disks) && now.modification.state !== 'failed';
};

const modify = (disks: Disks): ActionStep => ({
  name: 'modify',
  done: (facts, { before }) => isGrown(facts, before, disks),
  call: async ({ ec2 }, { facts, dryRun }) => {
    const { id: VolumeId, size } = expected(facts);
    await allowDryRun(dryRun, ec2.send(new ModifyVolumeCommand({ VolumeId, Size: grownSize(size, disks), DryRun: dryRun })));
  },
  settled: {
    when: (facts, { before }) => {
      const { modification = null, size = 0 } = seen(facts) ?? {};
      return isGrown(facts, before, disks) && modification !== null && hasEffect(modification) && size >= modification.size;
    },
    within: minutes(30),
  },
});

/** Grows the volume under the file system that the alarm tells of, and lets the file system have all of it. */
export const growVolumeBy = (disks: Disks, command: Command): Action => {
  const { times, within } = disks;
  const extend = extendStep(disks, command);
  return {
    ...grow,
    limit: { times, within: inSeconds(within) },
    command: disks.extend,
    target: instanceTarget,
    steps: disks.snapshot ? [snapshot, modify(disks), extend] : [modify(disks), extend],
  };
};
