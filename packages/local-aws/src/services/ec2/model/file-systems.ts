import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { BlockDevice, Disks, FileSystemSpec } from '../../../core/service-interfaces.ts';
import type { Fleet } from './fleet.ts';
import { type Attachment, type FileSystem, flat, type Instance, type Mount, rampValue, type Volume } from './instance.ts';
import { Timeline } from './timeline.ts';

/**
 * Volumes as the operating system of an instance sees them. All instances have NVMe devices, as those on Nitro do:
 * https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html. Their numbers follow the order in which they answered, not the
 * names that EC2 has for the attachments: only the serial number tells which volume a device is.
 */
const deviceOf = ({ nvme }: Attachment): string => `nvme${nvme}n1`;

/** The serial number of a volume's device. */
export const serialOf = (volumeId: string): string => volumeId.replace('-', '');

/** What is attached later gets the lowest number that is free. */
export const nextDevice = ({ volumes }: Instance): number => {
  const taken = new Set(volumes.map(({ attachment }) => attachment?.nvme));
  let nvme = 0;
  while (taken.has(nvme)) nvme++;
  return nvme;
};

export const newFileSystem = (
  { shape }: Volume,
  now: number,
  { path, fstype = 'xfs', partitioned = path === '/', used = ec2Parameters.idle.disk }: FileSystemSpec,
): FileSystem => ({ path, fstype, partitioned, sizeGiB: shape.sizeGiB, idle: used, used: new Timeline(now, flat(now, used)) });

/** Mounts what is on an attached volume where it belongs. */
export const mountOn = (volume: Volume, now: number): void => {
  const { attachment, fileSystem } = volume;
  if (!attachment || !fileSystem) return;
  const device = `${deviceOf(attachment)}${fileSystem.partitioned ? 'p1' : ''}`;
  attachment.instance.mounts.push({ fileSystem, volume, device, there: new Timeline(now, true) });
};

export const unmount = (volume: Volume, { instance }: Attachment, now: number): void => {
  for (const mount of instance.mounts) if (mount.volume === volume && mount.there.now) mount.there.set(now, false);
};

export const mountsNow = ({ mounts }: Instance): Mount[] => mounts.filter(({ there }) => there.now);

/** What is mounted there now. */
export const mountAt = (instance: Instance, path: string): Mount | undefined =>
  mountsNow(instance).find(({ fileSystem }) => fileSystem.path === path);

const gibibyte = 2 ** 30;

export const createDisks = (fleet: Fleet): Disks => {
  const { clock } = fleet.world;

  const find = (instance: Instance, which: string): Mount | undefined => {
    const name = which.replace(/^\/dev\//, '');
    return mountsNow(instance).find(({ fileSystem, volume, device }) =>
      [fileSystem.path, device, volume.id, serialOf(volume.id), volume.attachment && deviceOf(volume.attachment)].includes(name),
    );
  };

  const rowsOf = (volume: Volume): BlockDevice[] => {
    const { attachment, fileSystem, shape } = volume;
    if (!attachment || attachment.state === 'attaching') return [];
    const blank = { serial: null, mountpoint: null, fstype: null, fssize: null, 'fsuse%': null };
    const device: BlockDevice = { ...blank, name: deviceOf(attachment), serial: serialOf(volume.id), size: shape.sizeGiB * gibibyte };
    if (!fileSystem) return [device];
    const size = fileSystem.sizeGiB * gibibyte;
    const used = Math.round(rampValue(fileSystem.used.now, clock.now()));
    const on = { mountpoint: fileSystem.path, fstype: fileSystem.fstype, fssize: size, 'fsuse%': `${used}%` };
    return [fileSystem.partitioned ? { ...device, children: [{ ...blank, name: `${device.name}p1`, ...on, size }] } : { ...device, ...on }];
  };

  return {
    blockDevices: (instanceId) =>
      [...fleet.expect(instanceId).volumes].sort((a, b) => (a.attachment?.nvme ?? 0) - (b.attachment?.nvme ?? 0)).flatMap(rowsOf),

    format: (volumeId, spec) => {
      const volume = fleet.volumes.get(volumeId);
      if (!volume) throw new RangeError(`There is no volume ${volumeId}`);
      const now = clock.now();
      if (volume.attachment) unmount(volume, volume.attachment, now);
      volume.fileSystem = newFileSystem(volume, now, spec);
      if (volume.attachment?.state === 'attached') mountOn(volume, now);
    },

    extend: (instanceId, which) => {
      const mount = find(fleet.expect(instanceId), which);
      if (!mount) return undefined;
      const { fileSystem, volume } = mount;
      const { sizeGiB } = volume.shape;
      if (sizeGiB <= fileSystem.sizeGiB) return false;
      const now = clock.now();
      const share = fileSystem.sizeGiB / sizeGiB;
      const { perMillisecond } = fileSystem.used.now;
      fileSystem.used.set(now, { at: now, value: rampValue(fileSystem.used.now, now) * share, perMillisecond: perMillisecond * share });
      fileSystem.idle *= share;
      fileSystem.sizeGiB = sizeGiB;
      return true;
    },
  };
};
