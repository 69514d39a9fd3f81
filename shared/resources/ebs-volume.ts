import { DescribeVolumeStatusCommand, DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/** An EBS volume, its attachments and status checks. */
export const ebsVolume: ResourceKind = {
  id: 'ebs-volume',
  types: ['volume'],
  noun: 'EBS volume',
  permissions: ['ec2:DescribeVolumes', 'ec2:DescribeVolumeStatus'],
  notFound: ['InvalidVolume.NotFound'],
  is: () => true,
  trailName: ({ resource }) => resource.id,
  observe: async ({ ec2 }, { resource: { id } }, part) => {
    const [{ Volumes }, status] = await Promise.all([
      ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] })),
      part('its status', async () => (await ec2.send(new DescribeVolumeStatusCommand({ VolumeIds: [id] }))).VolumeStatuses?.[0] ?? null),
    ]);
    const found = Volumes?.[0];
    if (!found) return null;
    const { Attachments = [], Size, VolumeType, AvailabilityZone } = found;
    const facts: string[] = [];
    if (status?.VolumeStatus?.Status) facts.push(`status ${status.VolumeStatus.Status}`);
    for (const { EventType, Description } of status?.Events ?? []) facts.push(`${EventType}${Description ? `: ${Description}` : ''}`);
    facts.push(
      ...Attachments.map(({ InstanceId, Device, State }) => `${State} to ${InstanceId} as ${Device}`),
      `${Size} GiB ${VolumeType} in ${AvailabilityZone}`,
    );
    return { state: found.State ?? 'unknown', since: null, createdAt: found.CreateTime?.getTime() ?? null, changed: null, facts };
  },
};
