import { createHash } from 'node:crypto';
import { has } from '../actions/action.ts';
import { type GroupFacts, member, type ResourceSnapshot } from '../model/snapshot.ts';
import { isAnnounced } from './announced.ts';
import { type Check, defineGuard, hold, holdForNow, none, pass } from './guard.ts';

/** How many members of a group of this size may be under treatment at once. */
export const maxDisruptions = (members: number, share: number): number => Math.max(1, Math.floor(members * share));

/** How many members the group lacks besides this one: gone and not replaced yet, or not working. */
const lacking = (facts: ResourceSnapshot, { desired, count }: GroupFacts): number =>
  desired - count.working - (member(facts)?.health === 'Unhealthy' ? 1 : 0);

const takePlace: Check = async ({ facts, incident, policy, held, take }) => {
  const { instance, group } = facts;
  if (!instance?.groupName) return pass;
  if (!group) return hold(`can't tell the size of group ${instance.groupName}`);
  const limit = maxDisruptions(Math.min(group.count.all, group.desired), policy.blastRadius.share);
  // Whoever took them: an earlier treatment may have ended before its successor came into service.
  const lacks = lacking(facts, group);
  if (lacks >= limit && !isAnnounced(incident)) {
    const most = limit === 1 ? 'one' : `${limit}`;
    return holdForNow(
      `group ${group.name} lacks ${lacks} of ${group.desired} members already, and no more than ${most} may be out of service at once`,
    );
  }
  // Executions of 0.1 hold leases of this type, too.
  const placeOf = (k: number) => ({ type: 'group-place', id: `${group.name}/${k}` });
  // Each incident begins at another place, so that concurrent ones don't all try the same.
  const first = createHash('sha256').update(incident.key).digest().readUInt32BE(0) % limit;
  const places = Array.from({ length: limit }, (_, i) => placeOf((first + i) % limit));
  const isHeld = ({ type, id }: { type: string; id: string }) => held.some((one) => one.type === type && one.id === id);
  // An incident that holds a place keeps it and doesn't take a second.
  for (const place of [...places.filter(isHeld), ...places.filter((one) => !isHeld(one))]) if ((await take(place)).acquired) return pass;
  return holdForNow(`${limit} of ${group.count.all} members of group ${group.name} are under treatment, which is the limit`);
};

/**
 * Blast radius: a group has a number of places, and the treatment of a member takes one of them. Each place is a lease, so the limit
 * holds across processes, and the lease of a dead one expires. Nothing is taken from a group that lacks as many already.
 */
export const disruptionBudget = defineGuard({
  id: 'disruption-budget',
  // A lone instance has no group, and a member may only be replaced.
  live: (action) => has(action, 'destroys'),
  check: { of: { instance: takePlace, group: none, database: none, service: none, queue: none, task: none, certificate: none } },
});
