import { playbookOf } from '../../shared/failures/classify.ts';
import type { Failure } from '../../shared/failures/define.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { PlaybookId } from '../../shared/model/playbook-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { chosenPlaybook } from '../../shared/policy/effective-policy.ts';

/** The playbook that a policy gives to a failure class, as far as no rule for an alarm gives another; null: it is only reported. */
export const playbookOfClass = (policy: Policy, failure: Failure) =>
  chosenPlaybook(policy, { failure: failure.id, playbook: playbookOf(failure, rulesOf(policy)) });

/** The playbooks that a policy gives to some signals of a class only, by settings of their own, and to which. */
export const playbooksOfSignals = (policy: Policy, failure: Failure): { playbook: PlaybookId; signals: string }[] => {
  const rules = rulesOf(policy);
  const ofClass = playbookOfClass(policy, failure);
  const named = new Map<PlaybookId, string[]>();
  for (const match of failure.match) {
    if (match.playbook === null) continue;
    const playbook = chosenPlaybook(policy, { failure: failure.id, playbook: playbookOf(failure, rules, match) });
    if (playbook === null || playbook === ofClass) continue;
    const signals = 'metrics' in match ? `${match.namespace} ${match.metrics.join(', ')}` : `events ${match.facts.join(', ')}`;
    named.set(playbook, [...(named.get(playbook) ?? []), signals]);
  }
  return [...named].map(([playbook, signals]) => ({ playbook, signals: signals.join('; ') }));
};
