import { autoScalingParameters } from '../../../core/model-parameters.ts';
import type { Core } from './core.ts';
import { move } from './core.ts';
import { bucketOf, type Group, type Hook, type HookAnswer, type HookResult, type Member, type Transition, type Wait } from './group.ts';

export const launchingTransition = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const terminatingTransition = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
const tell = (core: Core, group: Group, member: Member, { hook, token }: Wait): void => {
  const launches = hook.transition === launchingTransition;
  core.world.putEvent({
    source: 'aws.autoscaling',
    detailType: `EC2 Instance-${launches ? 'launch' : 'terminate'} Lifecycle Action`,
    resources: [group.arn],
    detail: {
      LifecycleActionToken: token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: hook.name,
      EC2InstanceId: member.instanceId,
      LifecycleTransition: hook.transition,
      ...(hook.metadata === undefined ? {} : { NotificationMetadata: hook.metadata }),
      Origin: member.activity?.origin,
      Destination: member.activity?.destination,
    },
  });
};

/** Why a lifecycle action was abandoned, in AWS's words. */
export const abandoned = ({ token }: Pick<Wait, 'token'>, by: 'ABANDON' | 'timeout' | 'deletion'): string => {
  const why = {
    ABANDON: 'Lifecycle Action Completed with ABANDON Result',
    timeout: 'Heartbeat Timeout',
    deletion: 'Lifecycle Hook Deleted',
  };
  return `Lifecycle Action with token ${token} was abandoned: ${why[by]}`;
};

const arm = (core: Core, group: Group, member: Member, hook: Hook, token: string, startedAt: number) => {
  const now = core.world.clock.now();
  const longest = Math.min(hook.heartbeatSeconds * autoScalingParameters.hook.heartbeats, autoScalingParameters.hook.longestSeconds);
  const until = Math.min(now + hook.heartbeatSeconds * 1000, startedAt + longest * 1000);
  return core.world.clock.at(until, () => {
    complete(group, member, hook.name, hook.defaultResult, abandoned({ token }, 'timeout'));
  });
};

/**
 * Holds a member in the wait state as long as hooks of this transition want; then `proceed` is called, with ABANDON and a reason if
 * one of them gave up. Without hooks it is called at once.
 */
export const waitForHooks = (
  core: Core,
  group: Group,
  member: Member,
  transition: Transition,
  proceed: (result: HookResult, reason: string) => void,
): void => {
  const hooks = [...group.hooks.values()].filter((hook) => hook.transition === transition);
  if (hooks.length === 0) {
    proceed('CONTINUE', '');
    return;
  }
  const startedAt = core.world.clock.now();
  member.proceed = proceed;
  const state = transition === launchingTransition ? 'Pending:Wait' : 'Terminating:Wait';
  move(core, group, member, bucketOf(member) === 'warm' ? `Warmed:${state}` : state);
  if (member.activity) member.activity.status = 'MidLifecycleAction';
  for (const hook of hooks) {
    const token = core.random.uuid();
    const wait: Wait = { token, hook: { ...hook }, startedAt, timeout: arm(core, group, member, hook, token, startedAt) };
    member.waits.set(hook.name, wait);
    tell(core, group, member, wait);
    for (const answer of group.hookAnswers) answer(member, wait);
  }
};

/** From now on somebody completes the actions of the group's hooks, those under way too. Returns what stops that. */
export const answerHooks = (core: Core, group: Group, { hook, afterSeconds, result }: HookAnswer): (() => void) => {
  const cancels = new Set<() => void>();
  const answer = (member: Member, wait: Wait): void => {
    if (hook !== undefined && hook !== wait.hook.name) return;
    const at = Math.max(core.world.clock.now(), wait.startedAt + afterSeconds * 1000);
    const cancel = core.world.clock.at(at, () => {
      cancels.delete(cancel);
      if (member.waits.get(wait.hook.name) === wait) complete(group, member, wait.hook.name, result, abandoned(wait, 'ABANDON'));
    });
    cancels.add(cancel);
  };
  group.hookAnswers.add(answer);
  for (const member of group.members.values()) for (const wait of member.waits.values()) answer(member, wait);
  return () => {
    group.hookAnswers.delete(answer);
    for (const cancel of cancels) cancel();
  };
};

/** Ends one hook's action. ABANDON ends the others too. */
export const complete = (group: Group, member: Member, hookName: string, result: HookResult, reason: string): void => {
  const wait = member.waits.get(hookName);
  if (!wait) return;
  wait.timeout();
  member.waits.delete(hookName);
  if (result === 'CONTINUE' && member.waits.size > 0) return;
  for (const { timeout } of member.waits.values()) timeout();
  member.waits.clear();
  const { proceed } = member;
  member.proceed = null;
  if (member.activity) member.activity.status = 'InProgress';
  if (group.members.get(member.instanceId) === member) proceed?.(result, reason);
};

/** Starts the heartbeat of an action again. */
export const heartbeat = (core: Core, group: Group, member: Member, wait: Wait): void => {
  wait.timeout();
  wait.timeout = arm(core, group, member, wait.hook, wait.token, wait.startedAt);
};
