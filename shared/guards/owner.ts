import { type Action, has } from '../actions/action.ts';
import { ownerOf } from '../model/owner.ts';
import type { Policy } from '../model/policy.ts';
import { defineGuard, escalate, hold, pass, skip } from './guard.ts';

/** Whether the policy allows an action on another owner's resources. */
const isAllowed = (action: Action, may: Policy['owners'][keyof Policy['owners']]): boolean => {
  switch (may) {
    case 'leave':
      return false;
    case 'reboot':
      return has(action, 'interrupts') && !has(action, 'removesFromService');
    case 'replace':
      return has(action, 'destroys') || (has(action, 'interrupts') && !has(action, 'removesFromService'));
  }
};

/** Leaves instances of Karpenter, EKS, ECS or a fleet to their owner: selfheal does only what the policy allows. */
export const owner = defineGuard({
  id: 'owner',
  check: ({ action, target, facts: { instance, group }, policy }) => {
    const thing = target.type === 'instance' ? instance : target.type === 'group' ? group : null;
    if (!thing) return hold(`can't tell who owns ${target.type} ${target.id}`);
    const found = ownerOf(thing) ?? (group && target.type === 'instance' ? ownerOf(group) : null);
    if (!found) return pass;
    const may = policy.owners[found.kind];
    if (isAllowed(action, may)) return pass;
    const reason = `${target.type} ${target.id} belongs to ${found.name}, and owners.${found.kind} in the policy is ${may}`;
    return may === 'leave' ? escalate(reason) : skip(reason);
  },
});
