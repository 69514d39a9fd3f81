/**
 * Alarms that an AWS scaler creates and uses in routine; a group may be in one all night. Names must match exactly, including the scaler's
 * id at the end, since a user's alarm may have a similar name.
 * https://docs.aws.amazon.com/cli/latest/reference/application-autoscaling/put-scaling-policy.html (`TargetTracking-service/…-AlarmHigh-…`)
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 * Assumed: `ProvisionedCapacity…` (DynamoDB) and the names that CloudFormation gives to Elastic Beanstalk's triggers.
 */
const scalers: ReadonlyArray<readonly [name: RegExp, owner: string]> = [
  [
    /^TargetTracking-.+-(?:Alarm|ProvisionedCapacity)(?:High|Low)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'a target tracking policy',
  ],
  [/^awseb-.+-AWSEBCloudwatchAlarm(?:High|Low)-[0-9A-Za-z]{10,16}$/, 'Elastic Beanstalk'],
];

/** The scaler that owns an alarm; null for any other alarm. */
export const scalerOf = (alarmName: string): string | null => scalers.find(([form]) => form.test(alarmName))?.[1] ?? null;
