import { autoScalingParameters } from '../../../core/model-parameters.ts';
import { at, endMemberActivity, startActivity } from './activity.ts';
import { type Core, canDo, later, leave, move } from './core.ts';
import { bucketOf, capacityOf, type Group, inState, type Member } from './group.ts';
import { launchingTransition, waitForHooks } from './hooks.ts';
import { abandonLaunch, launch, launched } from './launching.ts';
import { terminate } from './terminating.ts';

const { settleSeconds } = autoScalingParameters;

/** Auto Scaling stops and starts the instances of a warm pool with EC2's own calls. */
const power = (core: Core, operation: 'StopInstances' | 'StartInstances', instanceId: string): void => {
  const { account, region, clock } = core.world;
  const userAgent = 'autoscaling.amazonaws.com';
  const context = {
    now: clock.now(),
    requestId: core.random.uuid(),
    account,
    region,
    accessKey: 'AWSServiceRoleForAutoScaling',
    userAgent,
  };
  core.ec2.service.operations[operation]?.run({ InstanceIds: [instanceId] }, context);
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html */
const wantedSize = (group: Group): number => {
  const { pool, deleting } = group.warmPool;
  if (!pool || deleting) return 0;
  const prepared = pool.maxPrepared ?? group.settings.max;
  return Math.max(pool.minSize, prepared - Math.max(group.settings.desired, capacityOf(group)));
};

/** Brings the pool to its size, and ends one that is being deleted once it is empty. */
export const fillWarmPool = (core: Core, group: Group): void => {
  if (!group.warmPool.pool) return;
  const warm = inState(group, 'Warmed:Pending', 'Warmed:Pending:Wait', 'Warmed:Pending:Proceed', 'Warmed:Running', 'Warmed:Stopped');
  const missing = wantedSize(group) - warm.length;
  if (missing > 0) launch(core, group, missing, true);
  else if (missing < 0 && canDo(group, 'Terminate'))
    for (const member of warm.slice(missing))
      terminate(core, group, member, at(core, 'an instance was taken out of the warm pool in response to a change of its size.'));
  if (group.warmPool.deleting && group.counts.warm === 0) {
    group.warmPool.pool = null;
    group.warmPool.deleting = false;
  }
};

/** Moves up to `count` prepared instances into the group; returns how many. */
export const takeFromWarmPool = (core: Core, group: Group, count: number): number => {
  if (!canDo(group, 'Launch')) return 0;
  const ready = inState(group, 'Warmed:Running', 'Warmed:Stopped').slice(0, count);
  for (const member of ready) {
    const stopped = member.lifecycle === 'Warmed:Stopped';
    const { instanceId, zone } = member;
    const cause = at(core, 'an instance was taken from the warm pool in response to a difference between desired and actual capacity.');
    const description = `Launching a new EC2 instance from warm pool: ${instanceId}`;
    member.activity = startActivity(core, group, {
      kind: 'launch',
      description,
      cause,
      status: 'PreInService',
      progress: 30,
      instanceId,
      zone,
      origin: 'WarmPool',
    });
    move(core, group, member, 'Pending');
    if (stopped) power(core, 'StartInstances', instanceId);
    else launched(core, group, member);
  }
  return ready.length;
};

/** What a change of an instance's state means for the one in the warm pool that it is. */
export const onWarmInstanceState = (core: Core, group: Group, member: Member, state: string): void => {
  if (bucketOf(member) !== 'warm') return;
  if (state === 'terminated') {
    endMemberActivity(core, group, member, 'Failed', 'Instance became unhealthy while it was being prepared.');
    leave(core, group, member);
    core.wake(group);
  } else if (member.lifecycle === 'Warmed:Pending' && state === 'running')
    later(core, member, settleSeconds, () =>
      waitForHooks(core, group, member, launchingTransition, (result, reason) => {
        if (result === 'ABANDON') return abandonLaunch(core, group, member, reason);
        if (member.lifecycle === 'Warmed:Pending:Wait') move(core, group, member, 'Warmed:Pending:Proceed');
        if (group.warmPool.pool?.state === 'Running') prepared(core, group, member, 'Warmed:Running');
        else power(core, 'StopInstances', member.instanceId);
      }),
    );
  else if ((member.lifecycle === 'Warmed:Pending' || member.lifecycle === 'Warmed:Pending:Proceed') && state === 'stopped')
    prepared(core, group, member, 'Warmed:Stopped');
};

const prepared = (core: Core, group: Group, member: Member, lifecycle: 'Warmed:Running' | 'Warmed:Stopped'): void => {
  group.failures = null;
  move(core, group, member, lifecycle);
  endMemberActivity(core, group, member, 'Successful');
  core.wake(group);
};
