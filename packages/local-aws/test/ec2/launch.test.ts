import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type DescribeLaunchTemplateVersionsCommandInput,
  ModifyLaunchTemplateCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createGateway } from '../../src/wire/gateway.ts';
import { refusal } from '../harness.ts';
import { ec2World, image, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const run = ({ client }: Ec2World, input: Partial<RunInstancesCommandInput> = {}) =>
  client.send(new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input }));

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
describe('RunInstances', () => {
  test('starts what it was asked for', async () => {
    const aws = ec2World();
    const { Instances = [] } = await run(aws, {
      InstanceType: 'm5.large',
      MinCount: 2,
      MaxCount: 2,
      KeyName: 'key',
      Monitoring: { Enabled: true },
      Placement: { AvailabilityZone: 'us-east-1c' },
      MaintenanceOptions: { AutoRecovery: 'disabled' },
      InstanceMarketOptions: { MarketType: 'spot' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20 } },
        { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 100, VolumeType: 'gp2', DeleteOnTermination: false } },
        { DeviceName: '/dev/sdc', VirtualName: 'ephemeral0' },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'kind', Value: 'data' }] },
      ],
    });
    expect(Instances).toHaveLength(2);
    expect(Instances[1]).toMatchObject({
      InstanceType: 'm5.large',
      KeyName: 'key',
      InstanceLifecycle: 'spot',
      Monitoring: { State: 'enabled' },
      Placement: { AvailabilityZone: 'us-east-1c', AvailabilityZoneId: 'use1-az3' },
      MaintenanceOptions: { AutoRecovery: 'disabled' },
      Tags: [{ Key: 'Name', Value: 'web' }],
      AmiLaunchIndex: 1,
      RootDeviceType: 'ebs',
    });
    expect(Instances[1]?.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/xvda', '/dev/sdb']);
  });

  test('takes the zone of a subnet', async () => {
    const aws = ec2World();
    const subnet = aws.local.zones[1]?.subnetId;
    const { Instances } = await run(aws, { SubnetId: subnet });
    expect(Instances?.[0]).toMatchObject({ SubnetId: subnet, Placement: { AvailabilityZone: 'us-east-1b' } });
    expect(await refusal(run(aws, { SubnetId: 'subnet-0ffffffffffffffff' }))).toMatchObject({ code: 'InvalidSubnetID.NotFound' });
  });

  test('takes an m1.small where it is told no type', async () => {
    const { Instances } = await run(ec2World(), { InstanceType: undefined });
    expect(Instances?.[0]?.InstanceType).toBe('m1.small');
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
  test.each([
    ['at the top', 'DryRum=true', 'DryRum'],
    ['in a structure', 'Placement.Zone=us-east-1a', 'Placement.Zone'],
    ['in a list', 'TagSpecification.1.Tag.one.Key=a', 'TagSpecification.1.Tag.one'],
    ['in a list of structures', 'TagSpecification.1.Tag.1.Name=a', 'TagSpecification.1.Tag.1.Name'],
    ['under a value', 'ImageId.1=a', 'ImageId.1'],
    ['named after the property of an object', '__proto__.x=1', '__proto__'],
  ])('refuses a parameter that it does not know %s', async (_, parameter, name) => {
    const { world, local } = ec2World();
    const { handle } = createGateway(world, [local.service]);
    const authorization = 'AWS4-HMAC-SHA256 Credential=K/20261120/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';
    const body = `Action=RunInstances&Version=2016-11-15&Timestamp=now&ImageId=${image}&MinCount=1&MaxCount=1&${parameter}`;
    const answer = await handle({ method: 'POST', path: '/', query: '', headers: { authorization }, body });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(`<Code>UnknownParameter</Code><Message>The parameter ${name} is not recognized</Message>`);
    expect([...local.list()]).toEqual([]);
  });

  test.each<[string, Partial<RunInstancesCommandInput>, string]>([
    ['a malformed image', { ImageId: 'ami-1' }, 'InvalidAMIID.Malformed'],
    ['no image', { ImageId: undefined }, 'MissingParameter'],
    ['an unknown type', { InstanceType: 't9.huge' as 't3.micro' }, 'InvalidParameterValue'],
    ['an unknown zone', { Placement: { AvailabilityZone: 'eu-west-1a' } }, 'InvalidParameterValue'],
    ['no instance', { MinCount: 0 }, 'InvalidParameterValue'],
    ['less at most than at least', { MinCount: 2, MaxCount: 1 }, 'InvalidParameterValue'],
    [
      'a reserved tag',
      { TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'aws:x', Value: 'y' }] }] },
      'InvalidParameterValue',
    ],
    ['tags on something else', { TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'x', Value: 'y' }] }] }, 'InvalidParameterValue'],
    ['a volume of no size', { BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 0 } }] }, 'InvalidParameterValue'],
    ['a template that is not there', { LaunchTemplate: { LaunchTemplateName: 'none' } }, 'InvalidLaunchTemplateName.NotFoundException'],
    ['a dry run', { DryRun: true }, 'DryRunOperation'],
  ])('refuses %s, and starts nothing', async (_, input, code) => {
    const aws = ec2World();
    expect(await refusal(run(aws, input))).toMatchObject({ code, status: code === 'DryRunOperation' ? 412 : 400 });
    expect([...aws.local.list()]).toEqual([]);
  });

  test('needs MinCount and MaxCount', async () => {
    expect(await refusal(run(ec2World(), { MinCount: undefined }))).toMatchObject({ code: 'MissingParameter' });
  });
});

// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
describe('a client token', () => {
  test('makes a repeated launch give the same instances, as they are by now', async () => {
    const aws = ec2World();
    const first = await run(aws, { ClientToken: 'once' });
    aws.advance(minute);
    const second = await run(aws, { ClientToken: 'once' });
    expect(second.ReservationId).toBe(first.ReservationId);
    expect(second.Instances?.map(({ InstanceId, State }) => [InstanceId, State?.Name])).toEqual([
      [first.Instances?.[0]?.InstanceId, 'running'],
    ]);
    expect([...aws.local.list()]).toHaveLength(1);
  });

  test('is not taken for another launch', async () => {
    const aws = ec2World();
    await run(aws, { ClientToken: 'once' });
    expect(await refusal(run(aws, { ClientToken: 'once', InstanceType: 't3.large' }))).toMatchObject({
      code: 'IdempotentParameterMismatch',
      status: 400,
    });
    expect(await refusal(run(aws, { ClientToken: 'x'.repeat(65) }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect([...aws.local.list()]).toHaveLength(1);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
describe('a launch fails', () => {
  test('where the zone has no capacity, and says where there is some; elsewhere it goes on', async () => {
    const aws = ec2World();
    const end = aws.local.faults['exhaust-zone']('us-east-1a');
    const { code, status, message } = await refusal(run(aws, { Placement: { AvailabilityZone: 'us-east-1a' } }));
    expect({ code, status }).toEqual({ code: 'InsufficientInstanceCapacity', status: 500 });
    expect(message).toContain('We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a)');
    expect(message).toContain('us-east-1b, us-east-1c');
    for (let i = 0; i < 10; i++) {
      const { Instances } = await run(aws);
      expect(Instances?.[0]?.Placement?.AvailabilityZone).not.toBe('us-east-1a');
    }
    end();
    await run(aws, { Placement: { AvailabilityZone: 'us-east-1a' } });
  });

  test('for the quota, of which a stopped instance takes nothing', async () => {
    const aws = ec2World();
    const end = aws.local.limitVcpus(5);
    const { Instances = [] } = await run(aws, { MinCount: 1, MaxCount: 9 });
    expect(Instances).toHaveLength(2);
    expect(await refusal(run(aws))).toMatchObject({ code: 'VcpuLimitExceeded', status: 400 });
    const spot = run(aws, { InstanceMarketOptions: { MarketType: 'spot' } });
    expect(await refusal(spot)).toMatchObject({ code: 'MaxSpotInstanceCountExceeded', status: 400 });
    aws.advance(2 * minute);
    const stopped = Instances[0]?.InstanceId ?? '';
    aws.local.shutDown(stopped, 'guest');
    aws.advance(2 * minute);
    await run(aws);
    const start = () => aws.client.send(new StartInstancesCommand({ InstanceIds: [stopped] }));
    expect(await refusal(start())).toMatchObject({ code: 'VcpuLimitExceeded' });
    expect(aws.local.get(stopped)?.state).toBe('stopped');
    end();
    await start();
    expect(aws.local.get(stopped)?.state).toBe('pending');
  });

  test('to start more stopped instances at once than the quota lets run', async () => {
    const aws = ec2World();
    const both = [aws.launch().id, aws.launch().id];
    aws.advance(minute);
    for (const id of both) aws.local.shutDown(id, 'guest');
    aws.advance(minute);
    aws.local.limitVcpus(3);
    expect(await refusal(aws.client.send(new StartInstancesCommand({ InstanceIds: both })))).toMatchObject({ code: 'VcpuLimitExceeded' });
    expect(both.map((id) => aws.local.get(id)?.state)).toEqual(['stopped', 'stopped']);
    await aws.client.send(new StartInstancesCommand({ InstanceIds: both.slice(0, 1) }));
  });

  test('for an image that is gone', async () => {
    const aws = ec2World();
    const end = aws.local.deregisterImage(image);
    expect(await refusal(run(aws))).toEqual({
      code: 'InvalidAMIID.NotFound',
      status: 400,
      message: `The image id '[${image}]' does not exist`,
    });
    expect(() => aws.launch()).toThrow('does not exist');
    end();
    await run(aws);
  });

  test('to start a stopped instance where the capacity is gone by then', async () => {
    const aws = ec2World();
    const { id } = aws.launch();
    aws.advance(minute);
    aws.local.shutDown(id, 'guest');
    aws.advance(minute);
    aws.local.faults['exhaust-zone']('us-east-1a');
    expect(await refusal(aws.client.send(new StartInstancesCommand({ InstanceIds: [id] })))).toMatchObject({
      code: 'InsufficientInstanceCapacity',
    });
    expect(aws.local.get(id)?.state).toBe('stopped');
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
describe('a launch template', () => {
  const withTemplate = async () => {
    const aws = ec2World();
    const { LaunchTemplate } = await aws.client.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: 'web',
        LaunchTemplateData: {
          ImageId: image,
          InstanceType: 'c5.large',
          TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'role', Value: 'web' }] }],
        },
      }),
    );
    return { aws, id: LaunchTemplate?.LaunchTemplateId ?? '' };
  };

  test('gives a launch what the call leaves out', async () => {
    const { aws, id } = await withTemplate();
    const { Instances } = await aws.client.send(
      new RunInstancesCommand({ LaunchTemplate: { LaunchTemplateId: id }, MinCount: 1, MaxCount: 1, KeyName: 'own' }),
    );
    expect(Instances?.[0]).toMatchObject({ ImageId: image, InstanceType: 'c5.large', KeyName: 'own' });
    expect(Instances?.[0]?.Tags).toContainEqual({ Key: 'role', Value: 'web' });
    const override = await run(aws, { LaunchTemplate: { LaunchTemplateName: 'web' }, InstanceType: 't3.nano' });
    expect(override.Instances?.[0]?.InstanceType).toBe('t3.nano');
  });

  test('has versions, of which the first is the default', async () => {
    const { aws, id } = await withTemplate();
    await aws.client.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: id,
        SourceVersion: '1',
        LaunchTemplateData: { InstanceType: 'm5.large' },
      }),
    );
    expect(aws.local.launchTemplate('web', '$Default')).toMatchObject({ id, version: 1, instanceType: 'c5.large' });
    expect(aws.local.launchTemplate(id, '$Latest')).toMatchObject({
      version: 2,
      instanceType: 'm5.large',
      imageId: image,
      tags: [{ key: 'role', value: 'web' }],
    });
    expect(aws.local.launchTemplate(id, '2')).toEqual(aws.local.launchTemplate(id, '$Latest'));
    for (const version of ['3', '0', '-1', '1e0', ' 1', 'latest']) expect(aws.local.launchTemplate(id, version)).toBeUndefined();
    expect(aws.local.launchTemplate('other', '1')).toBeUndefined();
    expect(await refusal(run(aws, { LaunchTemplate: { LaunchTemplateId: id, Version: '3' } }))).toMatchObject({
      code: 'InvalidLaunchTemplateId.VersionNotFound',
    });
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
  test('shows its versions, newest first, and has the default that it is given', async () => {
    const { aws, id } = await withTemplate();
    const add = (InstanceType: 'm5.large' | 't3.large') =>
      aws.client.send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateId: id,
          SourceVersion: '1',
          VersionDescription: InstanceType,
          LaunchTemplateData: { InstanceType },
        }),
      );
    expect((await add('m5.large')).LaunchTemplateVersion).toMatchObject({ VersionNumber: 2, DefaultVersion: false });
    await add('t3.large');
    const versions = async (input: Partial<DescribeLaunchTemplateVersionsCommandInput> = {}) => {
      const { LaunchTemplateVersions = [] } = await aws.client.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, ...input }),
      );
      return LaunchTemplateVersions.map(({ VersionNumber, DefaultVersion, LaunchTemplateData }) => [
        VersionNumber,
        DefaultVersion,
        LaunchTemplateData?.InstanceType,
      ]);
    };
    expect(await versions()).toEqual([
      [3, false, 't3.large'],
      [2, false, 'm5.large'],
      [1, true, 'c5.large'],
    ]);
    await aws.client.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '2' }));
    expect(await versions({ Versions: ['$Default', '$Latest'] })).toEqual([
      [2, true, 'm5.large'],
      [3, false, 't3.large'],
    ]);
    expect(await versions({ LaunchTemplateId: undefined, Versions: ['$Latest'] })).toEqual([[3, false, 't3.large']]);
    expect(await versions({ MinVersion: '2', MaxVersion: '2' })).toHaveLength(1);
    expect(aws.local.launchTemplate('web', '$Default')).toMatchObject({ version: 2 });
    expect((await run(aws, { LaunchTemplate: { LaunchTemplateId: id }, InstanceType: undefined })).Instances?.[0]?.InstanceType).toBe(
      'm5.large',
    );
    const paged = await aws.client.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, MaxResults: 2 }));
    expect(paged.LaunchTemplateVersions).toHaveLength(2);
    const rest = { LaunchTemplateId: id, MaxResults: 2, ...(paged.NextToken && { NextToken: paged.NextToken }) };
    expect(await versions(rest)).toEqual([[1, false, 'c5.large']]);
    const missing = { code: 'InvalidLaunchTemplateId.VersionNotFound', status: 400 };
    expect(await refusal(versions({ Versions: ['9'] }))).toMatchObject(missing);
    const modify = aws.client.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId: id, DefaultVersion: '9' }));
    expect(await refusal(modify)).toMatchObject(missing);
  });

  test('that is deleted launches nothing any more', async () => {
    const { aws, id } = await withTemplate();
    const { LaunchTemplate } = await aws.client.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: 'web' }));
    expect(LaunchTemplate?.LaunchTemplateId).toBe(id);
    expect(await refusal(run(aws, { LaunchTemplate: { LaunchTemplateId: id } }))).toMatchObject({
      code: 'InvalidLaunchTemplateId.NotFound',
    });
    expect(aws.local.launchTemplate('web', '1')).toBeUndefined();
  });

  test('is described by id, by name and by filter, and its name is taken', async () => {
    const { aws, id } = await withTemplate();
    const describeTemplates = async (input: ConstructorParameters<typeof DescribeLaunchTemplatesCommand>[0]) =>
      (await aws.client.send(new DescribeLaunchTemplatesCommand(input ?? {}))).LaunchTemplates?.map(
        ({ LaunchTemplateId }) => LaunchTemplateId,
      );
    expect(await describeTemplates({ LaunchTemplateIds: [id] })).toEqual([id]);
    expect(await describeTemplates({ LaunchTemplateNames: ['web'] })).toEqual([id]);
    expect(await describeTemplates({ Filters: [{ Name: 'launch-template-name', Values: ['db'] }] })).toEqual([]);
    expect(await refusal(describeTemplates({ LaunchTemplateIds: ['lt-0ffffffffffffffff'] }))).toMatchObject({
      code: 'InvalidLaunchTemplateId.NotFound',
    });
    const again = aws.client.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', LaunchTemplateData: { ImageId: image } }));
    expect(await refusal(again)).toMatchObject({ code: 'InvalidLaunchTemplateName.AlreadyExistsException' });
  });
});

describe('a launch by another service', () => {
  test('is marked as a member of its group from its first moment on', async () => {
    const aws = ec2World();
    const member = aws.launch({ groupName: 'web', launchTemplateId: 'lt-0123456789abcdef0' });
    expect(member.groupName).toBe('web');
    aws.advance(minute);
    const { Reservations } = await aws.client.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: ['web'] }] }),
    );
    expect(Reservations?.[0]?.Instances?.[0]?.InstanceId).toBe(member.id);
    aws.local.setGroupName(member.id, null);
    expect(aws.local.get(member.id)?.groupName).toBeNull();
  });

  test('refuses a disk that the type does not have', () => {
    expect(() => ec2World().launch({ instanceStore: true })).toThrow('has no instance store');
    expect(ec2World().launch({ instanceStore: true, instanceType: 'm5d.large' }).state).toBe('pending');
  });
});
