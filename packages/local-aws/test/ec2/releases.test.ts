import { CreateAutoScalingGroupCommand, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  RebootInstancesCommand,
  type RequestLaunchTemplateData,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../src/core/faults.ts';
import { createLocalAws, type LocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';
import { image, minute } from './world.ts';

let local: LocalAws | undefined;
afterEach(() => local?.close());

/** An account with a launch template `web-template` and, once it is asked for, a group `web` that launches its latest version. */
const releaseWorld = async (data: RequestLaunchTemplateData = {}) => {
  const aws = createLocalAws(worldOptions);
  local = aws;
  const clients = localClients(aws.handle);
  const { ec2, autoScaling } = clients;
  const template = { LaunchTemplateName: 'web-template' };
  await ec2.send(
    new CreateLaunchTemplateCommand({ ...template, LaunchTemplateData: { ImageId: image, InstanceType: 'm5.large', ...data } }),
  );
  return {
    aws,
    ...clients,
    advance: (milliseconds: number) => aws.advanceTo(aws.world.clock.now() + milliseconds),
    newVersion: () =>
      ec2.send(
        new CreateLaunchTemplateVersionCommand({ ...template, SourceVersion: '1', LaunchTemplateData: { InstanceType: 'm5.xlarge' } }),
      ),
    launch: () => ec2.send(new RunInstancesCommand({ LaunchTemplate: template, MinCount: 1, MaxCount: 1 })),
    group: (desired: number) =>
      autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: 'web',
          LaunchTemplate: { ...template, Version: '$Latest' },
          MinSize: 0,
          MaxSize: 9,
          DesiredCapacity: desired,
          AvailabilityZones: ['us-east-1a'],
        }),
      ),
    resize: (DesiredCapacity: number) =>
      autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: 'web', DesiredCapacity })),
    ages: () => [...aws.ec2.list()].map(({ launchedAt }) => aws.world.clock.now() - launchedAt),
    hung: () => [...aws.ec2.list()].filter(({ state, reachable }) => state === 'running' && !reachable).map(({ id }) => id),
    members: () => [...aws.ec2.list()].map(({ id }) => id),
  };
};

describe('a bad release', () => {
  test('hangs what is launched from it so long after its launch, and again after a reboot; what was there before is well', async () => {
    const world = await releaseWorld();
    await world.group(1);
    await world.advance(10 * minute);
    const [old] = world.members();
    world.aws.faults.inject({ fault: 'bad-release', target: 'web', after: 480 });
    await world.resize(2);
    await world.advance(2 * minute);
    const young = world.members().find((id) => id !== old) ?? '';
    const launchedAt = world.aws.ec2.get(young)?.launchedAt ?? 0;
    await world.aws.advanceTo(launchedAt + 8 * minute - 1000);
    expect(world.hung()).toEqual([]);
    await world.aws.advanceTo(launchedAt + 8 * minute + 1000);
    expect(world.hung()).toEqual([young]);
    await world.ec2.send(new RebootInstancesCommand({ InstanceIds: [young] }));
    await world.aws.advanceTo(launchedAt + 15 * minute);
    expect(world.hung()).toEqual([]);
    await world.aws.advanceTo(launchedAt + 25 * minute);
    expect(world.hung().includes(young) || world.aws.ec2.get(young)?.state !== 'running').toBe(true);
  });

  test('is one version of a template, where it is said to be', async () => {
    const world = await releaseWorld();
    await world.newVersion();
    world.aws.faults.inject({ fault: 'bad-release', target: 'web-template', version: 1, after: 60 });
    await world.group(1);
    await world.advance(10 * minute);
    expect(world.hung()).toEqual([]);
    world.aws.faults.inject({ fault: 'bad-release', target: 'web-template', version: 2, after: 60 });
    await world.resize(2);
    await world.advance(4 * minute);
    expect(world.hung()).toHaveLength(1);
  });

  test('that is withdrawn hangs nothing any more', async () => {
    const world = await releaseWorld();
    const fault = world.aws.faults.inject({ fault: 'bad-release', target: 'web-template', after: 480 });
    await world.launch();
    await world.advance(5 * minute);
    world.aws.faults.end(fault);
    await world.advance(20 * minute);
    expect(world.hung()).toEqual([]);
  });

  test('may shut its instances down instead', async () => {
    const world = await releaseWorld();
    world.aws.faults.inject({ fault: 'bad-release', target: 'web-template', after: 120, kind: 'shut-down' });
    await world.launch();
    await world.advance(3 * minute);
    const { Reservations } = await world.ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations?.[0]?.Instances?.[0]).toMatchObject({ StateReason: { Code: 'Client.InstanceInitiatedShutdown' } });
  });

  test.each<[string, Fault]>([
    ['a group or template', { fault: 'bad-release', target: 'none', after: 1 }],
    ['a version', { fault: 'bad-release', target: 'web-template', version: 7, after: 1 }],
    ['an instance', { fault: 'slow-boot', target: 'i-0ffffffffffffffff', boot: 1 }],
  ])('of %s that there is not is a mistake', async (_, fault) => {
    const { aws } = await releaseWorld();
    expect(() => aws.faults.inject(fault)).toThrow(RangeError);
    expect(aws.faults.active()).toEqual([]);
  });
});

test('a slow boot takes as long as it is told to run and to answer, and ends with the fault', async () => {
  const world = await releaseWorld();
  const fault = world.aws.faults.inject({ fault: 'slow-boot', target: 'web-template', pending: 120, boot: 600 });
  await world.launch();
  await world.advance(minute);
  const [id = ''] = world.members();
  const launchedAt = world.aws.ec2.get(id)?.launchedAt ?? 0;
  const at = async (seconds: number) => {
    await world.aws.advanceTo(launchedAt + seconds * 1000);
    const { state, reachable } = world.aws.ec2.get(id) ?? {};
    return [state, reachable];
  };
  expect(await at(119)).toEqual(['pending', false]);
  expect(await at(121)).toEqual(['running', false]);
  expect(await at(719)).toEqual(['running', false]);
  expect(await at(721)).toEqual(['running', true]);
  world.aws.faults.end(fault);
  await world.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
  await world.advance(2 * minute);
  expect(world.aws.ec2.get(id)?.reachable).toBe(true);
});

describe("a group's launch", () => {
  const BlockDeviceMappings = [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 30, VolumeType: 'gp3' as const } }];

  test('has what its template says of volumes, addresses and recovery, and the version in its tags', async () => {
    const world = await releaseWorld({
      BlockDeviceMappings,
      NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false }],
      MaintenanceOptions: { AutoRecovery: 'disabled' },
    });
    await world.group(1);
    await world.advance(2 * minute);
    const { Reservations } = await world.ec2.send(new DescribeInstancesCommand({}));
    const instance = Reservations?.[0]?.Instances?.[0];
    expect(instance).toMatchObject({ MaintenanceOptions: { AutoRecovery: 'disabled' } });
    expect(instance?.BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/xvda', '/dev/sdb']);
    expect(instance?.PublicIpAddress).toBeUndefined();
    expect(instance?.Tags).toContainEqual({ Key: 'aws:ec2launchtemplate:version', Value: '1' });
  });

  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
  test("with a volume under a customer's key needs the key's policy to name Auto Scaling's role", async () => {
    const world = await releaseWorld();
    const { KeyMetadata } = await world.kms.send(new CreateKeyCommand({}));
    const [mapping] = BlockDeviceMappings;
    const Ebs = { ...mapping?.Ebs, Encrypted: true, KmsKeyId: KeyMetadata?.Arn };
    await world.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateName: 'web-template',
        SourceVersion: '1',
        LaunchTemplateData: { BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs }] },
      }),
    );
    await world.group(1);
    await world.advance(minute);
    const { Reservations = [] } = await world.ec2.send(new DescribeInstancesCommand({}));
    expect(Reservations[0]?.Instances?.[0]).toMatchObject({ State: { Name: 'terminated' }, StateReason: { Code: 'Client.InternalError' } });
    const role = 'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    const statement = (AWS: string, Action: string) => ({ Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' });
    const Statement = [statement('arn:aws:iam::123456789012:root', 'kms:*'), statement(role, 'kms:CreateGrant')];
    await world.kms.send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy: JSON.stringify({ Statement }) }));
    await world.advance(30 * minute);
    expect([...world.aws.ec2.list()].some(({ state }) => state === 'running')).toBe(true);
    const { Volumes } = await world.ec2.send(new DescribeVolumesCommand({ Filters: [{ Name: 'encrypted', Values: ['true'] }] }));
    expect(Volumes?.every(({ KmsKeyId }) => KmsKeyId === KeyMetadata?.Arn)).toBe(true);
  });
});

test('a shutdown by itself is told apart from one by EC2', async () => {
  const world = await releaseWorld();
  await world.group(2);
  await world.advance(2 * minute);
  const [one = '', two = ''] = world.members();
  world.aws.faults.inject({ fault: 'shut-down', target: one });
  world.aws.faults.inject({ fault: 'shut-down', target: two, by: 'service' });
  expect([one, two].map((id) => world.aws.ec2.get(id)?.stateReason?.code)).toEqual([
    'Client.InstanceInitiatedShutdown',
    'Server.InternalError',
  ]);
});
