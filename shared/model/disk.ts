import type { RemedySettings } from './remedies.ts';

/** How an alarm names a file system: by the dimensions of the agent's metrics. Null where it has no such dimension. */
export type FileSystemName = { instance: string | null; path: string; device: string | null };

/** A row of what a command has listed. `depth`: 0 for a disk, 1 for a partition of one, more for what lies on several layers. */
export type BlockDevice = {
  path: string;
  name: string;
  serial: string | null;
  depth: number;
  /** Bytes of its disk that are in partitions, and of its own file system; null where there are none, or the list doesn't say. */
  partitioned: number | null;
  fileSystem: number | null;
};

/** In GiB; `from`: before it, where EC2 tells. https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html */
export type VolumeModification = { state: string; size: number; from?: number };

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
export const maxDevices = 100;

type Row = Partial<Record<'name' | 'serial' | 'size' | 'fssize' | 'mountpoint' | 'mountpoints' | 'children', unknown>>;

const gibibyte = 2 ** 30;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const rowsOf = (value: unknown): Row[] => (Array.isArray(value) ? value.filter(isRow) : []);
const textOf = (value: unknown): string | null => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null);

/** Older versions of lsblk print numbers as text. */
const bytesOf = (value: unknown): number | null => {
  const bytes = typeof value === 'number' ? value : Number(textOf(value) ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
};

const sumOf = (rows: readonly Row[]): number | null =>
  rows.reduce<number | null>((sum, { size }) => {
    const bytes = bytesOf(size);
    return sum === null || bytes === null ? null : sum + bytes;
  }, 0);

const mountedBy = (rows: readonly Row[], depth: number, above: string | null): BlockDevice[] => {
  const partitioned = depth === 1 ? sumOf(rows) : null;
  return rows.flatMap((row) => {
    const name = textOf(row.name) ?? '';
    // A partition has the serial number of its disk.
    const serial = textOf(row.serial) ?? above;
    const points = Array.isArray(row.mountpoints) ? row.mountpoints : [row.mountpoint];
    const own = [...new Set(points.flatMap((point) => textOf(point) ?? []))];
    const fileSystem = bytesOf(row.fssize);
    return [
      ...own.map((path) => ({ path, name, serial, depth, partitioned, fileSystem })),
      ...mountedBy(rowsOf(row.children), depth + 1, serial),
    ];
  });
};

/** Reads what `lsblk --json` prints; null if it is anything else, or not all of it. */
export const readBlockDevices = (text: string): BlockDevice[] | null => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRow(parsed) || !('blockdevices' in parsed) || !Array.isArray(parsed.blockdevices)) return null;
    const devices = mountedBy(rowsOf(parsed.blockdevices), 0, null);
    return devices.length > maxDevices ? null : devices;
  } catch {
    return null;
  }
};

/** The serial number of an EBS volume on NVMe is its id without the hyphen. docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html */
export const serialOf = (volumeId: string): string => volumeId.replace('-', '');

type Seen = { instance: { id: string } | null; alarm: { fileSystems?: FileSystemName[] } | null; disks?: DiskFacts };

/**
 * Whether the volume is larger than what lies on it, by the list of the incident: an earlier growth has not come to its end. A volume grows by
 * 1 GiB at least. False as well where the list has no sizes.
 */
const isUnfinished = ({ size, modification }: VolumeFacts, { partitioned, fileSystem }: BlockDevice): boolean => {
  if (partitioned !== null && size * gibibyte - partitioned >= gibibyte) return true;
  const from = modification && hasEffect(modification) && modification.size === size ? (modification.from ?? size) : size;
  return fileSystem !== null && from < size && fileSystem <= from * gibibyte;
};

/**
 * The volume under the file system that an alarm tells of, and whether it is larger than what lies on it; or why that isn't known for
 * certain.
 */
export const volumeOf = ({
  instance,
  alarm,
  disks,
}: Seen): { volume: VolumeFacts; path: string; unfinished: boolean } | { why: string } => {
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
  return { volume, path, unfinished: isUnfinished(volume, found) };
};

/** The size that a volume is grown to, in GiB; never above the most that the policy allows. */
export const grownSize = (size: number, { grow, atMost }: NonNullable<RemedySettings['disks']>): number =>
  Math.min(atMost, Math.max(size + 1, Math.ceil(size * (1 + grow))));

/** States in which a modification has taken effect as far as a file system is concerned. */
export const hasEffect = ({ state }: VolumeModification): boolean => state === 'optimizing' || state === 'completed';
/** Whether another modification may be begun. */
export const isOver = ({ state }: VolumeModification): boolean => state === 'completed' || state === 'failed';
