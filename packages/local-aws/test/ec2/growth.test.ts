import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  ModifyVolumeCommand,
  type ModifyVolumeCommandInput,
  paginateDescribeVolumesModifications,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;
const hour = 60 * minute;

const running = (aws: Ec2World): string => {
  const { id } = aws.launch();
  aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
  return id;
};

/** The volumes of an instance, the root volume first. */
const volumesOf = async ({ client }: Ec2World, id: string): Promise<string[]> => {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return (Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.VolumeId ?? '');
};

const available = async (aws: Ec2World, Size = 10): Promise<string> => {
  const { VolumeId = '' } = await aws.client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size, VolumeType: 'gp3' }));
  aws.advance(minute);
  return VolumeId;
};

const modify = ({ client }: Ec2World, VolumeId: string, input: Partial<ModifyVolumeCommandInput>) =>
  client.send(new ModifyVolumeCommand({ VolumeId, ...input }));

const modificationOf = async ({ client }: Ec2World, id: string) =>
  (await client.send(new DescribeVolumesModificationsCommand({ VolumeIds: [id] }))).VolumesModifications?.[0];

const stateOf = async (aws: Ec2World, id: string) => (await modificationOf(aws, id))?.ModificationState;

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html
describe('a volume that grows', () => {
  test('is modifying, then optimizing at its new size, then completed, as events tell', async () => {
    const aws = ec2World();
    const id = await available(aws);
    expect((await modify(aws, id, { Size: 20 })).VolumeModification).toMatchObject({
      ModificationState: 'modifying',
      OriginalSize: 10,
      TargetSize: 20,
      TargetIops: 3000,
      TargetVolumeType: 'gp3',
      Progress: 0,
    });
    const size = async () => (await aws.client.send(new DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes?.[0]?.Size;
    expect(await size()).toBe(10);
    aws.advance(minute);
    const optimizing = await modificationOf(aws, id);
    expect(optimizing?.ModificationState).toBe('optimizing');
    expect(optimizing?.EndTime).toBeUndefined();
    expect(await size()).toBe(20);
    aws.advance(minute);
    expect((await modificationOf(aws, id))?.Progress).toBeGreaterThan(optimizing?.Progress ?? 100);
    aws.advance(20 * minute);
    const completed = await modificationOf(aws, id);
    expect(completed).toMatchObject({ ModificationState: 'completed', Progress: 100 });
    expect(completed?.EndTime?.getTime()).toBeGreaterThan(completed?.StartTime?.getTime() ?? Number.POSITIVE_INFINITY);
    expect(aws.events('EBS Volume Notification').map(({ detail, resources }) => [detail, resources])).toEqual(
      ['optimizing', 'completed'].map((result) => [
        { result, cause: '', event: 'modifyVolume', 'request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) },
        [`arn:aws:ec2:us-east-1:123456789012:volume/${id}`],
      ]),
    );
  });

  test('is not modified before the last one is completed, and four times within 24 hours', async () => {
    const aws = ec2World();
    const id = await available(aws);
    const first = aws.world.clock.now();
    await modify(aws, id, { Size: 11 });
    expect(await refusal(modify(aws, id, { Size: 12 }))).toEqual({
      code: 'IncorrectModificationState',
      status: 400,
      message: `Volume ${id} cannot be modified in modification state MODIFYING`,
    });
    aws.advance(minute);
    expect((await refusal(modify(aws, id, { Size: 12 }))).message).toMatch(/OPTIMIZING$/);
    for (const Size of [12, 13, 14]) {
      aws.advance(hour);
      await modify(aws, id, { Size });
    }
    aws.advance(hour);
    expect(await refusal(modify(aws, id, { Size: 15 }))).toEqual({
      code: 'VolumeModificationRateExceeded',
      status: 400,
      message: `You've reached the maximum modification rate per volume limit. You can modify this volume again at ${new Date(first + 24 * hour).toISOString().slice(0, 19)}Z.`,
    });
    aws.world.clock.advanceTo(first + 24 * hour - 1000);
    expect(await refusal(modify(aws, id, { Size: 15 }))).toMatchObject({ code: 'VolumeModificationRateExceeded' });
    aws.world.clock.advanceTo(first + 24 * hour);
    await modify(aws, id, { Size: 15 });
  });

  test.each<[string, Partial<ModifyVolumeCommandInput>, string]>([
    ['shrinks', { Size: 9 }, 'InvalidParameterValue'],
    ['is larger than any', { Size: 70_000 }, 'InvalidParameterValue'],
    ['stays as it is', {}, 'MissingParameter'],
    ['is not there', { VolumeId: 'vol-0ffffffffffffffff', Size: 20 }, 'InvalidVolume.NotFound'],
    ['is only tried', { Size: 20, DryRun: true }, 'DryRunOperation'],
  ])('is refused where it %s', async (_, input, code) => {
    const aws = ec2World();
    const id = await available(aws);
    expect(await refusal(modify(aws, id, input))).toMatchObject({ code });
    expect(await refusal(modificationOf(aws, id))).toMatchObject({ code: 'InvalidVolumeModification.NotFound' });
  });

  test('is not attached while it is modifying', async () => {
    const aws = ec2World();
    const [instance, id] = [running(aws), await available(aws)];
    await modify(aws, id, { Size: 20 });
    const attach = new AttachVolumeCommand({ VolumeId: id, InstanceId: instance, Device: '/dev/sdf' });
    expect(await refusal(aws.client.send(attach))).toMatchObject({
      code: 'OperationNotPermitted',
      message: `Cannot attach volume ${id} when it is in modification state: MODIFYING`,
    });
  });

  test('fails where that has been asked for, once', async () => {
    const aws = ec2World();
    const id = await available(aws);
    let over = 0;
    aws.local.failModification(id, () => over++);
    await modify(aws, id, { Size: 20 });
    aws.advance(minute);
    expect(await modificationOf(aws, id)).toMatchObject({ ModificationState: 'failed', StatusMessage: expect.any(String) });
    expect(over).toBe(1);
    await modify(aws, id, { Size: 20 });
    aws.advance(minute);
    expect(await stateOf(aws, id)).toBe('optimizing');
  });

  test('is told page by page, and filtered', async () => {
    const aws = ec2World();
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await available(aws, 10 + i));
    for (const id of ids) await modify(aws, id, { Size: 30 });
    const pages: string[][] = [];
    for await (const { VolumesModifications = [] } of paginateDescribeVolumesModifications({ client: aws.client, pageSize: 5 }, {}))
      pages.push(VolumesModifications.map(({ VolumeId = '' }) => VolumeId));
    expect(pages).toEqual([ids.slice(0, 5), ids.slice(5)]);
    const Filters = [{ Name: 'original-size', Values: ['12'] }];
    const { VolumesModifications } = await aws.client.send(new DescribeVolumesModificationsCommand({ Filters }));
    expect(VolumesModifications?.map(({ VolumeId }) => VolumeId)).toEqual([ids[2]]);
  });
});

describe('what an operating system has on its volumes', () => {
  const gibibyte = 2 ** 30;
  const rootUsed = (aws: Ec2World, InstanceId: string, at = aws.world.clock.now()) =>
    aws.local.metrics('disk_used_percent', { InstanceId, path: '/', device: 'nvme0n1p1', fstype: 'xfs' }, at);

  test('grows only once somebody extends it, and past times stay as they were', async () => {
    const aws = ec2World();
    const id = running(aws);
    const [root = ''] = await volumesOf(aws, id);
    aws.local.faults['fill-disk'](id, { percentAnHour: 10 });
    aws.advance(3 * hour);
    expect(rootUsed(aws, id)).toBeCloseTo(70);
    await modify(aws, root, { Size: 16 });
    aws.advance(minute);
    const shown = () => aws.local.disks.blockDevices(id);
    expect(shown()).toMatchObject([
      {
        name: 'nvme0n1',
        serial: root.replace('-', ''),
        size: 16 * gibibyte,
        mountpoint: null,
        children: [{ name: 'nvme0n1p1', size: 8 * gibibyte, fssize: 8 * gibibyte, mountpoint: '/', fstype: 'xfs', 'fsuse%': '70%' }],
      },
    ]);
    const [before, at] = [rootUsed(aws, id), aws.world.clock.now()];
    expect(aws.local.disks.extend(id, '/')).toBe(true);
    expect(aws.local.disks.extend(id, root)).toBe(false);
    aws.advance(hour);
    expect(rootUsed(aws, id)).toBeCloseTo((before ?? 0) / 2 + 5);
    expect(rootUsed(aws, id, at)).toBe(before);
    expect(shown()[0]?.children?.[0]?.fssize).toBe(16 * gibibyte);
  });

  test('fills at a rate in GiB', () => {
    const aws = ec2World();
    const id = running(aws);
    const clean = aws.local.faults['fill-disk'](id, { gibAnHour: 2 });
    aws.advance(hour);
    expect(rootUsed(aws, id)).toBeCloseTo(65);
    clean();
    aws.advance(minute);
    expect(rootUsed(aws, id)).toBe(40);
    expect(() => aws.local.faults['fill-disk'](id, { path: '/data' })).toThrow(RangeError);
  });

  test('is mounted where its volume is attached, and has its metric there', async () => {
    const aws = ec2World();
    const [one, other, data] = [running(aws), running(aws), await available(aws)];
    aws.local.disks.format(data, { path: '/data', fstype: 'ext4', used: 70 });
    const used = (InstanceId: string) =>
      aws.local.metrics('disk_used_percent', { InstanceId, path: '/data', device: 'nvme1n1', fstype: 'ext4' }, aws.world.clock.now());
    expect(used(one)).toBeUndefined();
    await aws.client.send(new AttachVolumeCommand({ VolumeId: data, InstanceId: one, Device: '/dev/sdf' }));
    aws.advance(minute);
    expect([used(one), used(other)]).toEqual([70, undefined]);
    expect(aws.local.disks.blockDevices(one).map(({ name, serial, mountpoint }) => [name, serial, mountpoint])).toEqual([
      ['nvme0n1', expect.any(String), null],
      ['nvme1n1', data.replace('-', ''), '/data'],
    ]);
    expect(aws.local.disks.extend(one, '/srv')).toBeUndefined();
  });

  test('is on devices whose numbers say nothing about their names in EC2', async () => {
    const aws = ec2World();
    const BlockDeviceMappings = ['/dev/sdf', '/dev/sdg', '/dev/sdh'].map((DeviceName) => ({ DeviceName, Ebs: { VolumeSize: 8 } }));
    const inOrder: boolean[] = [];
    for (const id of await aws.run({ BlockDeviceMappings, MinCount: 8, MaxCount: 8 })) {
      const serials = aws.local.disks.blockDevices(id).map(({ serial }) => serial);
      const ids = (await volumesOf(aws, id)).map((one) => one.replace('-', ''));
      expect(serials.toSorted()).toEqual(ids.toSorted());
      expect(serials[0]).toBe(ids[0]);
      inOrder.push(serials.join() === ids.join());
    }
    expect(inOrder).toContain(false);
  });
});
