import { has } from '../actions/action.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import { member } from '../model/snapshot.ts';
import { type Check, defineGuard, escalate, hold, holdForNow, holdQuietly, none, ofHosts, pass } from './guard.ts';

/** Processes without which a terminated member would not come back. */
const requiredProcesses = ['Launch', 'Terminate'];

const canReplace: Check = ({ facts }) => {
  const { instance, group } = facts;
  if (!group || !instance) return hold('there is no group to replace the member in');
  if (group.deleting) return hold(`group ${group.name} is being deleted`);
  // With a maintenance policy, the member is replaced as an unhealthy one.
  const needed = group.maintenance ? [...requiredProcesses, 'ReplaceUnhealthy'] : requiredProcesses;
  const suspended = needed.filter((process) => group.suspendedProcesses.includes(process));
  if (suspended.length > 0) return escalate(`group ${group.name} would not replace a member: ${suspended.join(', ')} suspended`);
  const found = member(facts);
  if (!found) return holdForNow(`${instance.id} is no longer a member of ${group.name}`);
  const stage = stageOf(found.lifecycleState);
  const where = `${instance.id} is ${found.lifecycleState}, not InService`;
  // It was set aside by a person, or the group is done with it.
  if (stage === 'set-aside' || stage === 'out') return holdQuietly(where);
  if (stage !== 'in-service') return holdForNow(where);
  if (group.balanced && group.suspendedProcesses.includes('AddToLoadBalancer')) {
    return escalate(`group ${group.name} would not register a replacement with its load balancer: AddToLoadBalancer suspended`);
  }
  if (group.desired < 1) return hold(`group ${group.name} has a desired capacity of 0`);
  if (group.count.inService > group.desired)
    return holdForNow(`group ${group.name} has more members than its desired capacity, and would not replace one`);
  return pass;
};

const canGrow: Check = ({ facts: { group } }) => {
  if (!group) return hold('there is no group to scale out');
  if (group.deleting) return hold(`group ${group.name} is being deleted`);
  if (group.suspendedProcesses.includes('Launch')) return escalate(`group ${group.name} would not launch: Launch suspended`);
  if (group.desired >= group.max) return escalate(`group ${group.name} is at its maximum of ${group.max} instances`);
  return pass;
};

const isNoMember: Check = ({ facts: { instance } }) =>
  instance?.groupName ? hold(`${instance.id} is a member of group ${instance.groupName}: it may only be replaced`) : pass;

/** Where the policy drains before, an owner's command may interrupt a member: on standby, or while no request reaches it. */
const mayInterrupt: Check = (input) => (input.policy.drain && has(input.action, 'changesSoftware') ? pass : isNoMember(input));

/**
 * Never stops, starts or reboots a group's member, never terminates one that the group would not replace, and never asks a group for
 * more than its maximum.
 */
export const asgConstraints = defineGuard({
  id: 'asg-constraints',
  live: true,
  check: {
    of: ofHosts({
      starts: isNoMember,
      changesSoftware: none,
      interrupts: mayInterrupt,
      removesFromService: isNoMember,
      destroys: canReplace,
      addsCapacity: canGrow,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
