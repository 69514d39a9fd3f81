import type { Failure } from '../../shared/failures/define.ts';
import { failures } from '../../shared/failures/index.ts';
import { conditionsById } from '../../shared/playbooks/custom.ts';
import type { Condition, LadderStep, Playbook } from '../../shared/playbooks/playbook.ts';

const idOf = (condition: Condition): string => Object.entries(conditionsById).find(([, one]) => one === condition)?.[0] ?? condition.id;
const ids = (things: readonly { id: string }[]): string[] => things.map(({ id }) => id);

const written = (step: LadderStep): object => {
  if (step.kind === 'maintenance-window') return { until: 'maintenance-window' };
  const when = step.when.map(idOf);
  if (step.kind === 'watch') {
    const { because, atMost, or, grace } = step;
    return { wait: because, atMost: `${atMost}s`, when, ...(or ? { or: ids(or) } : {}), ...(grace ? { grace } : {}) };
  }
  const { action, tries, within, healthy, backoff } = step;
  const { initial, cap, attempts } = backoff;
  return {
    do: action.id,
    when,
    tries,
    within: `${within}s`,
    backoff: { initial: `${initial}s`, cap: `${cap}s`, attempts },
    ...(healthy ? { healthy: ids(healthy) } : {}),
  };
};

/** The classes that a built-in playbook is for. */
export const treatedBy = (id: string): string[] =>
  Object.values<Failure>(failures).flatMap(({ id: failure, playbook, match }) => {
    const own =
      typeof playbook === 'string' ? playbook : 'named' in playbook ? playbook.named : 'optIn' in playbook ? playbook.optIn : null;
    return own === id || match.some((one) => one.playbook === id) ? [failure] : [];
  });

/** A built-in playbook as somebody would write it in a policy. */
export const builtInAsPolicy = ({ id, summary, failing, healthy, ladder, maxPasses }: Playbook): object => ({
  id: `copy-of-${id}`,
  summary,
  treats: treatedBy(id),
  failing: ids(failing),
  healthy: ids(healthy),
  steps: ladder.map(written),
  ...(maxPasses === undefined ? {} : { passes: maxPasses }),
});
