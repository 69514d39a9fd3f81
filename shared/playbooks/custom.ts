import { actions } from '../actions/index.ts';
import { healthChecks } from '../health/index.ts';
import type { ActionId } from '../model/action-id.ts';
import type { ConditionId } from '../model/condition-id.ts';
import type { CustomPlaybook, CustomStep } from '../model/custom-playbook.ts';
import { secondsOf } from '../model/duration.ts';
import type { HealthCheckId } from '../model/health-check-id.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Policy } from '../model/policy.ts';
import * as conditions from './conditions.ts';
import { playbooks } from './index.ts';
import { type Condition, type LadderStep, maintenanceWindow, type Playbook, rung, watch } from './playbook.ts';
import { commandRung } from './with-command.ts';

/** All conditions by the names that the policy has for them. */
export const conditionsById: Readonly<Record<ConditionId, Condition>> = {
  lone: conditions.lone,
  'in-group': conditions.inGroup,
  'an-instance': conditions.anInstance,
  'ebs-only': conditions.ebsOnly,
  'on-demand': conditions.onDemand,
  reclaimable: conditions.reclaimable,
  'host-is-fine': conditions.hostIsFine,
  'host-is-impaired': conditions.hostIsImpaired,
  'recovered-by-ec2': conditions.recoveredByEc2,
  'few-sick-targets': conditions.fewSickTargets,
  'no-target-is-sick': conditions.noTargetIsSick,
  'no-port-answers': conditions.noPortAnswers,
  'is-group': conditions.isGroup,
  'whole-group': conditions.wholeGroup,
  'is-database': conditions.isDatabase,
  'is-database-cluster': conditions.isDatabaseCluster,
  'may-have-replicas': conditions.mayHaveReplicas,
  'source-is-lost': conditions.sourceIsLost,
  'a-sick-task': conditions.aSickTask,
  'is-container-host': conditions.isContainerHost,
  'is-container-service': conditions.isContainerService,
  'ends-itself': conditions.endsItself,
  'own-deployment': conditions.ownDeployment,
  'same-deployment': conditions.sameDeployment,
  'is-dead-letter-queue': conditions.isDeadLetterQueue,
  'consumed-by-group': conditions.consumedByGroup,
  'is-function': conditions.isFunction,
  'is-certificate': conditions.isCertificate,
  'names-file-system': conditions.namesFileSystem,
  'has-less-than-volume': conditions.hasLessThanVolume,
  'has-all-of-volume': conditions.hasAllOfVolume,
};

const byId = new Map(actions.map((action) => [action.id, action]));

/** The parts of the policy that playbooks are made of. */
type MadeOf = Pick<Policy, 'commands' | 'drain'>;

const instanceIsUp: readonly HealthCheckId[] = ['status-checks-pass', 'targets-are-healthy', 'treated-target-is-well'];
/** What tells that a resource is up after an action from which it may not come back: its alarm may take missing data for good, and be OK. */
const isUpAfter: Readonly<Partial<Record<ActionId, readonly HealthCheckId[]>>> = {
  'fail-over-cluster': ['writer-serves'],
  'promote-replica': ['replica-stands-alone'],
  'reboot-database': ['database-is-available'],
  'reboot-instance': instanceIsUp,
  'start-instance': instanceIsUp,
  'stop-start-instance': instanceIsUp,
};

/**
 * The checks after a step: those of the playbook unless it has its own. A deleted alarm proves nothing, and a step after which the resource
 * may be down looks whether it is up, also where nobody wrote that.
 */
const checksAfter = (action: ActionId, own: readonly HealthCheckId[] | undefined, healthy: readonly HealthCheckId[]) => {
  const isUp = isUpAfter[action];
  const missing = isUp?.some((check) => (own ?? healthy).includes(check)) === false ? isUp.slice(0, 1) : [];
  if (own === undefined && missing.length === 0) return undefined;
  const ids = (own ?? [...healthy, 'alarm-says-ok' as const]).map((id) => (id === 'alarm-is-ok' ? 'alarm-says-ok' : id));
  return [...new Set([...ids, ...missing])].map((id) => healthChecks[id]);
};

const stepOf = (step: CustomStep, healthy: readonly HealthCheckId[], { commands, drain }: MadeOf): LadderStep => {
  if ('until' in step) return maintenanceWindow();
  const when = step.when.map((id) => conditionsById[id]);
  if ('wait' in step) {
    const { wait: because, atMost, or, grace } = step;
    return watch({
      because,
      atMost: secondsOf(atMost),
      when,
      ...(or ? { or: or.map((id) => healthChecks[id]) } : {}),
      ...(grace ? { grace } : {}),
    });
  }
  const action = byId.get(step.do);
  if (!action) throw new Error(`there is no action ${step.do}`);
  const { initial, cap, attempts } = step.backoff;
  const checks = checksAfter(step.do, step.healthy, healthy);
  const made = rung(action, {
    when,
    tries: step.tries,
    within: secondsOf(step.within),
    backoff: { initial: secondsOf(initial), cap: secondsOf(cap), attempts },
    ...(checks ? { healthy: checks } : {}),
  });
  const name = step.with?.command;
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name === undefined) return made;
  if (!command) throw new Error(`there is no command ${name}`);
  return commandRung(made, { name, ...command }, drain !== undefined);
};

/**
 * A playbook as the policy defines it, made of the product's own actions, conditions and checks.
 * @throws {Error} if it names a command that the policy doesn't have
 */
export const playbookFrom = ({ id, summary, failing, healthy, passes, steps }: CustomPlaybook, of: MadeOf): Playbook => ({
  id,
  summary,
  failing: failing.map((check) => healthChecks[check]),
  healthy: healthy.map((check) => healthChecks[check]),
  ladder: steps.map((step) => stepOf(step, healthy, of)),
  ...(passes === undefined ? {} : { maxPasses: passes }),
});

const made = new WeakMap<Policy['customPlaybooks'], Readonly<Record<PlaybookId, Playbook>>>();

/** The built-in playbooks and those of a policy, by id. Kept, since guards and treatment ask again and again. */
export const playbooksOf = ({
  customPlaybooks,
  ...of
}: Pick<Policy, 'customPlaybooks' | 'commands' | 'drain'>): Readonly<Record<PlaybookId, Playbook>> => {
  if (customPlaybooks.length === 0) return playbooks;
  const known = made.get(customPlaybooks) ?? {
    ...Object.fromEntries(customPlaybooks.map((one) => [one.id, playbookFrom(one, of)])),
    ...playbooks,
  };
  made.set(customPlaybooks, known);
  return known;
};
