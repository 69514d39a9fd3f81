import { extendFileSystem, extendFileSystemBy } from '../actions/extend-file-system.ts';
import { growVolume, growVolumeBy } from '../actions/grow-volume.ts';
import { listDisks, listDisksBy } from '../actions/list-disks.ts';
import type { Policy } from '../model/policy.ts';
import type { LadderStep, Playbook } from './playbook.ts';

/** A playbook whose rungs on disks do what the policy says of them; where it says nothing they are left out. */
export const withDisks = <P extends Pick<Playbook, 'ladder'>>(playbook: P, { disks, commands }: Pick<Policy, 'disks' | 'commands'>): P => {
  const named = (name: string) => (Object.hasOwn(commands, name) ? commands[name] : undefined);
  const ladder = playbook.ladder.flatMap((step): LadderStep[] => {
    if (step.kind !== 'act' || ![listDisks, extendFileSystem, growVolume].some((one) => one === step.action)) return [step];
    const [look, extend] = disks ? [named(disks.look), named(disks.extend)] : [];
    if (!disks || !look || !extend) return [];
    if (step.action === listDisks) return [{ ...step, action: listDisksBy(disks.look, look) }];
    return [{ ...step, action: (step.action === extendFileSystem ? extendFileSystemBy : growVolumeBy)(disks, extend) }];
  });
  return { ...playbook, ladder };
};
