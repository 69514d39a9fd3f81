import { isUnhealthy, isWhollySick } from '../model/snapshot.ts';
import type { Condition } from './playbook.ts';

export const lone: Condition = { id: 'not in a group', met: ({ instance }) => instance !== null && instance.groupName === null };

export const inGroup: Condition = { id: 'in a group', met: ({ instance, group }) => instance?.groupName != null && group !== null };

/** A stop would empty an instance store, so the type must be known to have none. */
export const ebsOnly: Condition = {
  id: 'no instance store',
  met: ({ instance }) => instance?.rootDevice === 'ebs' && instance.instanceStore === false,
};

/** A spot instance may not come back from a stop. */
export const onDemand: Condition = { id: 'not a spot instance', met: ({ instance }) => instance?.spot === false };

/** EC2 takes back no other: a notice for one that it doesn't is a mistake, or a forgery. */
export const reclaimable: Condition = { id: 'an instance that EC2 may reclaim', met: ({ instance }) => instance?.spot === true };

/** A failed host also fails the instance check, and a reboot stays on the host: look at the system check first. */
export const hostIsFine: Condition = { id: 'the host is fine', met: ({ status }) => status?.system === 'ok' };
export const hostIsImpaired: Condition = { id: 'the host is impaired', met: ({ status }) => status?.system === 'impaired' };

/** The instance doesn't answer, and at least half of the others do: otherwise the cause is elsewhere, and no restart will cure it. */
export const fewSickTargets: Condition = {
  id: 'at most half of the targets are unhealthy',
  met: ({ targets, instance }) => {
    if (!targets || !instance) return false;
    const most = Math.max(1, Math.floor(targets.hosts / 2));
    return targets.unhealthyHosts <= most && targets.own.some((one) => one.id === instance.id && isUnhealthy(one));
  },
};

/** Where another port of the host still answers, a service on it is sick and not the host. */
export const noPortAnswers: Condition = {
  id: 'no port responds',
  met: ({ targets, instance }) => instance !== null && isWhollySick(targets?.own ?? [], instance.id),
};

export const isGroup: Condition = { id: 'a group', met: ({ group }) => group !== null };

/** The incident is about a group as a whole and not about one of its members. */
export const wholeGroup: Condition = { id: 'a whole group', met: ({ group, instance }) => group !== null && instance === null };
