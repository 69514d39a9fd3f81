/** What an alarm's own action does when the alarm goes off, where it may interfere with a remediation. */
type OwnAction =
  | { kind: 'instance'; does: 'reboot' | 'recover' | 'stop' | 'terminate' }
  /** `group` is null when the policy scales something other than an Auto Scaling group. */
  | { kind: 'scaling'; group: string | null }
  | { kind: 'function'; name: string }
  | { kind: 'other' };

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, under AlarmActions. */
const automate = /^arn:[a-z-]+:automate:[a-z0-9-]+:ec2:(reboot|recover|stop|terminate)$/;
/** The form that the console writes. */
const workflow = /^arn:[a-z-]+:swf:[a-z0-9-]+:\d{12}:action\/actions\/AWS_EC2\.InstanceId\.(Reboot|Recover|Stop|Terminate)\/1\.0$/;
const scaling = /^arn:[a-z-]+:autoscaling:[a-z0-9-]+:\d{12}:scalingPolicy:[^:]+:([^:]+):policyName\//;
const lambda = /^arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:([A-Za-z0-9_-]+)/;

const groupPrefix = 'autoScalingGroupName/';

/** Reads what an alarm action does from its ARN. */
export const ownAction = (arn: string): OwnAction => {
  const does = automate.exec(arn)?.[1] ?? workflow.exec(arn)?.[1]?.toLowerCase();
  if (does !== undefined) return { kind: 'instance', does: does as 'reboot' | 'recover' | 'stop' | 'terminate' };
  const scaled = scaling.exec(arn)?.[1];
  if (scaled !== undefined) return { kind: 'scaling', group: scaled.startsWith(groupPrefix) ? scaled.slice(groupPrefix.length) : null };
  const name = lambda.exec(arn)?.[1];
  return name === undefined ? { kind: 'other' } : { kind: 'function', name };
};
