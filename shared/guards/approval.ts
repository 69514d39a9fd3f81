import { carries, tagsOf } from '../policy/effective-policy.ts';
import { defineGuard, pass, requireApproval } from './guard.ts';

/** Asks a person about actions for which the policy, a tag on the resource, or the action itself requires approval. */
export const approval = defineGuard({
  id: 'approval',
  check: ({ policy, incident, facts, action, approved }) => {
    if (approved) return pass;
    if (policy.approvalByTag) return requireApproval('a tag on it requires the approval of a person');
    const own = action.asks?.(policy, facts) ?? null;
    if (own !== null) return requireApproval(own);
    const tags = tagsOf(facts);
    const needed = policy.approval.required.some(
      (rule) =>
        (rule.action === undefined || rule.action === action.id) &&
        (rule.failure === undefined || rule.failure === incident.failure) &&
        (rule.tag === undefined || carries(tags, rule.tag)),
    );
    return needed ? requireApproval('the policy requires the approval of a person') : pass;
  },
});
