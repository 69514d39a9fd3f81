import {
  AttachVolumeCommand,
  type AttachVolumeCommandInput,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteVolumeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const create = ({ client }: Ec2World, input: Partial<CreateVolumeCommandInput> = {}) =>
  client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 10, ...input }));

const describeVolumes = async ({ client }: Ec2World, VolumeIds?: string[]) =>
  (await client.send(new DescribeVolumesCommand(VolumeIds ? { VolumeIds } : {}))).Volumes ?? [];

const available = async (aws: Ec2World, input: Partial<CreateVolumeCommandInput> = {}): Promise<string> => {
  const { VolumeId = '' } = await create(aws, input);
  aws.advance(minute);
  return VolumeId;
};

const running = (aws: Ec2World, spec: Parameters<Ec2World['launch']>[0] = {}): string => {
  const { id } = aws.launch(spec);
  aws.until(() => aws.local.get(id)?.instanceStatus === 'ok');
  return id;
};

const stopped = async (aws: Ec2World): Promise<string> => {
  const id = running(aws);
  await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  aws.until(() => aws.local.get(id)?.state === 'stopped');
  return id;
};

const attach = (aws: Ec2World, input: Partial<AttachVolumeCommandInput>) =>
  aws.client.send(new AttachVolumeCommand({ VolumeId: undefined, InstanceId: undefined, Device: '/dev/sdf', ...input }));

const mappings = async ({ client }: Ec2World, id: string) => {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings?.map(({ DeviceName, Ebs }) => [DeviceName, Ebs?.VolumeId, Ebs?.Status]);
};

// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-describing-volumes.html
describe('a volume of its own', () => {
  test('is created, then available', async () => {
    const aws = ec2World();
    const tags = [{ ResourceType: 'volume' as const, Tags: [{ Key: 'Name', Value: 'data' }] }];
    const made = await create(aws, { VolumeType: 'gp3', TagSpecifications: tags });
    expect(made).toMatchObject({ State: 'creating', Size: 10, VolumeType: 'gp3', Encrypted: false, Iops: 3000 });
    expect(made.VolumeId).toMatch(/^vol-[0-9a-f]{17}$/);
    aws.advance(10_000);
    expect(await describeVolumes(aws, [made.VolumeId ?? ''])).toMatchObject([
      { State: 'available', Attachments: [], Tags: [{ Key: 'Name', Value: 'data' }] },
    ]);
  });

  test('is made once for one client token', async () => {
    const aws = ec2World();
    const [one, two] = [await create(aws, { ClientToken: 'x' }), await create(aws, { ClientToken: 'x' })];
    expect(two.VolumeId).toBe(one.VolumeId);
    expect(await refusal(create(aws, { ClientToken: 'x', Size: 11 }))).toMatchObject({ code: 'IdempotentParameterMismatch' });
    expect(await describeVolumes(aws)).toHaveLength(1);
  });

  test.each<[string, Partial<CreateVolumeCommandInput>, string]>([
    ['no size', { Size: undefined }, 'MissingParameter'],
    ['no zone', { AvailabilityZone: undefined }, 'MissingParameter'],
    ['an unknown zone', { AvailabilityZone: 'eu-west-1a' }, 'InvalidZone.NotFound'],
    ['an unknown type', { VolumeType: 'gp9' as 'gp3' }, 'InvalidParameterValue'],
    ['a size of nothing', { Size: 0 }, 'InvalidParameterValue'],
    ['a malformed snapshot', { SnapshotId: 'snap-1' }, 'InvalidSnapshotID.Malformed'],
    ['a key without encryption', { KmsKeyId: 'alias/aws/ebs' }, 'InvalidParameterDependency'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('is refused with %s', async (_, input, code) => {
    const aws = ec2World();
    expect(await refusal(create(aws, input))).toMatchObject({ code });
    expect(await describeVolumes(aws)).toEqual([]);
  });

  test('is attached, detached and deleted', async () => {
    const aws = ec2World();
    const InstanceId = running(aws);
    const VolumeId = await available(aws);
    expect(await attach(aws, { VolumeId, InstanceId })).toMatchObject({ State: 'attaching', Device: '/dev/sdf', InstanceId });
    aws.advance(10_000);
    expect(await describeVolumes(aws, [VolumeId])).toMatchObject([
      { State: 'in-use', Attachments: [{ InstanceId, State: 'attached', DeleteOnTermination: false }] },
    ]);
    expect((await mappings(aws, InstanceId))?.[1]).toEqual(['/dev/sdf', VolumeId, 'attached']);
    expect(await refusal(aws.client.send(new DeleteVolumeCommand({ VolumeId })))).toMatchObject({ code: 'VolumeInUse' });
    expect(await aws.client.send(new DetachVolumeCommand({ VolumeId }))).toMatchObject({ State: 'detaching' });
    aws.advance(minute);
    expect(await describeVolumes(aws, [VolumeId])).toMatchObject([{ State: 'available' }]);
    expect(await mappings(aws, InstanceId)).toHaveLength(1);
    await aws.client.send(new DeleteVolumeCommand({ VolumeId }));
    expect(await refusal(describeVolumes(aws, [VolumeId]))).toMatchObject({ code: 'InvalidVolume.NotFound' });
  });

  test('that was attached outlives its instance', async () => {
    const aws = ec2World();
    const InstanceId = running(aws);
    const VolumeId = await available(aws);
    await attach(aws, { VolumeId, InstanceId });
    aws.local.terminate(InstanceId, 'user');
    aws.advance(5 * minute);
    expect(await describeVolumes(aws)).toMatchObject([{ VolumeId, State: 'available', Attachments: [] }]);
  });

  test('is attached only where it can be', async () => {
    const aws = ec2World();
    const InstanceId = running(aws);
    const VolumeId = await available(aws);
    const elsewhere = await available(aws, { AvailabilityZone: 'us-east-1b' });
    expect(await refusal(attach(aws, { VolumeId: elsewhere, InstanceId }))).toMatchObject({ code: 'InvalidVolume.ZoneMismatch' });
    expect(await refusal(attach(aws, { VolumeId, InstanceId, Device: '/dev/xvda' }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal(attach(aws, { VolumeId, InstanceId, Device: 'disk' }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal(attach(aws, { VolumeId, InstanceId, DryRun: true }))).toMatchObject({ code: 'DryRunOperation', status: 412 });
    await attach(aws, { VolumeId, InstanceId });
    expect(await refusal(attach(aws, { VolumeId, InstanceId, Device: '/dev/sdg' }))).toMatchObject({ code: 'VolumeInUse', status: 400 });
    const { VolumeId: early } = await create(aws);
    expect(await refusal(attach(aws, { VolumeId: early, InstanceId, Device: '/dev/sdh' }))).toMatchObject({ code: 'IncorrectState' });
    expect(await refusal(aws.client.send(new DetachVolumeCommand({ VolumeId: elsewhere })))).toMatchObject({ code: 'IncorrectState' });
  });

  test('that an instance boots from is detached only while it is stopped, and without it nothing starts', async () => {
    const aws = ec2World();
    const id = await stopped(aws);
    const [root] = await describeVolumes(aws);
    const other = running(aws);
    const itsRoot = (await mappings(aws, other))?.[0]?.[1];
    expect(await refusal(aws.client.send(new DetachVolumeCommand({ VolumeId: itsRoot })))).toMatchObject({ code: 'OperationNotPermitted' });
    await aws.client.send(new DetachVolumeCommand({ VolumeId: root?.VolumeId }));
    aws.advance(minute);
    const start = () => aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect((await refusal(start())).message).toContain('does not have a volume attached at root (/dev/xvda)');
    await attach(aws, { VolumeId: root?.VolumeId, InstanceId: id, Device: '/dev/xvda' });
    aws.advance(minute);
    await start();
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html
describe('an encrypted volume', () => {
  test("is under AWS's own key where nobody names another", async () => {
    const aws = ec2World();
    const [id = ''] = await aws.run({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true } }] });
    const [volume] = await describeVolumes(aws);
    expect(volume).toMatchObject({ Encrypted: true, Attachments: [{ InstanceId: id }] });
    expect(volume?.KmsKeyId).toMatch(/^arn:aws:kms:us-east-1:123456789012:key\/[0-9a-f-]{36}$/);
    const { Volumes } = await aws.client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'encrypted', Values: ['true'] }] }));
    expect(Volumes).toHaveLength(1);
    aws.until(() => aws.local.get(id)?.state === 'running');
  });

  test('whose key there is not is gone after its creation', async () => {
    const aws = ec2World();
    const { VolumeId = '' } = await create(aws, { Encrypted: true, KmsKeyId: 'alias/none' });
    expect(await describeVolumes(aws, [VolumeId])).toMatchObject([{ State: 'creating' }]);
    aws.advance(minute);
    expect(await refusal(describeVolumes(aws, [VolumeId]))).toMatchObject({ code: 'InvalidVolume.NotFound' });
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
describe('a volume that fails', () => {
  const attachedCheck = async ({ client }: Ec2World, id: string) =>
    (await client.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }))).InstanceStatuses?.[0]?.AttachedEbsStatus?.Status;

  test('impairs the check of its instance until it answers again, by its own id or as the root of an instance', async () => {
    const aws = ec2World();
    const id = running(aws);
    const end = aws.local.faults['impair-volume'](id);
    aws.advance(5 * minute);
    expect(await attachedCheck(aws, id)).toBe('impaired');
    expect(aws.local.metrics('StatusCheckFailed_AttachedEBS', { InstanceId: id }, aws.world.clock.now())).toBe(1);
    end();
    aws.advance(2 * minute);
    expect(await attachedCheck(aws, id)).toBe('ok');
  });

  test('for good is in the state error, attached or not, and can be attached no more', async () => {
    const aws = ec2World();
    const id = running(aws);
    const free = await available(aws);
    const root = (await mappings(aws, id))?.[0]?.[1] ?? '';
    aws.local.faults['break-volume'](free)();
    aws.local.faults['break-volume'](root)();
    aws.advance(5 * minute);
    expect(await describeVolumes(aws, [free, root])).toMatchObject([
      { State: 'error' },
      { State: 'error', Attachments: [{ InstanceId: id }] },
    ]);
    expect(await attachedCheck(aws, id)).toBe('impaired');
    expect(await refusal(attach(aws, { VolumeId: free, InstanceId: id }))).toMatchObject({ code: 'IncorrectState' });
    await aws.client.send(new DeleteVolumeCommand({ VolumeId: free }));
  });
});
