import {
  CreateImageCommand,
  DeregisterImageCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  RegisterImageCommand,
  type RegisterImageCommandInput,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, image, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const register = async ({ client }: Ec2World, input: Partial<RegisterImageCommandInput> = {}): Promise<string> =>
  (await client.send(new RegisterImageCommand({ Name: 'web', ...input }))).ImageId ?? '';

const disks = async ({ client }: Ec2World, id: string) => {
  const { Volumes = [] } = await client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }));
  return Volumes.map(({ Attachments, Size, Encrypted }) => [Attachments?.[0]?.Device, Size, Encrypted]);
};

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
describe('an image', () => {
  test('is there by every well-formed id, and listed only where the account made it', async () => {
    const aws = ec2World();
    const { Images } = await aws.client.send(new DescribeImagesCommand({ ImageIds: [image] }));
    expect(Images).toMatchObject([{ ImageId: image, State: 'available', RootDeviceName: '/dev/xvda', Public: true }]);
    expect((await aws.client.send(new DescribeImagesCommand({}))).Images).toEqual([]);
    const own = await register(aws);
    expect((await aws.client.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images).toMatchObject([
      { ImageId: own, Name: 'web', OwnerId: '123456789012', Public: false },
    ]);
    expect(await refusal(aws.client.send(new DescribeImagesCommand({ ImageIds: ['ami-1'] })))).toMatchObject({
      code: 'InvalidAMIID.Malformed',
    });
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/deregister-ami.html
  test('that is deregistered launches nothing any more, while what it launched goes on, stops and starts', async () => {
    const aws = ec2World();
    for (const ImageId of [image, await register(aws)]) {
      const [id = ''] = await aws.run({ ImageId });
      aws.advance(minute);
      const deregister = (DryRun = false) => aws.client.send(new DeregisterImageCommand({ ImageId, DryRun }));
      expect(await refusal(deregister(true))).toMatchObject({ code: 'DryRunOperation', status: 412 });
      await deregister();
      expect(await refusal(deregister())).toMatchObject({ code: 'InvalidAMIID.NotFound', status: 400 });
      expect(await refusal(aws.run({ ImageId }))).toMatchObject({ code: 'InvalidAMIID.NotFound', status: 400 });
      expect(await refusal(aws.client.send(new DescribeImagesCommand({ ImageIds: [ImageId] })))).toMatchObject({
        code: 'InvalidAMIID.NotFound',
      });
      await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
      aws.until(() => aws.local.get(id)?.state === 'stopped');
      await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
      aws.until(() => aws.local.get(id)?.state === 'running');
    }
    expect((await aws.client.send(new DescribeImagesCommand({}))).Images).toEqual([]);
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
  test('gives its instances the volumes that it says, as a launch changes them', async () => {
    const aws = ec2World();
    const ImageId = await register(aws, {
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 20, Encrypted: true } },
        { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 50, DeleteOnTermination: false } },
      ],
    });
    const [plain = ''] = await aws.run({ ImageId });
    expect(await disks(aws, plain)).toEqual([
      ['/dev/sda1', 20, true],
      ['/dev/sdb', 50, false],
    ]);
    const [changed = ''] = await aws.run({
      ImageId,
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 30 } },
        { DeviceName: '/dev/sdb', NoDevice: '' },
      ],
    });
    expect(await disks(aws, changed)).toEqual([['/dev/sda1', 30, true]]);
    const { Reservations } = await aws.client.send(new DescribeInstancesCommand({ InstanceIds: [changed] }));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({
      RootDeviceName: '/dev/sda1',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1' }],
    });
    expect(await disks(aws, aws.launch({ imageId: ImageId }).id)).toHaveLength(2);
    await aws.client.send(new TerminateInstancesCommand({ InstanceIds: [plain] }));
    aws.advance(5 * minute);
    const { Volumes } = await aws.client.send(new DescribeVolumesCommand({ Filters: [{ Name: 'status', Values: ['available'] }] }));
    expect(Volumes?.map(({ Size }) => Size)).toEqual([50]);
  });

  test('is made of an instance, with its volumes and their keys', async () => {
    const aws = ec2World();
    const [InstanceId = ''] = await aws.run({
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 12, Encrypted: true } }],
    });
    const rebooting = aws.client.send(new CreateImageCommand({ InstanceId, Name: 'copy' }));
    expect(await refusal(rebooting)).toMatchObject({ code: 'UnsupportedOperation' });
    const { ImageId = '' } = await aws.client.send(new CreateImageCommand({ InstanceId, Name: 'copy', NoReboot: true }));
    const [copy = ''] = await aws.run({ ImageId });
    expect(await disks(aws, copy)).toEqual([['/dev/xvda', 12, true]]);
  });

  test('has a name that no other has', async () => {
    const aws = ec2World();
    await register(aws);
    expect(await refusal(register(aws))).toMatchObject({ code: 'InvalidAMIName.Duplicate', status: 400 });
    expect(await refusal(register(aws, { Name: 'x' }))).toMatchObject({ code: 'InvalidAMIName.Malformed' });
    expect(await refusal(register(aws, { Name: 'mac', Architecture: 'x86_64_mac' }))).toMatchObject({ code: 'InvalidParameterValue' });
  });
});

test('a launch into a subnet that there is not is refused', async () => {
  const aws = ec2World();
  const run = (input: object) =>
    aws.client.send(new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input }));
  const SubnetId = 'subnet-0ffffffffffffffff';
  expect(await refusal(run({ SubnetId }))).toMatchObject({ code: 'InvalidSubnetID.NotFound', status: 400 });
  expect(await refusal(run({ NetworkInterfaces: [{ DeviceIndex: 0, SubnetId }] }))).toMatchObject({ code: 'InvalidSubnetID.NotFound' });
  expect([...aws.local.list()]).toEqual([]);
});
