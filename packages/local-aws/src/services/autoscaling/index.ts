import type { AutoScaling, Ec2, GroupView } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { createCore, spreadLoad } from './model/core.ts';
import { type Activity, bucketOf, type Group, inState } from './model/group.ts';
import { onInstanceState } from './model/health.ts';
import { answerHooks } from './model/hooks.ts';
import { reconcile } from './model/reconcile.ts';
import { onAlarm } from './model/scaling.ts';
import { capacityOperations } from './operations/capacity.ts';
import { configurationOperations } from './operations/configurations.ts';
import { groupOperations } from './operations/groups.ts';
import { hookOperations } from './operations/hooks.ts';
import { memberOperations } from './operations/members.ts';
import { policyOperations } from './operations/policies.ts';
import { refreshOperations } from './operations/refresh.ts';
import { tagOperations } from './operations/tags.ts';
import { warmPoolOperations } from './operations/warm-pool.ts';

const viewOf = (group: Group): GroupView => ({
  name: group.name,
  arn: group.arn,
  desired: group.settings.desired,
  min: group.settings.min,
  max: group.settings.max,
  get memberIds() {
    return [...group.members.values()].filter((member) => bucketOf(member) !== 'warm').map(({ instanceId }) => instanceId);
  },
  get inServiceIds() {
    return inState(group, 'InService').map(({ instanceId }) => instanceId);
  },
  get pendingIds() {
    return [...group.members.values()].filter((member) => bucketOf(member) === 'pending').map(({ instanceId }) => instanceId);
  },
  get lastLaunch() {
    const over = ({ kind, status }: Activity) => kind === 'launch' && (status === 'Successful' || status === 'Failed');
    const last = group.activities.findLast(over);
    return last ? { at: last.endedAt ?? last.startedAt, failed: last.status === 'Failed' } : null;
  },
  get tags() {
    return new Map([...group.tags.values()].map(({ key, value }) => [key, value]));
  },
  targetsIn: (targetGroupArn) =>
    inState(group, 'InService').flatMap(({ instanceId, targetGroupArns }) => (targetGroupArns.has(targetGroupArn) ? [instanceId] : [])),
});

/** Auto Scaling of one account and region: groups that launch, check, heal and scale the instances of `ec2`. */
export const createAutoScaling = (world: World, ec2: Ec2): AutoScaling => {
  const core = createCore(world, ec2, reconcile);
  world.subscribe((worldEvent) => {
    if (worldEvent.type === 'instance-state') onInstanceState(core, worldEvent.instanceId, worldEvent.to);
  });
  let loads = 0;
  const historyOf = ({ AutoScalingGroupName: name, ...others }: Readonly<Record<string, string>>) =>
    name === undefined || Object.keys(others).length > 0 ? undefined : core.histories.get(name);

  return {
    service: {
      signingName: 'autoscaling',
      protocols: ['query'],
      xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
      operations: {
        ...groupOperations(core),
        ...capacityOperations(core),
        ...memberOperations(core),
        ...hookOperations(core),
        ...tagOperations(core),
        ...configurationOperations(core),
        ...refreshOperations(core),
        ...policyOperations(core),
        ...warmPoolOperations(core),
      },
    },
    memberMetrics: (metric, dimensions, at) => historyOf(dimensions)?.values(metric, at, ec2.metrics) ?? [],
    metrics: (metric, dimensions, at) => {
      const history = historyOf(dimensions);
      if (!history) return undefined;
      return metric.startsWith('Group') ? history.gauge(metric, at) : history.mean(metric, at, ec2.metrics);
    },
    get: (groupName) => {
      const group = core.groups.get(groupName);
      return group && viewOf(group);
    },
    list: () => [...core.groups.values()].map(viewOf),
    addLoad: (groupName, percent) => {
      const group = core.groups.get(groupName);
      if (!group) throw new RangeError(`no Auto Scaling group is called ${groupName}`);
      const id = loads++;
      const change = (value: number) => {
        group.loads.set(id, value);
        spreadLoad(core, group);
      };
      change(percent);
      return () => {
        change(0);
        group.loads.delete(id);
      };
    },
    scaleByAlarms: (cloudWatch) => {
      core.alarms = cloudWatch.service;
      cloudWatch.carryOut({ scalingPolicy: (arn, alarm) => onAlarm(core, arn, alarm) });
    },
    answerHooks: (groupName, answer) => {
      const group = core.groups.get(groupName);
      if (!group) throw new RangeError(`no Auto Scaling group is called ${groupName}`);
      return answerHooks(core, group, answer);
    },
    drainsBy: (secondsOf) => {
      core.drainSecondsOf = secondsOf;
    },
    setElbHealth: (instanceId, healthy) => {
      const found = core.memberOf.get(instanceId);
      if (found) found.member.elbHealthy = healthy;
    },
  };
};
