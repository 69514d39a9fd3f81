import type { Policy } from '../model/policy.ts';
import { seenOf, typesOfResource } from '../model/resources/index.ts';
import { defineGuard, escalate, hold, holdQuietly, pass } from './guard.ts';

/** Whether the tags contain the policy's opt-in tag. */
export const isOptedIn = (tags: Readonly<Record<string, string>>, { optIn: { key, value } }: Pick<Policy, 'optIn'>): boolean =>
  Object.hasOwn(tags, key) && tags[key] === value;

/** Never acts on a resource without the opt-in tag, which must be on the resource itself. */
export const optIn = defineGuard({
  id: 'opt-in',
  check: ({ facts, incident, policy, target }) => {
    const { key, value } = policy.optIn;
    const tags = seenOf(target.type, facts)?.tags;
    if (!tags) return hold(`can't tell whether ${target.type} ${target.id} has the opt-in tag`);
    if (isOptedIn(tags, policy)) return pass;
    const reason = `${target.type} ${target.id} is not opted in: no tag ${key}=${value}${policy.problem ? ` (${policy.problem})` : ''}`;
    if (typesOfResource[target.type].reported) return escalate(reason);
    // A user sent us this alarm on purpose; the bus carries events of every instance in the account.
    return incident.alarm ? hold(reason) : holdQuietly(reason);
  },
});
