import { isOver, volumeOf } from '../model/disk.ts';
import { type Check, defineGuard, escalate, hold, holdForNow, none, pass } from './guard.ts';
import { isOptedIn } from './opt-in.ts';

const mayGrow: Check = ({ facts, policy, action }) => {
  const { disks } = policy;
  if (!disks) return hold('disks in the policy is off');
  const found = volumeOf(facts);
  if ('why' in found) return escalate(found.why);
  const { id, size, state, attachments, tags, modification } = found.volume;
  if (!isOptedIn(tags, policy)) return escalate(`volume ${id} under ${found.path} is not opted in`);
  if (attachments !== 1 || state !== 'in-use') return escalate(`volume ${id} is ${state}, and attached to ${attachments} instances`);
  if (action.addsNone)
    return found.unfinished ? pass : escalate(`nothing shows that the file system at ${found.path} has not all of volume ${id}`);
  if (size >= disks.atMost) return escalate(`volume ${id} has ${size} GiB, and the policy lets it grow to ${disks.atMost} GiB`);
  if (modification && !isOver(modification)) return holdForNow(`volume ${id} is still ${modification.state} after its last modification`);
  return pass;
};

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to the disks of ${target.type} ${target.id}`);

const others = {
  starts: none,
  changesSoftware: none,
  interrupts: none,
  removesFromService: none,
  destroys: none,
  addsCapacity: none,
  changesAddress: none,
  repeatsWork: none,
};

/**
 * Only the volume that the instance itself has named by its serial number is grown, only if it is opted in like its instance, never above
 * the most that the policy allows, and only once EC2 has done with its last modification; a file system alone where its volume was grown before.
 */
export const diskReady = defineGuard({
  id: 'disk-ready',
  live: true,
  check: {
    of: {
      instance: { ...others, growsStorage: mayGrow },
      group: { ...others, growsStorage: unknown },
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
