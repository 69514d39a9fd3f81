import type {
  CancelInstanceRefreshAnswer,
  CancelInstanceRefreshType,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Core } from '../model/core.ts';
import { inState, type Member } from '../model/group.ts';
import { candidates } from '../model/launch-source.ts';
import { activeRefresh } from '../model/refresh.ts';
import type { Refresh } from '../model/refresh-record.ts';
import { groupNamed, invalid, liveGroup, page, whole } from './check.ts';
import { refreshOf } from './wire.ts';

/** Whether a member is what the group would launch now. */
const matchesSource = (core: Core, group: Parameters<typeof candidates>[1]): ((member: Member) => boolean) => {
  const choices = candidates(core, group);
  return (member) =>
    choices.some(
      ({ source, spec }) =>
        member.instanceType === spec.instanceType &&
        JSON.stringify(member.source) === JSON.stringify(source) &&
        member.imageId === spec.imageId,
    );
};

export const refreshOperations = (core: Core): Record<string, Operation> => ({
  StartInstanceRefresh: operation<StartInstanceRefreshType, StartInstanceRefreshAnswer>(
    () => sdk.autoScaling().StartInstanceRefresh$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const preferences = input.Preferences ?? {};
      if (input.Strategy !== undefined && input.Strategy !== 'Rolling')
        throw invalid(`The strategy ${input.Strategy} is not supported here.`);
      if (input.DesiredConfiguration) throw invalid('A desired configuration is not supported here: update the group first.');
      const min = whole('preferences.minHealthyPercentage', preferences.MinHealthyPercentage, 0, 100);
      const max = whole('preferences.maxHealthyPercentage', preferences.MaxHealthyPercentage, 100, 200);
      if (max !== undefined && (min === undefined || max - min > 100))
        throw invalid('MaxHealthyPercentage needs a MinHealthyPercentage, and the difference between them cannot be greater than 100.');
      whole('preferences.instanceWarmup', preferences.InstanceWarmup, 0, 86_400);
      whole('preferences.bakeTime', preferences.BakeTime, 0, 172_800);
      if (preferences.CheckpointPercentages?.length || preferences.CheckpointDelay !== undefined)
        throw invalid('Checkpoints of an instance refresh are not supported here.');
      if (preferences.AutoRollback || preferences.AlarmSpecification?.Alarms?.length)
        throw invalid('An instance refresh is not rolled back here: AutoRollback and AlarmSpecification are not supported.');
      const active = activeRefresh(group);
      if (active)
        throw new AwsError(
          'InstanceRefreshInProgress',
          `An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.`,
        );
      const matches = preferences.SkipMatching ? matchesSource(core, group) : () => false;
      const left = inState(group, 'InService', 'Standby').filter((member) => !matches(member));
      const refresh: Refresh = {
        id: core.random.uuid(),
        startedAt: core.world.clock.now(),
        preferences,
        left: new Set(left.map(({ instanceId }) => instanceId)),
        total: left.length,
        status: 'Pending',
        reason: undefined,
        endedAt: null,
        waitingSince: null,
        bakedAt: null,
      };
      group.refreshes.push(refresh);
      core.wake(group);
      return { InstanceRefreshId: refresh.id };
    },
  ),

  CancelInstanceRefresh: operation<CancelInstanceRefreshType, CancelInstanceRefreshAnswer>(
    () => sdk.autoScaling().CancelInstanceRefresh$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const refresh = activeRefresh(group);
      if (!refresh || refresh.status === 'Cancelling')
        throw new AwsError('ActiveInstanceRefreshNotFound', 'No in progress or pending Instance Refresh found for Auto Scaling group.');
      refresh.status = 'Cancelling';
      core.wake(group);
      return { InstanceRefreshId: refresh.id };
    },
  ),

  DescribeInstanceRefreshes: operation<DescribeInstanceRefreshesType, DescribeInstanceRefreshesAnswer>(
    () => sdk.autoScaling().DescribeInstanceRefreshes$,
    (input) => {
      const group = groupNamed(core, input.AutoScalingGroupName);
      const ids = input.InstanceRefreshIds ?? [];
      const found = group.refreshes.filter(({ id }) => ids.length === 0 || ids.includes(id)).reverse();
      const { page: refreshes, ...more } = page('refreshes', input, found, 100, 50);
      return { InstanceRefreshes: refreshes.map((refresh) => refreshOf(group, refresh)), ...more };
    },
  ),
});
