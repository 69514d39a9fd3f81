import { describe, expect, test } from '@jest/globals';
import { grownSize, maxDevices, readBlockDevices, volumeOf } from '../shared/model/disk.ts';
import { alarm, diskFacts, diskPolicy, facts, instanceId, policy, volume } from './remediation/examples.ts';

const lsblk = (...blockdevices: object[]) => JSON.stringify({ blockdevices });
const gib = 2 ** 30;
const unsized = { partitioned: null, fileSystem: null };
const root = { name: 'nvme0n1', serial: 'vol0a1b', mountpoint: null, children: [{ name: 'nvme0n1p1', serial: null, mountpoint: '/' }] };

describe('a list of block devices', () => {
  test('gives partitions the serial number of their disk', () => {
    expect(readBlockDevices(lsblk(root, { name: 'nvme1n1', serial: 'vol0c', mountpoints: ['/data', null] }))).toEqual([
      { path: '/', name: 'nvme0n1p1', serial: 'vol0a1b', depth: 1, ...unsized },
      { path: '/data', name: 'nvme1n1', serial: 'vol0c', depth: 0, ...unsized },
    ]);
  });

  test('says how much of a disk is in partitions, and how much a file system has', () => {
    const parts = [
      { name: 'p1', size: 2 * gib, fssize: `${gib}`, mountpoint: '/' },
      { name: 'p2', size: `${3 * gib}` },
    ];
    const listed = readBlockDevices(lsblk({ name: 'nvme0n1', size: 9 * gib, children: parts }, { name: 'd', fssize: 7, mountpoint: '/d' }));
    expect(listed?.map(({ partitioned, fileSystem }) => [partitioned, fileSystem])).toEqual([
      [5 * gib, gib],
      [null, 7],
    ]);
    for (const size of [undefined, null, -1, 0, 1.5, 'x', {}, 1e300]) {
      const some = lsblk({ name: 'd', children: [...parts, { name: 'p3', size }] }, { name: 'e', fssize: size, mountpoint: '/e' });
      expect(readBlockDevices(some)?.map(({ partitioned, fileSystem }) => [partitioned, fileSystem])).toEqual([
        [null, gib],
        [null, null],
      ]);
    }
  });

  test.each([
    ['a cut end', lsblk(root).slice(0, -3)],
    ['other words', 'lsblk: not found'],
    ['another object', '{}'],
    ['no object', '[]'],
    ['too many of them', lsblk(...Array.from({ length: maxDevices + 1 }, (_, i) => ({ name: `a${i}`, mountpoint: `/${i}` })))],
  ])('is none with %s', (_, text) => {
    expect(readBlockDevices(text)).toBeNull();
  });
});

const device = { path: '/', name: 'nvme0n1p1', serial: 'vol0a1b2c3d4e5f60718', depth: 1, ...unsized };
const names = (...fileSystems: { instance: string | null; path: string; device: string | null }[]) => ({
  ...diskFacts(),
  alarm: alarm({ fileSystems }),
});

describe('the volume under a file system', () => {
  test('is told by the serial number of its device', () => {
    expect(volumeOf(diskFacts())).toEqual({ volume: volume(), path: '/', unfinished: false });
    expect(volumeOf(names({ instance: instanceId, path: '/', device: null }))).toHaveProperty('volume');
  });

  test.each([
    ['no list', diskFacts({}, { devices: null })],
    ['no look at disks', facts({ alarm: diskFacts().alarm })],
    ['an alarm that names none', facts()],
    [
      'an alarm on two of them',
      names({ instance: instanceId, path: '/', device: null }, { instance: instanceId, path: '/data', device: null }),
    ],
    ['an alarm on another instance', names({ instance: 'i-0other', path: '/', device: null })],
    ['an alarm on no certain instance', names({ instance: null, path: '/', device: null })],
    ['another path', names({ instance: instanceId, path: '/data', device: null })],
    ['another device', names({ instance: instanceId, path: '/', device: 'nvme1n1p1' })],
    ['no serial number', diskFacts({}, { devices: [{ ...device, serial: null }] })],
    ['the serial number of no volume', diskFacts({}, { devices: [{ ...device, serial: 'vol0' }] })],
    ['the serial number of two volumes', diskFacts({}, { volumes: [volume(), volume()] })],
    ['two devices at the path', diskFacts({}, { devices: [device, { ...device, name: 'nvme1n1' }] })],
    ['a logical volume', diskFacts({}, { devices: [{ ...device, depth: 2 }] })],
  ])('is not guessed with %s', (_, seen) => {
    expect(volumeOf(seen)).toEqual({ why: expect.any(String) });
  });
});

const grown = { size: 25, modification: { state: 'completed', size: 25, from: 20 } };
test.each<[string, Parameters<typeof diskFacts>[0], { partitioned?: number; fileSystem?: number }, boolean]>([
  ['its partition has all', grown, { partitioned: 25 * gib - 2 ** 20, fileSystem: 24.6 * gib }, false],
  ['its partition does not', grown, { partitioned: 20 * gib, fileSystem: 19.8 * gib }, true],
  ['its partition does not, whoever has grown it', { size: 25 }, { partitioned: 20 * gib }, true],
  ['only its partition has all', grown, { partitioned: 25 * gib, fileSystem: 19.8 * gib }, true],
  [
    'only its partition has all, and it still is optimized',
    { size: 25, modification: { ...grown.modification, state: 'optimizing' } },
    { fileSystem: 19.8 * gib },
    true,
  ],
  ['it has no partition, and its file system all', grown, { fileSystem: 24.8 * gib }, false],
  ['nothing is known of its sizes', grown, {}, false],
  [
    'its type was changed, and no size',
    { size: 20, modification: { state: 'completed', size: 20, from: 20 } },
    { fileSystem: 19.8 * gib },
    false,
  ],
  ['its growth has failed', { size: 20, modification: { state: 'failed', size: 25, from: 20 } }, { fileSystem: 19.8 * gib }, false],
])('a volume of which %s', (_, change, sizes, unfinished) => {
  expect(volumeOf(diskFacts(change, { devices: [{ ...device, ...sizes }] }))).toMatchObject({ unfinished });
});

test.each([
  [20, 0.25, 40, 25],
  [1, 0.01, 40, 2],
  [35, 0.25, 40, 40],
  [10, 0.01, 40, 11],
  [21, 0.25, 40, 27],
])('%d GiB grown by %d up to %d are %d', (size, grow, atMost, expected) => {
  const { disks } = policy({ ...diskPolicy, disks: { ...diskPolicy.disks, grow, atMost } });
  expect(disks && grownSize(size, disks)).toBe(expected);
});
