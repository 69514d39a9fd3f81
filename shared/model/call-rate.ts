/** Calls that AWS answers from one allowance, and how many a second. */
export type CallRate = { name: string; perSecond: number };

/**
 * Of calls by their IAM actions, or of each call of a service, in calls a second.
 * - CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 * - EC2, for each action: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 * - Auto Scaling has one for all that read, and publishes no figure: assumed
 */
const rates: Readonly<Record<string, number>> = { 'cloudwatch:DescribeAlarms': 9, ec2: 20, autoscaling: 10 };
/** Services whose calls share one. */
const shared: ReadonlySet<string> = new Set(['autoscaling']);
/** Of a call that nothing else is said of: assumed. */
const otherwise = 5;
/** What selfheal takes of it: the rest is left to those who ask for the first time, and to others in the account. */
const share = 0.9;

/** How fast a call, by its IAM action, may be asked by all who wait for it. */
export const rateOf = (call: string): CallRate => {
  const [service = ''] = call.split(':');
  return { name: shared.has(service) ? service : call, perSecond: (rates[call] ?? rates[service] ?? otherwise) * share };
};
