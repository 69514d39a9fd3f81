import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { AlarmActions, AlarmEc2Action } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { checkCount, checkLength, invalid } from '../operations/check.ts';
import { dimensionsOf } from './series.ts';

/** What an alarm can do when its state changes, as far as the action's ARN tells. */
export type Action =
  | { kind: 'sns' | 'lambda' | 'scaling-policy'; arn: string }
  | { kind: 'ec2'; arn: string; verb: AlarmEc2Action }
  /** OpsItems, incidents and investigations: of these nothing is to be seen here. */
  | { kind: 'elsewhere'; arn: string };

type Read = { partition: string; region: string | undefined; action: Action };

/**
 * The forms of "Valid Values" in https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html; `Recover` in
 * the console's form is assumed. Each captures partition and region, and the third one what to do; incidents belong to no region.
 */
const forms: readonly [form: RegExp, kind: Action['kind']][] = [
  [/^arn:(aws[a-z-]*):sns:([a-z0-9-]+):\d{12}:.+$/, 'sns'],
  [/^arn:(aws[a-z-]*):lambda:([a-z0-9-]+):\d{12}:.+$/, 'lambda'],
  [/^arn:(aws[a-z-]*):autoscaling:([a-z0-9-]+):\d{12}:scalingPolicy:.+$/, 'scaling-policy'],
  [/^arn:(aws[a-z-]*):automate:([a-z0-9-]+):ec2:(stop|terminate|reboot|recover)$/, 'ec2'],
  [/^arn:(aws[a-z-]*):swf:([a-z0-9-]+):\d{12}:action\/actions\/AWS_EC2\.InstanceId\.(Stop|Terminate|Reboot|Recover)\/1\.0$/, 'ec2'],
  [/^arn:(aws[a-z-]*):(?:ssm|aiops):([a-z0-9-]+):\d{12}:.+$/, 'elsewhere'],
  [/^arn:(aws[a-z-]*):ssm-incidents:([a-z0-9-]*):\d{12}:.+$/, 'elsewhere'],
];

const read = (arn: string): Read | undefined => {
  for (const [form, kind] of forms) {
    const [, partition = '', region, verb = ''] = form.exec(arn) ?? [];
    if (partition === '') continue;
    return { partition, region, action: kind === 'ec2' ? { kind, arn, verb: verb.toLowerCase() as AlarmEc2Action } : { kind, arn } };
  }
  return undefined;
};

/** An action of an alarm, which was checked when it was put. */
export const actionOf = (arn: string): Action => read(arn)?.action ?? { kind: 'elsewhere', arn };

/** What the alarm watches, as far as its actions depend on it. */
export type Watched = { namespace?: string | undefined; metric?: string | undefined; dimensions: Readonly<Record<string, string>> };

export const watchedBy = ({ Namespace: namespace, MetricName: metric, Dimensions }: PutMetricAlarmInput): Watched => ({
  namespace,
  metric,
  dimensions: dimensionsOf(Dimensions),
});

/**
 * "You can add the stop, terminate, reboot, or recover actions to any alarm that is set on an Amazon EC2 per-instance metric […] as well
 * as any custom metrics that include the InstanceId dimension":
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/UsingAlarmActions.html. The refusal's words were reported in public; those for
 * `recover` are assumed.
 */
const checkEc2Action = (verb: AlarmEc2Action, watched: Watched | 'composite' | 'expression'): void => {
  if (typeof watched === 'string' || watched.dimensions.InstanceId === undefined)
    throw invalid('Invalid use of EC2 action. An EC2 action can only be used if the alarm is monitoring an EC2 instance.');
  if (verb === 'recover' && !(watched.namespace === 'AWS/EC2' && watched.metric === 'StatusCheckFailed_System'))
    throw invalid("Invalid use of EC2 'Recover' action. It can only be used with the metric StatusCheckFailed_System.");
};

/** Actions are not tested for existence: "CloudWatch doesn't test or validate the actions that you specify". */
export const checkActions = (
  { region, partition }: Pick<World, 'region' | 'partition'>,
  actions: readonly string[] | undefined,
  parameter: string,
  watched: Watched | 'composite' | 'expression',
): void => {
  checkCount(actions, parameter, 5);
  for (const arn of actions ?? []) {
    checkLength(arn, parameter, 1, 1024);
    const found = read(arn);
    if (!found) throw invalid(`Invalid arn syntax: ${arn}`);
    if (found.partition !== partition) throw invalid(`Invalid partition ${found.partition} specified. Only ${partition} is supported.`);
    if (found.region && found.region !== region) throw invalid(`Invalid region ${found.region} specified. Only ${region} is supported.`);
    if (found.action.kind === 'ec2') checkEc2Action(found.action.verb, watched);
    if (found.action.kind === 'scaling-policy' && watched === 'composite')
      throw invalid(`Composite alarms can't perform the action ${arn}.`);
  }
};

/** An action that can't be carried out; the alarm's history says why. */
export const notHere = (what: string) => new AwsError('UnsupportedOperation', `The local AWS has nobody who carries out ${what}.`);

/** Those who carry out what alarms do to other services; each makes itself known once. */
export const createAlarmActions = () => {
  const known: Partial<AlarmActions> = {};
  const perform: AlarmActions = {
    ec2: (verb, instanceId) => {
      if (!known.ec2) throw notHere('EC2 actions');
      known.ec2(verb, instanceId);
    },
    scalingPolicy: (policyArn, alarm) => {
      if (!known.scalingPolicy) throw notHere('scaling policies');
      known.scalingPolicy(policyArn, alarm);
    },
  };
  return { perform, carryOut: (actions: Partial<AlarmActions>): void => void Object.assign(known, actions) };
};
