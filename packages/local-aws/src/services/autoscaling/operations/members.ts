import type {
  AttachLoadBalancerTargetGroupsType,
  DescribeLoadBalancerTargetGroupsRequest,
  DescribeLoadBalancerTargetGroupsResponse,
  DetachLoadBalancerTargetGroupsType,
  DisableMetricsCollectionQuery,
  EnableMetricsCollectionQuery,
  ScalingProcessQuery,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
} from '@aws-sdk/client-auto-scaling';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { timestamp } from '../model/activity.ts';
import { addToLoadBalancer, type Core, publishView } from '../model/core.ts';
import { inState } from '../model/group.ts';
import { inGracePeriod } from '../model/health.ts';
import { groupMetrics } from '../model/metric-history.ts';
import { markUnhealthy } from '../model/terminating.ts';
import { groupNamed, invalid, liveGroup, memberNamed, membersNamed, page } from './check.ts';

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
const processes = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
];

const processesOf = ({ ScalingProcesses = [] }: ScalingProcessQuery): readonly string[] => {
  const unknown = ScalingProcesses.filter((process) => !processes.includes(process));
  if (unknown.length > 0) throw invalid(`The process names [${unknown.join(', ')}] are not valid. Valid names: ${processes.join(', ')}`);
  return ScalingProcesses.length > 0 ? ScalingProcesses : processes;
};

const setHealth = (core: Core) => (input: SetInstanceHealthQuery) => {
  const { HealthStatus, ShouldRespectGracePeriod = true } = input;
  const { group, member } = memberNamed(core, input.InstanceId);
  if (HealthStatus === 'Healthy') {
    member.unhealthy = null;
    publishView(core, member);
    core.wake(group);
  } else if (HealthStatus !== 'Unhealthy') throw invalid('Valid instance health states are: [Healthy, Unhealthy].');
  else if (!ShouldRespectGracePeriod || !inGracePeriod(core, group, member))
    markUnhealthy(core, group, member, 'a user health-check', true);
  return {};
};

const metricsOf = (names: readonly string[] | undefined): readonly string[] => {
  for (const name of names ?? [])
    if (!(groupMetrics as string[]).includes(name)) throw invalid(`Metric ${name} is not a valid group metric`);
  return names && names.length > 0 ? names : groupMetrics;
};

const mergeArns = (present: readonly string[], added: readonly string[]): string[] => [...new Set([...present, ...added])];

/** What is set on members, and on a group as a whole, but its size. */
export const memberOperations = (core: Core): Record<string, Operation> => ({
  SetInstanceHealth: operation<SetInstanceHealthQuery, object>(() => sdk.autoScaling().SetInstanceHealth$, setHealth(core)),

  SetInstanceProtection: operation<SetInstanceProtectionQuery, object>(
    () => sdk.autoScaling().SetInstanceProtection$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      const members = membersNamed(group, input.InstanceIds, 50);
      for (const { instanceId, lifecycle } of members)
        if (!['InService', 'EnteringStandby', 'Standby'].includes(lifecycle))
          throw invalid(`The instance ${instanceId} is not in InService or EnteringStandby or Standby.`);
      for (const member of members) {
        member.protected = input.ProtectedFromScaleIn ?? false;
        publishView(core, member);
      }
      core.wake(group);
      return {};
    },
  ),

  SuspendProcesses: operation<ScalingProcessQuery, object>(
    () => sdk.autoScaling().SuspendProcesses$,
    (input) => {
      const group = groupNamed(core, input.AutoScalingGroupName);
      const names = processesOf(input);
      if (group.deleting) throw invalid('Processes may not be suspended while the AutoScaling group is pending delete');
      for (const name of names) group.suspended.set(name, `User suspended at ${timestamp(core.world.clock.now())}`);
      return {};
    },
  ),

  ResumeProcesses: operation<ScalingProcessQuery, object>(
    () => sdk.autoScaling().ResumeProcesses$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      for (const name of processesOf(input)) if (group.suspended.delete(name) && name === 'Launch') group.failures = null;
      core.wake(group);
      return {};
    },
  ),

  EnableMetricsCollection: operation<EnableMetricsCollectionQuery, object>(
    () => sdk.autoScaling().EnableMetricsCollection$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      if (input.Granularity !== '1Minute') throw invalid(`Granularity ${input.Granularity} is not valid. The only valid value is 1Minute.`);
      for (const name of metricsOf(input.Metrics)) group.history.collect(core.world.clock.now(), name, true);
      return {};
    },
  ),

  DisableMetricsCollection: operation<DisableMetricsCollectionQuery, object>(
    () => sdk.autoScaling().DisableMetricsCollection$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      for (const name of metricsOf(input.Metrics)) group.history.collect(core.world.clock.now(), name, false);
      return {};
    },
  ),

  AttachLoadBalancerTargetGroups: operation<AttachLoadBalancerTargetGroupsType, object>(
    () => sdk.autoScaling().AttachLoadBalancerTargetGroups$,
    (input) => {
      const group = liveGroup(core, input.AutoScalingGroupName);
      group.settings.targetGroupArns = mergeArns(group.settings.targetGroupArns, input.TargetGroupARNs ?? []);
      // Assumed: suspended, members that are there already are not added either.
      for (const member of inState(group, 'InService')) addToLoadBalancer(group, member);
      return {};
    },
  ),

  DetachLoadBalancerTargetGroups: operation<DetachLoadBalancerTargetGroupsType, object>(
    () => sdk.autoScaling().DetachLoadBalancerTargetGroups$,
    (input) => {
      const { settings, members } = liveGroup(core, input.AutoScalingGroupName);
      settings.targetGroupArns = settings.targetGroupArns.filter((arn) => !input.TargetGroupARNs?.includes(arn));
      for (const { targetGroupArns } of members.values()) for (const arn of input.TargetGroupARNs ?? []) targetGroupArns.delete(arn);
      return {};
    },
  ),

  DescribeLoadBalancerTargetGroups: operation<DescribeLoadBalancerTargetGroupsRequest, DescribeLoadBalancerTargetGroupsResponse>(
    () => sdk.autoScaling().DescribeLoadBalancerTargetGroups$,
    (input) => {
      const { settings } = groupNamed(core, input.AutoScalingGroupName);
      const { page: arns, ...more } = page('target-groups', input, settings.targetGroupArns, 100);
      const State = settings.healthCheckType.includes('ELB') ? 'InService' : 'Added';
      return { LoadBalancerTargetGroups: arns.map((LoadBalancerTargetGroupARN) => ({ LoadBalancerTargetGroupARN, State })), ...more };
    },
  ),
});
