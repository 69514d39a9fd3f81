import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  LifecycleHookSpecification,
  RecordLifecycleActionHeartbeatType,
} from '@aws-sdk/client-auto-scaling';
import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Core } from '../model/core.ts';
import type { Group, Hook, Member, Wait } from '../model/group.ts';
import { abandoned, complete, heartbeat, launchingTransition, terminatingTransition } from '../model/hooks.ts';
import { groupNamed, invalid, liveGroup, oneOf, whole } from './check.ts';

const { leastSeconds, mostSeconds, defaultSeconds, longestSeconds, heartbeats } = autoScalingParameters.hook;
const mostHooks = 50;

type PutInput = { [Key in keyof LifecycleHookSpecification]?: LifecycleHookSpecification[Key] | undefined };

/** Puts a hook on a group; of one that is there already, what isn't given stays. */
export const addHook = (group: Group, input: PutInput): void => {
  const name = input.LifecycleHookName ?? '';
  if (!/^[A-Za-z0-9\-_/]{1,255}$/.test(name)) throw invalid(`Invalid lifecycle hook name: '${name.slice(0, 300)}'`);
  const known = group.hooks.get(name);
  if (!known && group.hooks.size >= mostHooks) throw new AwsError('LimitExceeded', `Exceeded limit of ${mostHooks} lifecycle hooks`);
  const transition = input.LifecycleTransition ?? known?.transition;
  const hook: Hook = {
    name,
    transition: oneOf('lifecycleTransition', transition, [launchingTransition, terminatingTransition]),
    heartbeatSeconds:
      whole('heartbeatTimeout', input.HeartbeatTimeout, leastSeconds, mostSeconds) ?? known?.heartbeatSeconds ?? defaultSeconds,
    defaultResult: oneOf('defaultResult', input.DefaultResult ?? known?.defaultResult ?? 'ABANDON', ['CONTINUE', 'ABANDON']),
    metadata: input.NotificationMetadata ?? known?.metadata,
    targetArn: input.NotificationTargetARN ?? known?.targetArn,
    roleArn: input.RoleARN ?? known?.roleArn,
  };
  group.hooks.set(name, hook);
};

type ActionInput = Pick<CompleteLifecycleActionType, 'AutoScalingGroupName' | 'LifecycleHookName' | 'InstanceId' | 'LifecycleActionToken'>;

const actionNamed = (core: Core, input: ActionInput): { group: Group; member: Member; wait: Wait } => {
  const { LifecycleActionToken: token, InstanceId, LifecycleHookName: hookName = '' } = input;
  const group = groupNamed(core, input.AutoScalingGroupName);
  const isHook = group.hooks.has(hookName) || [...group.members.values()].some(({ waits }) => waits.has(hookName));
  if (!isHook) throw invalid(`No Lifecycle Hook found with name ${hookName}`);
  for (const member of group.members.values()) {
    const wait = member.waits.get(hookName);
    if (wait && (token === undefined ? member.instanceId === InstanceId : wait.token === token)) return { group, member, wait };
  }
  throw invalid(`No active Lifecycle Action found with ${token === undefined ? `instance ID ${InstanceId}` : `token ${token}`}`);
};

export const hookOperations = (core: Core): Record<string, Operation> => ({
  PutLifecycleHook: operation<PutInput & { AutoScalingGroupName: string }, object>(
    () => sdk.autoScaling().PutLifecycleHook$,
    (input) => {
      addHook(liveGroup(core, input.AutoScalingGroupName), input);
      return {};
    },
  ),

  DescribeLifecycleHooks: operation<DescribeLifecycleHooksType, DescribeLifecycleHooksAnswer>(
    () => sdk.autoScaling().DescribeLifecycleHooks$,
    (input) => {
      const group = groupNamed(core, input.AutoScalingGroupName);
      const names = input.LifecycleHookNames ?? [];
      const hooks = [...group.hooks.values()].filter(({ name }) => names.length === 0 || names.includes(name));
      return {
        LifecycleHooks: hooks.map((hook) => ({
          LifecycleHookName: hook.name,
          AutoScalingGroupName: group.name,
          LifecycleTransition: hook.transition,
          NotificationTargetARN: hook.targetArn,
          RoleARN: hook.roleArn,
          NotificationMetadata: hook.metadata,
          HeartbeatTimeout: hook.heartbeatSeconds,
          GlobalTimeout: Math.min(hook.heartbeatSeconds * heartbeats, longestSeconds),
          DefaultResult: hook.defaultResult,
        })),
      };
    },
  ),

  // What waits for the hook goes on at once: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html
  DeleteLifecycleHook: operation<DeleteLifecycleHookType, object>(
    () => sdk.autoScaling().DeleteLifecycleHook$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const { LifecycleHookName: name = '' } = input;
      if (!group.hooks.delete(name)) throw invalid(`No Lifecycle Hook found with name ${name}`);
      for (const member of group.members.values()) {
        const wait = member.waits.get(name);
        if (!wait) continue;
        const launching = wait.hook.transition === launchingTransition;
        const result = launching ? 'ABANDON' : 'CONTINUE';
        complete(group, member, name, result, abandoned(wait, 'deletion'));
      }
      return {};
    },
  ),

  CompleteLifecycleAction: operation<CompleteLifecycleActionType, object>(
    () => sdk.autoScaling().CompleteLifecycleAction$,
    (input) => {
      const result = oneOf('lifecycleActionResult', input.LifecycleActionResult, ['CONTINUE', 'ABANDON']);
      const { group, member, wait } = actionNamed(core, input);
      complete(group, member, wait.hook.name, result, abandoned(wait, 'ABANDON'));
      return {};
    },
  ),

  RecordLifecycleActionHeartbeat: operation<RecordLifecycleActionHeartbeatType, object>(
    () => sdk.autoScaling().RecordLifecycleActionHeartbeat$,
    (input) => {
      const { group, member, wait } = actionNamed(core, input);
      heartbeat(core, group, member, wait);
      return {};
    },
  ),
});
