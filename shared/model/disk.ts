import type { RemedySettings } from './remedies.ts';

/** How an alarm names a file system: by the dimensions of the agent's metrics. Null where it has no such dimension. */
export type FileSystemName = { instance: string | null; path: string; device: string | null };

/** A row of what a command has listed. `depth`: 0 for a disk, 1 for a partition of one, more for what lies on several layers. */
export type BlockDevice = { path: string; name: string; serial: string | null; depth: number };

/** https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html */
export type VolumeModification = { state: string; size: number };

/** A volume of EBS that is attached to the instance. */
export type VolumeFacts = {
  id: string;
  /** In GiB. */
  size: number;
  state: string;
  /** How many instances it is attached to. */
  attachments: number;
  tags: Record<string, string>;
  /** Its newest modification; null if there is none. */
  modification: VolumeModification | null;
  /** The state of the snapshot that this incident has begun; null if it has begun none. */
  snapshot: string | null;
};

/** The disks of an instance, as its own list of block devices and EC2 show them. */
export type DiskFacts = {
  /** What is mounted, by the list that this incident has asked for; null as long as there is none. */
  devices: BlockDevice[] | null;
  volumes: VolumeFacts[];
};

/** So many rows are kept: everything mounted counts, and a system with more is left to a person. */
export const mostDevices = 100;

type Row = { name?: unknown; serial?: unknown; mountpoint?: unknown; mountpoints?: unknown; children?: unknown };

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isRow) : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);

const mountedBy = (rows: readonly Row[], depth: number, above: string | null): BlockDevice[] =>
  rows.flatMap((row) => {
    const name = textOf(row.name) ?? '';
    // A partition has the serial number of its disk.
    const serial = textOf(row.serial) ?? above;
    const points = Array.isArray(row.mountpoints) ? row.mountpoints : [row.mountpoint];
    const own = [...new Set(points.flatMap((point) => textOf(point) ?? []))];
    return [...own.map((path) => ({ path, name, serial, depth })), ...mountedBy(rowsOf(row.children), depth + 1, serial)];
  });

/** Reads what `lsblk --json` prints; null if it is anything else, or not all of it. */
export const readBlockDevices = (text: string): BlockDevice[] | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRow(parsed) || !('blockdevices' in parsed) || !Array.isArray(parsed.blockdevices)) return null;
    const devices = mountedBy(rowsOf(parsed.blockdevices), 0, null);
    return devices.length > mostDevices ? null : devices;
  } catch {
    return null;
  }
};

/** The serial number of an EBS volume on NVMe is its id without the hyphen. docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html */
export const serialOf = (volumeId: string): string => volumeId.replace('-', '');

type Seen = { instance: { id: string } | null; alarm: { fileSystems?: FileSystemName[] } | null; disks?: DiskFacts };

/** The volume under the file system that an alarm tells of, or why it can't be told for certain. */
export const volumeOf = ({ instance, alarm, disks }: Seen): { volume: VolumeFacts; path: string } | { why: string } => {
  const named = alarm?.fileSystems ?? [];
  const [asked] = named;
  if (!asked) return { why: 'the alarm names no file system' };
  if (named.length > 1) return { why: `the alarm tells of several file systems: ${named.map(({ path }) => path).join(', ')}` };
  if (!instance || asked.instance !== instance.id) return { why: `the alarm tells of a file system of ${asked.instance ?? 'no instance'}` };
  if (!disks?.devices) return { why: `${instance.id} has not listed its block devices, or in no form that selfheal reads` };
  const { path } = asked;
  const there = disks.devices.filter((one) => one.path === path);
  const [found] = there;
  if (!found) return { why: `nothing is mounted at ${path} of ${instance.id}` };
  if (there.length > 1)
    return { why: `several devices are mounted at ${path} of ${instance.id}: ${there.map(({ name }) => name).join(', ')}` };
  const device = asked.device?.replace(/^\/dev\//, '') ?? found.name;
  if (device !== found.name) return { why: `${path} of ${instance.id} is on ${found.name}, and the alarm tells of ${device}` };
  if (found.depth > 1) return { why: `${path} of ${instance.id} is on ${found.name}, which is more than a partition of a disk` };
  if (found.serial === null) return { why: `${found.name} of ${instance.id} has no serial number` };
  const volumes = disks.volumes.filter(({ id }) => serialOf(id) === found.serial);
  const [volume] = volumes;
  if (!volume || volumes.length > 1)
    return {
      why: `${volumes.length === 0 ? 'no volume' : 'more than one volume'} of ${instance.id} has the serial number of ${found.name}`,
    };
  return { volume, path };
};

/** The size that a volume is grown to, in GiB; never above the most that the policy allows. */
export const grownSize = (size: number, { grow, atMost }: NonNullable<RemedySettings['disks']>): number =>
  Math.min(atMost, Math.max(size + 1, Math.ceil(size * (1 + grow))));

/** States in which a modification has taken effect as far as a file system is concerned. */
export const hasEffect = ({ state }: VolumeModification): boolean => state === 'optimizing' || state === 'completed';
/** Whether another modification may be begun. */
export const isOver = ({ state }: VolumeModification): boolean => state === 'completed' || state === 'failed';
