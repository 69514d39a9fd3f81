/** The least and the most of desired capacity that is to be in service while members are replaced, in percent. */
export type HealthyPercentage = { readonly min: number; readonly max: number };

export const leastInService = (desired: number, { min }: HealthyPercentage): number => Math.ceil((desired * min) / 100);

/**
 * How many more than desired may run for it. Where rounding leaves no way to replace anything, one more is launched first; AWS says so of
 * an instance refresh, and for the health of members it is assumed: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */
export const roomAbove = (desired: number, percentage: HealthyPercentage): number => {
  const room = Math.floor((desired * percentage.max) / 100) - desired;
  return room < 1 && leastInService(desired, percentage) >= desired ? 1 : room;
};
