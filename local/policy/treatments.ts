import { playbookOf } from '../../shared/failures/classify.ts';
import type { Failure } from '../../shared/failures/define.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { chosenPlaybook } from '../../shared/policy/effective-policy.ts';

/** The playbook that a policy gives to a failure class, as far as no rule for an alarm gives another; null: it is only reported. */
export const playbookOfClass = (policy: Policy, failure: Failure) =>
  chosenPlaybook(policy, { failure: failure.id, playbook: playbookOf(failure, rulesOf(policy)) });
