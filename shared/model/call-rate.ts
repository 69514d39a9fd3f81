/** Calls that AWS answers from one allowance, and how many a second. */
export type CallRate = { name: string; perSecond: number };

/**
 * Of calls by their IAM actions, or of whole services, in calls a second.
 * - CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 * - EC2, for each action: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * - Auto Scaling has one for all that read, and publishes no figure: assumed
 */
const ratesOfCalls: Readonly<Record<string, number>> = { 'cloudwatch:DescribeAlarms': 9 };
const ratesOfEachCall: Readonly<Record<string, number>> = { ec2: 20 };
const ratesOfServices: Readonly<Record<string, number>> = { autoscaling: 10 };
/** Of a call that nothing else is said of: assumed. */
const otherwise = 5;
/** What selfheal takes of it: the rest is left to those who ask for the first time, and to others in the account. */
const share = 0.9;

/** How fast a call, by its IAM action, may be asked by all who wait for it. */
export const rateOf = (call: string): CallRate => {
  const [service = ''] = call.split(':');
  const ofService = ratesOfServices[service];
  if (ofService !== undefined) return { name: service, perSecond: ofService * share };
  return { name: call, perSecond: (ratesOfCalls[call] ?? ratesOfEachCall[service] ?? otherwise) * share };
};
