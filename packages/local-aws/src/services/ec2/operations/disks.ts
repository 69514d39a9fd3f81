import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { type DiskSpec, rootDisk } from '../model/volume.ts';
import { checkForm } from './common.ts';

const types: readonly string[] = ['gp2', 'gp3', 'io1', 'io2', 'sc1', 'st1', 'standard'];

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

type Asked = {
  VolumeType?: string | undefined;
  SnapshotId?: string | undefined;
  Encrypted?: boolean | undefined;
  KmsKeyId?: string | undefined;
};

/** What a volume shall be, held against what EC2 has. Whether its key can be used is found out later, as EC2 does. */
export const checkedDisk = (size: number, { VolumeType: type = 'gp2', SnapshotId, Encrypted, KmsKeyId }: Asked) => {
  if (!Number.isInteger(size) || size < 1 || size > 65_536) throw invalid(`Volume of size ${size}GiB is invalid.`);
  if (!types.includes(type)) throw invalid(`Invalid value '${type.slice(0, 100)}' for volumeType.`);
  if (SnapshotId !== undefined) checkForm([SnapshotId], 'snap', 'InvalidSnapshotID');
  if (KmsKeyId !== undefined && Encrypted !== true)
    throw new AwsError('InvalidParameterDependency', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  return { sizeGiB: size, type, snapshotId: SnapshotId, encrypted: Encrypted ?? false, kmsKeyId: KmsKeyId };
};

/** An image's own volumes, as the mappings change them, and those that they add. Instance store volumes need no mapping. */
export const disksOf = (mappings: readonly BlockDeviceMapping[] | undefined, own: readonly DiskSpec[] = [rootDisk]): DiskSpec[] => {
  const disks = new Map(own.map((disk) => [disk.device, disk]));
  for (const { DeviceName, Ebs, NoDevice, VirtualName } of mappings ?? []) {
    if (DeviceName === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter deviceName');
    if (VirtualName !== undefined) {
      if (!/^ephemeral\d{1,2}$/.test(VirtualName)) throw invalid(`Invalid virtual name '${VirtualName.slice(0, 100)}'.`);
      continue;
    }
    if (NoDevice !== undefined) {
      disks.delete(DeviceName);
      continue;
    }
    const before = disks.get(DeviceName) ?? { ...rootDisk, device: DeviceName };
    disks.set(DeviceName, {
      device: DeviceName,
      deleteOnTermination: Ebs?.DeleteOnTermination ?? before.deleteOnTermination,
      ...checkedDisk(Ebs?.VolumeSize ?? before.sizeGiB, {
        VolumeType: Ebs?.VolumeType ?? before.type,
        SnapshotId: Ebs?.SnapshotId ?? before.snapshotId,
        Encrypted: Ebs?.Encrypted ?? before.encrypted,
        KmsKeyId: Ebs?.KmsKeyId ?? before.kmsKeyId,
      }),
    });
  }
  return [...disks.values()];
};
