import { formatDuration } from '../model/duration.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { Change, LikelyCause } from '../model/outcome.ts';

/** Calls that may cause failures of these classes, and their effect. */
type Suspicion = { does: string; calls: readonly string[]; failures: readonly FailureId[] | 'any' };

const unwell: readonly FailureId[] = ['host-impaired', 'instance-unreachable', 'status-check-failed'];
const slow: readonly FailureId[] = ['target-unhealthy', 'error-rate', 'latency-high', 'canary-failed', 'service-impaired'];
const full: readonly FailureId[] = ['load-saturated', 'memory-exhausted', 'disk-full', 'queue-backlog'];

const suspicions: readonly Suspicion[] = [
  { does: 'stops the instance', calls: ['StopInstances'], failures: ['instance-stopped', ...unwell, ...slow] },
  {
    does: 'ends the instance',
    calls: ['TerminateInstances', 'TerminateInstanceInAutoScalingGroup'],
    failures: ['instance-terminated', 'instance-stopped', ...unwell, ...slow],
  },
  { does: 'restarts the instance', calls: ['RebootInstances', 'StartInstances'], failures: [...unwell, ...slow] },
  {
    does: 'changes how the instance runs or who can reach it',
    calls: [
      'ModifyInstanceAttribute',
      'ModifyNetworkInterfaceAttribute',
      'DetachNetworkInterface',
      'ModifyInstanceCreditSpecification',
      'ModifyInstanceMetadataOptions',
      'DisassociateIamInstanceProfile',
      'ReplaceIamInstanceProfileAssociation',
      'CreateReplaceRootVolumeTask',
    ],
    failures: [...unwell, ...slow, ...full],
  },
  {
    does: 'changes a disk',
    calls: ['ModifyVolume', 'AttachVolume', 'DetachVolume', 'DeleteVolume', 'CreateReplaceRootVolumeTask'],
    failures: ['volume-impaired', 'disk-full', ...unwell],
  },
  {
    does: 'changes the number or the choice of members of the group',
    calls: [
      'SetDesiredCapacity',
      'UpdateAutoScalingGroup',
      'StartInstanceRefresh',
      'TerminateInstanceInAutoScalingGroup',
      'DetachInstances',
      'EnterStandby',
      'DeleteAutoScalingGroup',
      'SuspendProcesses',
      'PutScalingPolicy',
      'DeletePolicy',
      'PutScheduledUpdateGroupAction',
    ],
    failures: ['instance-terminated', 'launch-failed', 'terminate-failed', ...slow, ...full],
  },
  {
    does: 'changes what is behind the load balancer, or how it is checked',
    calls: ['RegisterTargets', 'DeregisterTargets', 'ModifyTargetGroup', 'ModifyTargetGroupAttributes', 'ModifyListener', 'ModifyRule'],
    failures: slow,
  },
  {
    does: 'restarts or changes the database',
    calls: [
      'ModifyDBInstance',
      'RebootDBInstance',
      'StopDBInstance',
      'ModifyDBCluster',
      'FailoverDBCluster',
      'StopDBCluster',
      'ModifyDBParameterGroup',
    ],
    failures: ['database-impaired', 'disk-full', 'load-saturated', 'memory-exhausted', ...slow],
  },
  {
    does: 'changes the queue or who reads it',
    calls: ['SetQueueAttributes', 'UpdateEventSourceMapping', 'DeleteEventSourceMapping'],
    failures: ['queue-backlog'],
  },
  {
    does: 'changes its software or settings',
    calls: [
      'CreateDeployment',
      'UpdateService',
      'UpdateFunctionCode',
      'UpdateFunctionConfiguration',
      'PublishVersion',
      'UpdateAlias',
      'UpdateStack',
      'ExecuteChangeSet',
      'SendCommand',
      'StartAutomationExecution',
    ],
    failures: 'any',
  },
  { does: 'changes what the alarm evaluates, or sets its state by hand', calls: ['PutMetricAlarm', 'SetAlarmState'], failures: 'any' },
];

const whatItDoes = (failure: FailureId, { call }: Change): string | undefined => {
  const operation = call.slice(call.indexOf(':') + 1);
  return suspicions.find(({ calls, failures }) => calls.includes(operation) && (failures === 'any' || failures.includes(failure)))?.does;
};

/**
 * The change that most likely caused a failure: the last successful one before it that is known to have such effects; tags and reads don't
 * count. Null if there is none, since a guess would mislead people. `changes` are newest first, `began` is in milliseconds since the epoch.
 * CloudTrail's times are in whole seconds, so a change in the same second counts as earlier.
 */
export const likelyCause = (failure: FailureId, changes: readonly Change[], began: number): LikelyCause | null => {
  for (const change of changes) {
    const does = change.error === null && Date.parse(change.at) <= began ? whatItDoes(failure, change) : undefined;
    if (does === undefined) continue;
    const before = formatDuration(Math.max(0, (began - Date.parse(change.at)) / 1000));
    return { change, because: `${change.call} ${does}; it was called ${before} before the failure` };
  }
  return null;
};
