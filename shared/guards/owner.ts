import { type Action, type Effect, gravest } from '../actions/action.ts';
import { ownerOf } from '../model/owner.ts';
import type { Policy } from '../model/policy.ts';
import { seenAround, seenOf } from '../model/resources/index.ts';
import { defineGuard, escalate, hold, pass, skip } from './guard.ts';

type Owners = Policy['owners'][keyof Policy['owners']];

/** The settings of the policy that allow an effect on another owner's resources; null if none does. */
const allowedBy: Readonly<Record<Effect, readonly Owners[] | null>> = {
  starts: null,
  changesSoftware: ['reboot', 'replace'],
  interrupts: ['reboot', 'replace'],
  removesFromService: null,
  destroys: ['replace'],
  addsCapacity: null,
  changesAddress: null,
  repeatsWork: null,
  growsStorage: null,
};

const isAllowed = (action: Action, may: Owners): boolean => gravest(action).every((effect) => allowedBy[effect]?.includes(may) ?? false);

/** Leaves instances of Karpenter, EKS, ECS or a fleet to their owner: selfheal does only what the policy allows. */
export const owner = defineGuard({
  id: 'owner',
  check: ({ action, target, facts, policy }) => {
    if (!seenOf(target.type, facts)) return hold(`can't tell who owns ${target.type} ${target.id}`);
    const [found] = seenAround(target.type, facts).flatMap((one) => ownerOf(one) ?? []);
    if (!found) return pass;
    // Hosts that the policy lets selfheal replace; those that ECS manages alone have it as their operator.
    const ofHosts = found.kind === 'ecs' && facts.host !== undefined && facts.instance?.operator === null;
    const may = ofHosts && policy.ecs.hosts === 'on' ? 'replace' : policy.owners[found.kind];
    if (isAllowed(action, may)) return pass;
    const reason = `${target.type} ${target.id} belongs to ${found.name}, and owners.${found.kind} in the policy is ${may}`;
    return may === 'leave' ? escalate(reason) : skip(reason);
  },
});
