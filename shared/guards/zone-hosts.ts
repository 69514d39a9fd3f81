import { paginateDescribeInstanceStatus } from '@aws-sdk/client-ec2';
import { formatDuration, minutes } from '../model/duration.ts';
import { type Check, defineGuard, holdForNow, none, ofHosts, pass } from './guard.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const zoneHostsPermissions = ['ec2:DescribeInstanceStatus'] as const;

/** Hosts that fail within so many seconds of each other may have failed for one cause. */
const together = minutes(15);

const anotherWorks: Check = async ({ facts: { instance, status }, clients: { ec2 } }) => {
  if (!instance || status?.system !== 'impaired' || instance.availabilityZone === 'unknown') return pass;
  const Filters = [{ Name: 'availability-zone', Values: [instance.availabilityZone] }];
  let failed = 0;
  for await (const { InstanceStatuses = [] } of paginateDescribeInstanceStatus({ client: ec2, pageSize: 1000 }, { Filters })) {
    for (const { InstanceId, SystemStatus } of InstanceStatuses) {
      if (InstanceId === instance.id) continue;
      if (SystemStatus?.Status === 'ok') return pass;
      // One that is being launched, or has no checks, says nothing.
      if (SystemStatus?.Status === 'initializing' || SystemStatus?.Status === 'not-applicable') continue;
      const since = SystemStatus?.Details?.find(({ ImpairedSince }) => ImpairedSince !== undefined)?.ImpairedSince?.getTime();
      const apart = Math.abs((since ?? Number.NaN) - (status.systemImpairedSince ?? Number.NaN));
      // What is not known counts.
      if (!(apart > together * 1000)) failed++;
    }
  }
  const others = failed === 1 ? 'another one' : `${failed} others`;
  return failed === 0
    ? pass
    : holdForNow(
        `no host in ${instance.availabilityZone} is known to work, and ${others} failed within ${formatDuration(together)} of its own: it may be the zone`,
      );
};

/**
 * An instance isn't moved off its host while the whole zone seems to have failed: other hosts there failed about when its own did, and none is
 * known to work. It could take long to stop, and would find no place before the zone is back, with which it works again by itself.
 * AWS reports an impaired zone later, if at all, and a group launches successors in its other zones.
 */
export const zoneHosts = defineGuard({
  id: 'zone-hosts',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: anotherWorks,
      removesFromService: anotherWorks,
      destroys: none,
      addsCapacity: none,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
