import { playbookOfClass, playbooksOfSignals } from '../../local/policy/treatments.ts';
import { type Action, has } from '../../shared/actions/action.ts';
import { actions } from '../../shared/actions/index.ts';
import { whyNone } from '../../shared/failures/classify.ts';
import type { Failure, MetricMatch } from '../../shared/failures/define.ts';
import { failures } from '../../shared/failures/index.ts';
import { guardPermissions, guards } from '../../shared/guards/index.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { playbooksOf } from '../../shared/playbooks/custom.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { observers } from '../../shared/playbooks/observers.ts';
import type { LadderStep, Playbook } from '../../shared/playbooks/playbook.ts';
import { withCommand } from '../../shared/playbooks/with-command.ts';
import { commentsIn } from './comments.ts';

type Named = readonly { id: string }[];
const ids = (things: Named = []): string[] => things.map(({ id }) => id);

/** A step of a ladder as data; durations in seconds. */
const stepOf = (step: LadderStep) => {
  // `selfheal playbooks --json` has always had this kind, after the policy's key.
  if (step.kind === 'maintenance-window') return { kind: 'calm' as const };
  if (step.kind === 'watch') {
    const { kind, because, atMost, when, or } = step;
    return { kind, because, atMost, when: ids(when), or: ids(or) };
  }
  const { kind, action, when, tries, backoff, within, healthy } = step;
  const { id, permissions } = action;
  return {
    kind,
    action: id,
    command: action.command ?? null,
    disruptive: has(action, 'interrupts'),
    permissions,
    when: ids(when),
    tries,
    backoff,
    within,
    healthy: healthy ? ids(healthy) : null,
  };
};
export type Step = ReturnType<typeof stepOf>;

const ofSignals = ({ match }: Failure, id: string): boolean => match.some((one) => one.playbook === id);

/** Whether a playbook is for a class, or for some of its signals. */
const isFor = (id: string, failure: Failure, policy?: Policy): boolean =>
  policy
    ? playbookOfClass(policy, failure) === id || playbooksOfSignals(policy, failure).some(({ playbook }) => playbook === id)
    : treats(failure, id) || ofSignals(failure, id);

const treats = ({ playbook }: Failure, id: string): boolean => {
  if (typeof playbook === 'string') return playbook === id;
  return ('optIn' in playbook && playbook.optIn === id) || ('named' in playbook && playbook.named === id);
};

const failureOf = (failure: Failure, by: string) => {
  const { id, severity, says, playbook } = failure;
  const choice = typeof playbook === 'object' ? playbook : {};
  return { id, severity, says, onlyIfOptedIn: 'optIn' in choice, onlyIfNamed: 'named' in choice || ofSignals(failure, by) };
};

const playbookOf = ({ id, summary, failing, healthy, ladder, maxPasses }: Playbook, policy?: Policy) => ({
  id,
  summary,
  failures: Object.values<Failure>(failures)
    .filter((failure) => isFor(id, failure, policy))
    .map((failure) => (policy ? { ...failureOf(failure, id), onlyIfOptedIn: false, onlyIfNamed: false } : failureOf(failure, id))),
  failing: ids(failing),
  healthy: ids(healthy),
  rounds: maxPasses ?? 1,
  ladder: ladder.map(stepOf),
  permissions: [...new Set(ladder.flatMap((step) => (step.kind === 'act' ? step.action.permissions : [])))].sort(),
});
export type PlaybookEntry = ReturnType<typeof playbookOf>;

/** A failure class with no action of its own, and why. */
const escalatedOf = (failure: Failure, policy?: Policy) => {
  const { id, severity, says, playbook } = failure;
  if (policy ? playbookOfClass(policy, failure) !== null : typeof playbook === 'string' || 'optIn' in playbook) return [];
  const because = policy?.playbooks[id] === 'none' ? 'the policy leaves it to a person' : whyNone(failure);
  return [{ id, severity, says, because, watchedFirst: Object.hasOwn(observers, id) }];
};

/** Under a policy, a playbook runs a command only where the policy names one for a class that it treats. */
const withoutOpenCommands = (playbook: Playbook, policy?: Policy): Playbook => {
  const treated = Object.values<Failure>(failures).filter((failure) => policy && isFor(playbook.id, failure, policy));
  return !policy || policy.run.some(({ when }) => treated.some(({ id }) => id === when.failure)) ? playbook : withCommand(playbook, null);
};

/** Everything that selfheal would do for which failure, under a policy if one is given, as plain data: what `selfheal playbooks --json` prints. */
export const catalogue = (policy?: Policy) => {
  const guardsSay = commentsIn('guards');
  const healthSays = commentsIn('health');
  return {
    playbooks: Object.values<Playbook>(policy ? playbooksOf(policy) : playbooks).map((playbook) =>
      playbookOf(withoutOpenCommands(playbook, policy), policy),
    ),
    escalated: Object.values<Failure>(failures).flatMap((failure) => escalatedOf(failure, policy)),
    actions: (actions as readonly Action[]).map(({ id, effects, undo }) => ({
      id,
      effects: [...effects],
      reversible: undo !== null,
      undo,
    })),
    guards: guards.map(({ id }) => ({ id, says: guardsSay.get(id) ?? '' })),
    guardPermissions: [...new Set(guardPermissions)].sort(),
    health: Object.fromEntries(healthSays),
  };
};
export type Catalogue = ReturnType<typeof catalogue>;

/** What a failure class claims: alarms on metrics, and events by their facts. */
export const toldBy = ({ match }: Failure) => ({
  metrics: match.filter((one): one is MetricMatch => 'metrics' in one),
  events: match.flatMap((one) => ('facts' in one ? [one] : [])),
});
