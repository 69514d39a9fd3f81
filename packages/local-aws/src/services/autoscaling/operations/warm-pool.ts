import type { DeleteWarmPoolType, DescribeWarmPoolAnswer, DescribeWarmPoolType, PutWarmPoolType } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Core } from '../model/core.ts';
import { groupNamed, invalid, liveGroup, oneOf, page, whole } from './check.ts';
import { instanceOf, isWarm, seenMembers, warmPoolOf } from './wire.ts';

export const warmPoolOperations = (core: Core): Record<string, Operation> => ({
  PutWarmPool: operation<PutWarmPoolType, object>(
    () => sdk.autoScaling().PutWarmPool$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const { warmPool, settings } = group;
      if (settings.source.kind === 'mixed')
        throw invalid("You can't add a warm pool to an Auto Scaling group that has a mixed instances policy.");
      if (warmPool.deleting) throw invalid('The warm pool is pending delete.');
      if (input.PoolState === 'Hibernated') throw invalid('Hibernation is not configured for the launch template of this group.');
      if (input.InstanceReusePolicy?.ReuseOnScaleIn)
        throw invalid('ReuseOnScaleIn is not supported here: a scale-in terminates its members.');
      const prepared = whole('maxGroupPreparedCapacity', input.MaxGroupPreparedCapacity, -1, 10_000);
      warmPool.pool = {
        minSize: whole('minSize', input.MinSize, 0, 10_000) ?? warmPool.pool?.minSize ?? 0,
        maxPrepared: prepared === undefined ? warmPool.pool?.maxPrepared : prepared === -1 ? undefined : prepared,
        state: oneOf('poolState', input.PoolState ?? warmPool.pool?.state ?? 'Stopped', ['Stopped', 'Running']),
        reuseOnScaleIn: input.InstanceReusePolicy?.ReuseOnScaleIn ?? warmPool.pool?.reuseOnScaleIn,
      };
      core.wake(group);
      return {};
    },
  ),

  DescribeWarmPool: operation<DescribeWarmPoolType, DescribeWarmPoolAnswer>(
    () => sdk.autoScaling().DescribeWarmPool$,
    (input) => {
      const group = groupNamed(core, input.AutoScalingGroupName);
      const warm = seenMembers(group, core.world.clock.now()).filter(({ view }) => isWarm(view));
      const { page: seen, ...more } = page('warm-pool', input, warm, 50);
      return { WarmPoolConfiguration: warmPoolOf(group), Instances: seen.map(({ member, view }) => instanceOf(member, view)), ...more };
    },
  ),

  DeleteWarmPool: operation<DeleteWarmPoolType, object>(
    () => sdk.autoScaling().DeleteWarmPool$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      if (!group.warmPool.pool) throw invalid(`No warm pool found for Auto Scaling group ${group.name}`);
      if (!input.ForceDelete && [...group.members.values()].some(({ lifecycle }) => lifecycle === 'Warmed:Pending'))
        throw new AwsError(
          'ScalingActivityInProgress',
          'You cannot delete a warm pool while there are scaling activities in progress for it.',
        );
      group.warmPool.deleting = true;
      core.wake(group);
      return {};
    },
  ),
});
