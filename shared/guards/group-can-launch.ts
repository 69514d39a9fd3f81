import { DescribeLaunchConfigurationsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeImagesCommand } from '@aws-sdk/client-ec2';
import type { Clients } from '../aws/clients.ts';
import { failingLaunch, launchesPermissions, launchTemplatePermissions, launchTemplateVersion, recentLaunches } from '../aws/launches.ts';
import { formatDuration, hours, minutes } from '../model/duration.ts';
import { CodedError, errorName } from '../model/errors.ts';
import type { GroupFacts } from '../model/snapshot.ts';
import { type Check, defineGuard, escalate, hold, none, ofHosts, pass } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const groupCanLaunchPermissions = [
  ...launchesPermissions,
  ...launchTemplatePermissions,
  'autoscaling:DescribeLaunchConfigurations',
  'ec2:DescribeImages',
] as const;

/** An older failed launch says nothing about the next one; in milliseconds. */
const maxFailureAge = hours(24) * 1000;
/** How long a launch may take, plus the same for a lifecycle hook, before it counts as hanging. In seconds. */
const launchTimeout = minutes(15);

const isGone = (error: unknown): boolean => /NotFound|Malformed|Unavailable/.test(errorName(error));

/** Null if AWS says that it doesn't exist. Any other error is thrown, and so is an empty response. */
const findOrNull = async <T>(find: () => Promise<T | undefined>): Promise<T | null> => {
  try {
    const found = await find();
    if (found === undefined) throw new CodedError('EmptyAnswer', 'EC2 returned an empty result for an id');
    return found;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
};

/** Why the group's launch source is unusable; null if it is fine. */
const sourceProblem = async ({ ec2, autoScaling }: Clients, { launchSource }: GroupFacts): Promise<string | null> => {
  if (!launchSource) return 'it has no launch template or configuration';
  let image: string | undefined;
  if (launchSource.kind === 'template') {
    const { id, name, version } = launchSource;
    const found = await findOrNull(() => launchTemplateVersion(ec2, launchSource));
    if (!found) return `launch template ${name ?? id}, version ${version}, does not exist`;
    image = found.LaunchTemplateData?.ImageId;
  } else {
    const { LaunchConfigurations } = await autoScaling.send(
      new DescribeLaunchConfigurationsCommand({ LaunchConfigurationNames: [launchSource.name] }),
    );
    const [found] = LaunchConfigurations ?? [];
    if (!found) return `launch configuration ${launchSource.name} does not exist`;
    image = found.ImageId;
  }
  // An image parameter is resolved at launch, and so is an override.
  if (!image?.startsWith('ami-')) return null;
  const ImageIds = [image];
  const found = await findOrNull(async () => (await ec2.send(new DescribeImagesCommand({ ImageIds }))).Images?.[0]);
  if (!found) return `image ${image} does not exist`;
  return found.State === undefined || found.State === 'available' ? null : `image ${image} is ${found.State}`;
};

const canLaunch: Check = async ({ facts: { group }, clients, now }) => {
  if (!group) return hold('there is no group to launch a replacement');
  const launches = await recentLaunches(clients.autoScaling, group.name);
  const failing = failingLaunch(launches, now - maxFailureAge);
  if (failing) return escalate(`group ${group.name} can't launch a replacement: ${failing.message}`);
  const within = Math.max(launchTimeout, group.warmUpSeconds ?? 0, group.healthCheckGraceSeconds);
  const hanging = launches.find(({ state, startedAt }) => state === 'under-way' && now - startedAt > within * 1000);
  if (hanging) {
    const since = formatDuration((now - hanging.startedAt) / 1000);
    return escalate(`group ${group.name} has been launching a member for ${since}, and can't launch a replacement: ${hanging.message}`);
  }
  const problem = await sourceProblem(clients, group);
  return problem ? escalate(`group ${group.name} can't launch a replacement: ${problem}`) : pass;
};

/**
 * Takes nothing from a group that can't launch a replacement: its launches fail or hang, or its launch source is gone. The message
 * quotes the group's own words.
 */
export const groupCanLaunch = defineGuard({
  id: 'group-can-launch',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: none,
      removesFromService: none,
      destroys: canLaunch,
      addsCapacity: none,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
