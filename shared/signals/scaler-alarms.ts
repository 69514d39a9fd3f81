/**
 * Alarms that a scaler of AWS's makes for itself and calls on in routine: whole groups sit in one all night. Names have to have the exact
 * form, the scaler's id at the end included: what a person called alike is a person's.
 * docs.aws.amazon.com/cli/latest/reference/application-autoscaling/put-scaling-policy.html (`TargetTracking-service/…-AlarmHigh-…`),
 * docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html. `ProvisionedCapacity…` (DynamoDB's) and the names that
 * CloudFormation gives to Elastic Beanstalk's triggers: assumed.
 */
const scalers: ReadonlyArray<readonly [name: RegExp, owner: string]> = [
  [
    /^TargetTracking-.+-(?:Alarm|ProvisionedCapacity)(?:High|Low)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
    'a target tracking policy',
  ],
  [/^awseb-.+-AWSEBCloudwatchAlarm(?:High|Low)-[0-9A-Za-z]{10,16}$/, 'Elastic Beanstalk'],
];

/** Whose alarm it is, where it is a scaler's; null for everybody else's. */
export const scalerOf = (alarmName: string): string | null => scalers.find(([form]) => form.test(alarmName))?.[1] ?? null;
