import { CreateTagsCommand, DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { name } from './values.ts';

/** Volumes of EBS's; the first one is the root volume. */
export const volumesSchema = z
  .array(
    z.strictObject({
      /** Not encrypted, or under AWS's own key (`aws`), or under one of the fleet's keys. */
      key: name.optional(),
      /** In GiB. */
      size: z.int().min(1).max(16_384).default(8),
      /** Where its file system is mounted; without one there is none, but on the root volume. */
      path: z.string().startsWith('/').max(200).optional(),
      fstype: z.enum(['xfs', 'ext4']).default('xfs'),
      /** Percent of the file system. */
      used: z.number().min(0).max(100).default(40),
      optedIn: z.boolean().default(false),
      tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
    }),
  )
  .max(20)
  .optional();
type Volumes = z.output<typeof volumesSchema>;

/** Puts onto an instance's volumes what a scenario has on them. */
export const setUpDisks = async ({ aws, operator: { ec2 } }: Host, instanceId: string, volumes: Volumes): Promise<void> => {
  if (!volumes) return;
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const ids = Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId ?? '') ?? [];
  for (const [i, { path = i === 0 ? '/' : undefined, fstype, used, optedIn, tags }] of volumes.entries()) {
    const id = ids[i] as string;
    if (path !== undefined) aws.ec2.disks.format(id, { path, fstype, used });
    const all = [...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })), ...(optedIn ? [optInTag] : [])];
    if (all.length > 0) await ec2.send(new CreateTagsCommand({ Resources: [id], Tags: all }));
  }
};

/** The volume of what is mounted there, and the size of its file system in GiB; undefined where nothing is. */
export const mountedAt = ({ aws }: Host, instanceId: string, path: string): { volumeId: string; sizeGiB: number } | undefined => {
  if (!aws.ec2.get(instanceId)) return undefined;
  for (const device of aws.ec2.disks.blockDevices(instanceId)) {
    const found = [device, ...(device.children ?? [])].find(({ mountpoint }) => mountpoint === path);
    if (found) return { volumeId: (device.serial ?? '').replace(/^vol/, 'vol-'), sizeGiB: (found.fssize ?? 0) / 2 ** 30 };
  }
  return undefined;
};
