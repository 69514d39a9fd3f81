import { ecsServiceOf } from '../actions/container-service.ts';
import { deploymentStages, isFresh, whyNoRollback } from '../model/container-service.ts';
import { inSeconds, minuteMs } from '../model/duration.ts';
import { type Check, defineGuard, escalate, type GuardInput, hold, holdForNow, holdUnseen, none, pass, skip } from './guard.ts';

/** A restart is no remedy where tasks fail again and again. In milliseconds. */
const recentMs = 15 * minuteMs;

/** What holds for every change of a service of ECS. */
const basics = ({ facts }: GuardInput) => {
  const service = ecsServiceOf(facts);
  if (!service) return hold('the service does not exist');
  const { id, status, controller } = service;
  if (status !== 'ACTIVE') return hold(`service ${id} is ${status}`);
  if (controller !== 'ECS') return escalate(`service ${id} is deployed by ${controller}, which alone may change it`);
  return null;
};

const causeOf = ({ incident, policy }: GuardInput) => ({ at: incident.at, within: inSeconds(policy.ecs.within) });

const mayRollBack: Check = (input) => {
  const no = basics(input);
  if (no) return no;
  const service = ecsServiceOf(input.facts);
  if (input.policy.ecs.rollback !== 'on') return skip('ecs.rollback in the policy is off');
  if (!service) return hold('the service does not exist');
  const { id, deployment, endsFailures } = service;
  if (deployment?.status === 'unknown') return holdUnseen(`the deployment of service ${id} is in an unknown state`);
  const stage = deployment && deploymentStages[deployment.status];
  if (stage === 'ending') return holdForNow(`the deployment of service ${id} is ${deployment?.status}`);
  // Its own circuit breaker or alarms end what is under way; what they have ended without going back, its owner wants so.
  if (endsFailures !== 'no' && stage === 'under-way') return holdForNow(`ECS ends a failing deployment of service ${id} by itself`);
  if (endsFailures !== 'no' && deployment?.status === 'STOPPED')
    return escalate(`ECS has ended the deployment of service ${id}, and is configured not to go back`);
  const why = whyNoRollback(service, causeOf(input));
  return why === null ? pass : skip(`service ${id} is not rolled back: ${why}`);
};

const mayRestart: Check = (input) => {
  const no = basics(input);
  if (no) return no;
  const service = ecsServiceOf(input.facts);
  if (input.policy.ecs.restart !== 'on') return skip('ecs.restart in the policy is off');
  if (!service) return hold('the service does not exist');
  const { id, running, minimumHealthyPercent: least, deployment, failed, rollout } = service;
  if (least === null || least < 50)
    return escalate(`service ${id} may have ${least ?? 'an unknown number of'} percent of its tasks while it is restarted: less than 50`);
  if (running < 2) return escalate(`${running} tasks of service ${id} run: with fewer than two a restart may be an outage`);
  if (rollout !== 'COMPLETED' || (deployment && deployment.status !== 'SUCCESSFUL' && deployment.status !== 'ROLLBACK_SUCCESSFUL'))
    return holdForNow(`service ${id} is being deployed`);
  if (isFresh(service, causeOf(input))) return skip(`service ${id} has just been deployed`);
  if (!failed) return holdUnseen(`the stopped tasks of service ${id} are unknown`);
  if (failed.neverRan > 0)
    return escalate(`${failed.neverRan} tasks of service ${id} could not be started: a restart needs what they need`);
  const many = failed.newer + failed.others;
  if (many > running && failed.lastAt !== null && input.now - failed.lastAt < recentMs)
    return escalate(`${many} tasks of service ${id} have failed one after the other: new ones would, too`);
  return pass;
};

const mayScale: Check = (input) => {
  const no = basics(input);
  if (no) return no;
  const service = ecsServiceOf(input.facts);
  if (input.policy.ecs.scale !== 'on') return hold('ecs.scale in the policy is off');
  if (!service) return hold('the service does not exist');
  const { id, desired, running, scaling, rollout } = service;
  if (scaling === undefined) return holdUnseen(`the scalable target of service ${id} is unknown`);
  if (scaling === null) return escalate(`service ${id} has no scalable target, so that no maximum is known`);
  if (scaling.policies.length > 0 && !scaling.suspended)
    return escalate(`service ${id} is scaled by Service Auto Scaling (${scaling.policies.join(', ')}), and its load is still too high`);
  if (desired >= scaling.max) return escalate(`service ${id} is at its maximum of ${scaling.max} tasks`);
  if (rollout === 'IN_PROGRESS') return holdForNow(`service ${id} is being deployed`);
  if (running < desired) return holdForNow(`service ${id} is starting tasks: ${running} of ${desired} run`);
  return pass;
};

const mayStop: Check = ({ facts: { task = null, targets }, policy, now }) => {
  if (policy.ecs.restart !== 'on') return hold('ecs.restart in the policy is off');
  if (!task) return hold('the task does not exist');
  if (task.state !== 'RUNNING') return holdForNow(`the task is ${task.state}`);
  if (task.health === 'UNHEALTHY') return holdForNow('ECS finds the task unhealthy as well, and replaces it');
  if (task.startedAt === null || now - task.startedAt < recentMs) return holdForNow('the task has just started');
  if (!targets || targets.healthy === 0) return escalate('no other target is healthy: the cause is elsewhere');
  return pass;
};

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to ${target.type} ${target.id}`);

/** Other effects are not known of what actions do to one. */
const others = {
  starts: unknown,
  interrupts: unknown,
  removesFromService: unknown,
  destroys: unknown,
  changesAddress: unknown,
  repeatsWork: unknown,
  growsStorage: unknown,
};

/** For services of ECS only; another guard knows functions. */
const ofEcs =
  (check: Check): Check =>
  (input) =>
    input.facts.service && input.facts.service.kind !== 'ecs-service' ? pass : check(input);

/**
 * What is done to services and tasks of ECS: nothing that the policy doesn't name, nothing that ECS, another controller or Service Auto
 * Scaling does by itself, and a rollback only of what is to blame.
 */
export const serviceReady = defineGuard({
  id: 'service-ready',
  live: true,
  check: {
    of: {
      instance: none,
      group: none,
      database: none,
      queue: none,
      service: {
        ...others,
        changesSoftware: ofEcs(mayRollBack),
        addsCapacity: ofEcs(mayScale),
        starts: ofEcs(unknown),
        interrupts: ofEcs(mayRestart),
        removesFromService: ofEcs(unknown),
        destroys: ofEcs(unknown),
        changesAddress: ofEcs(unknown),
        repeatsWork: ofEcs(unknown),
        growsStorage: ofEcs(unknown),
      },
      task: { ...others, changesSoftware: unknown, addsCapacity: unknown, interrupts: mayStop },
      certificate: none,
    },
  },
});
