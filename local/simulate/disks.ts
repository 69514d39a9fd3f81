import type { Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

type Volume = NonNullable<NonNullable<NonNullable<WrittenScenario['fleet']['instances']>[string]['volumes']>>[number];

const document = 'Shop-ListDisks';
const list = { at: '1s', do: 'document-does', document, remedies: false } as const;

/** What the instance's own list of block devices may be besides what it has. */
const lists: readonly WrittenStep[] = [
  { ...list, stdout: 'lsblk: unrecognized option' },
  { ...list, fails: 1, stdout: '' },
  { ...list, stdout: '{"blockdevices":[]}' },
  // Another device than the alarm's, and a serial number that no volume of the instance has.
  {
    ...list,
    stdout: '{"blockdevices":[{"name":"nvme9n1","serial":"vol0aa6c184a0ed7f2df","mountpoints":["/","/data"]}]}',
  },
  // On a logical volume.
  {
    ...list,
    stdout:
      '{"blockdevices":[{"name":"nvme0n1","serial":"vol0aa6c184a0ed7f2df","children":[{"name":"nvme0n1p1","children":[{"name":"vg-data","mountpoints":["/","/data"]}]}]}]}',
  },
];

const call = { at: '0s', do: 'fail-calls', service: 'ec2' } as const;
const often = 'You can modify this volume again in 5 hours.';

/** What goes wrong beside it. */
const troubles: readonly ((random: Random, path: string) => WrittenStep)[] = [
  () => ({ ...call, operation: 'ModifyVolume', when: 'after', count: 1 }),
  () => ({ ...call, operation: 'CreateSnapshot', when: 'after', count: 1 }),
  () => ({ ...call, service: 'ssm', operation: 'SendCommand', when: 'after', count: 1 }),
  () => ({ ...call, operation: 'ModifyVolume', code: 'VolumeModificationRateExceeded', status: 400, message: often, for: '30m' }),
  () => ({ ...call, operation: 'CreateSnapshot', code: 'UnauthorizedOperation', status: 403 }),
  (random) => ({ ...call, operation: 'DescribeVolumes', code: 'RequestLimitExceeded', status: 503, rate: random.pick([0.3, 0.7]) }),
  () => ({ ...call, operation: 'DescribeVolumesModifications', code: 'UnauthorizedOperation', status: 403 }),
  (_, path) => ({ at: '1s', do: 'fail-modification', on: 'web', path }),
  () => ({ at: '1s', do: 'document-does', document: 'Shop-ExtendDisk', fails: 1 }),
  () => ({ at: '0s', do: 'deliveries', how: 'duplicate', rate: 1, for: '40m' }),
  () => ({ at: '0s', do: 'switch', to: 'off' }),
  (random) => ({ at: writeDuration(180 + random.int(600)), do: 'untag', on: 'web', key: 'selfheal' }),
  (random) => ({ at: writeDuration(180 + random.int(600)), do: 'stop-executions' }),
];

const alarmOn = (path: string, device: string, fstype: string): NonNullable<WrittenScenario['fleet']['alarms']>[string] => ({
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
  metric: { namespace: 'CWAgent', name: 'disk_used_percent', dimensions: { InstanceId: '${web}', path, device, fstype } },
  comparison: '>',
  threshold: 80,
  period: '1m',
  periods: 1,
});

/** A disk that fills up, of one, two or three. */
export const drawDisksIncident = (random: Random): Pick<WrittenScenario, 'policy' | 'fleet' | 'timeline' | 'watch'> => {
  const isRoot = random.chance(0.4);
  const path = isRoot ? '/' : '/data';
  const size = 8 + random.int(60);
  const fills = (): Volume => ({ size, used: 72 + random.int(8), optedIn: random.chance(0.9) });
  const volumes: Volume[] = isRoot ? [fills()] : [{ optedIn: true }, { ...fills(), path, fstype: 'ext4' }];
  if (random.chance(0.5)) volumes.push({ size: 8 + random.int(60), path: '/logs', fstype: 'ext4', optedIn: true });
  // Only the root volume is sure of its device: the other ones answer in any order.
  const devices = isRoot ? ['nvme0n1p1'] : volumes.length === 2 ? ['nvme1n1'] : ['nvme1n1', 'nvme2n1'];
  const own = random.chance(0.2) ? [random.pick(lists)] : [];
  const trouble = random.chance(0.4) ? [random.pick(troubles)(random, path)] : [];
  const cleans = random.chance(0.15);
  return {
    watch: '45m',
    policy: {
      disks: {
        // At the volume's size, just above it, or far above.
        atMost: Math.max(8, size + random.pick([-2, 0, 1, 1 + random.int(size), 200])),
        grow: random.pick([0.1, 0.25, 1]),
        snapshot: random.chance(0.5),
        ...{ look: 'list-disks', extend: 'extend-disk', serial: 'Volume' },
      },
      commands: {
        'list-disks': { document, version: '1', effects: [] },
        'extend-disk': { document: 'Shop-ExtendDisk', version: '1', effects: [], parameters: { Volume: 'none' } },
        ...(cleans ? { 'clean-tmp': { document: 'Shop-CleanTmp', version: '2', effects: [] } } : {}),
      },
      ...(cleans ? { run: [{ when: { failure: 'disk-full' }, command: 'clean-tmp' }] } : {}),
      ...(random.chance(0.05) ? { mode: 'dry-run' } : {}),
    },
    fleet: {
      instances: { web: { alarms: [], optedIn: random.chance(0.95), volumes } },
      alarms: Object.fromEntries(devices.map((device) => [`web-${device}`, alarmOn(path, device, isRoot ? 'xfs' : 'ext4')])),
    },
    timeline: [
      { at: '0s', do: 'document-does', document, lists: 'block-devices' },
      { at: '0s', do: 'document-does', document: 'Shop-ExtendDisk', extends: '{{ Volume }}' },
      ...(cleans
        ? [{ at: '0s', do: 'document-does', document: 'Shop-CleanTmp', frees: { disk: random.pick([1, 30]), path } } as const]
        : []),
      ...own,
      { at: '1m', do: 'fill-disk', on: 'web', path, percentAnHour: random.pick([60, 120, 240]) },
      ...trouble,
      { at: '35m', do: 'all-clear' },
      { at: '35m', do: 'switch', to: 'on' },
    ],
  };
};
