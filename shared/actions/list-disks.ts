import type { Command } from '../model/command.ts';
import { type Action, defineAction, instanceTarget } from './action.ts';
import { runCommandPermissions, sendStep, unnamed } from './run-command.ts';

const list = {
  id: 'list-disks',
  permissions: runCommandPermissions,
  effects: ['changesSoftware'],
  downtime: null,
  undo: 'nothing has changed',
  through: 'systems-manager',
  onlyReads: true,
  verb: { base: 'list', past: 'listed' },
  object: ({ target }) => `the disks of instance ${target.id}`,
} satisfies Partial<Action>;

/** As playbooks name it, before it is known what the policy says of disks: then it has no target. */
export const listDisks = defineAction({ ...list, target: () => null, steps: [unnamed] });

/** Runs the command that lists block devices, whose output the next look reads. */
export const listDisksBy = (name: string, command: Command): Action => ({
  ...list,
  command: name,
  target: instanceTarget,
  steps: [sendStep('list', command)],
});
