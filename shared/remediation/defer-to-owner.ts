import { isOptedIn } from '../guards/opt-in.ts';
import { silenced } from '../health/alarm.ts';
import { minutes } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import { ownerOf } from '../model/owner.ts';
import type { Policy } from '../model/policy.ts';
import { member, type ResourceSnapshot } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';

/** Another owner decides: the incident ends quietly, or the owner gets time and it is escalated if that doesn't help. */
export type OwnerDecision = { kind: 'end'; reason: string } | { kind: 'wait'; because: string; seconds: number; reason: string };

/** How long a self-repairing owner gets. */
const repairTime = minutes(30);

/** Why an incident is not ours to treat; null if it is. Resources that aren't opted in are left to the guards, which end it at once. */
export const deferToOwner = (incident: Incident, facts: ResourceSnapshot, policy: Policy): OwnerDecision | null => {
  const silence = silenced(facts.alarm, incident);
  if (silence) return { kind: 'end', reason: silence };
  const { instance, group } = facts;
  if (!instance) return null;
  const ended = instance.state === 'terminated' || instance.state === 'shutting-down';
  if (ended && instance.groupName === null && stopCause(instance.stateReason) === 'on-purpose') {
    return { kind: 'end', reason: `${instance.id} was terminated on purpose (${instance.stateReason})` };
  }
  const own = member(facts);
  const stage = own && stageOf(own.lifecycleState);
  if (own && (stage === 'set-aside' || stage === 'out')) {
    return { kind: 'end', reason: `${instance.id} is ${own.lifecycleState} in group ${group?.name}, so selfheal leaves it to the group` };
  }
  const owner = ownerOf(instance) ?? (group && ownerOf(group));
  if (!owner || policy.owners[owner.kind] !== 'leave' || incident.playbook === null || !isOptedIn(instance.tags, policy)) return null;
  const reason = `${instance.id} belongs to ${owner.name}, and owners.${owner.kind} in the policy is leave`;
  return { kind: 'wait', because: `${owner.name} looks after it`, seconds: owner.repairs ? repairTime : 0, reason };
};
