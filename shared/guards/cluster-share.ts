import { heirOf } from '../model/cluster-members.ts';
import { maxDisruptions } from './disruption-budget.ts';
import { type Check, defineGuard, escalate, hold, holdForNow, holdQuietly, none, pass } from './guard.ts';

/** How many are named in a sentence. */
const maxNamed = 20;

const takesOneHost: Check = async ({ facts: { host }, incident, policy, ledger, held, take, now }) => {
  // Only where the agent of a host is what the incident is about.
  if (host === undefined) return pass;
  if (policy.ecs.hosts !== 'on') return hold('ecs.hosts in the policy is off');
  if (!host) return hold("can't tell which cluster it is a host of");
  if (host.status === 'INACTIVE') return holdQuietly(`it is no longer registered in cluster ${host.cluster}`);
  const { all, lost, lostIds, able } = host.hosts;
  const limit = maxDisruptions(all, policy.blastRadius.share);
  // The treated one is among them. With none left its tasks have nowhere to go.
  if (lost > limit || able === 0) {
    const more = lostIds.length > maxNamed ? ` and ${lostIds.length - maxNamed} more` : '';
    const names = `${lostIds.slice(0, maxNamed).join(', ')}${more}`;
    const reason = `${lost} of ${all} hosts of cluster ${host.cluster} have lost their agents or are draining: the cause is elsewhere (${names})`;
    const { window } = policy.massFailure;
    const reports = await ledger.electReporter(`lost agents in cluster ${host.cluster}`, incident.key, now, 2 * window * 1000);
    return reports ? { ...hold(reason), shared: lostIds } : holdQuietly(reason);
  }
  const places = Array.from({ length: limit }, (_, i) => ({ type: 'cluster-place', id: `${host.cluster}/${i}` }));
  const isHeld = ({ type, id }: { type: string; id: string }) => held.some((one) => one.type === type && one.id === id);
  for (const place of [...places.filter(isHeld), ...places.filter((one) => !isHeld(one))]) if ((await take(place)).acquired) return pass;
  return holdForNow(`${limit} of ${all} hosts of cluster ${host.cluster} are under treatment, which is the limit`);
};

/** Both restart in a failover: nothing else is done to them meanwhile, and their restarts belong to this incident. */
const takesBothMembers: Check = async ({ facts: { database }, take }) => {
  if (!database?.members) return pass;
  const { members } = database;
  const heir = heirOf(members);
  if ('why' in heir) return escalate(heir.why);
  for (const member of [heir.id, members.writer?.id])
    if (member !== undefined && !(await take({ type: 'database', id: member })).acquired)
      return holdForNow(`${member} is under treatment by another incident`);
  return pass;
};

/**
 * Blast radius of a cluster: only so many of its hosts are replaced at a time, and none where many have failed together; the members of a cluster of databases that fails over are left
 * to that. */
export const clusterShare = defineGuard({
  id: 'cluster-share',
  live: true,
  check: {
    of: {
      instance: {
        starts: none,
        changesSoftware: none,
        interrupts: none,
        removesFromService: none,
        destroys: takesOneHost,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      group: none,
      database: {
        starts: none,
        changesSoftware: none,
        interrupts: takesBothMembers,
        growsStorage: none,
        removesFromService: none,
        destroys: none,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
      },
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
