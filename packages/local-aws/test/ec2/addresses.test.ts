import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  type AssociateAddressCommandInput,
  CreateTagsCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  DisassociateAddressCommand,
  ModifySubnetAttributeCommand,
  ReleaseAddressCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../src/core/random.ts';
import { createNetwork } from '../../src/services/ec2/model/network.ts';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const look = async ({ client }: Ec2World, id: string) => {
  const { Reservations } = await client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const instance = Reservations?.[0]?.Instances?.[0];
  return { ip: instance?.PublicIpAddress, association: instance?.NetworkInterfaces?.[0]?.Association, instance };
};

const settle = (aws: Ec2World, id: string, state: string) => {
  aws.until(() => aws.local.get(id)?.state === state);
  aws.advance(5000);
};

const stop = async (aws: Ec2World, id: string) => {
  await aws.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  settle(aws, id, 'stopped');
};

const start = async (aws: Ec2World, id: string) => {
  await aws.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
  settle(aws, id, 'running');
};

const running = async (aws: Ec2World, input: Parameters<Ec2World['run']>[0] = {}): Promise<string> => {
  const [id = ''] = await aws.run(input);
  settle(aws, id, 'running');
  return id;
};

const allocate = async ({ client }: Ec2World) => {
  const { AllocationId = '', PublicIp = '' } = await client.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  return { AllocationId, PublicIp };
};

const associate = ({ client }: Ec2World, input: AssociateAddressCommandInput) => client.send(new AssociateAddressCommand(input));

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
describe('a public address that AWS lends', () => {
  test('is taken back at a stop, and is another one after the start', async () => {
    const aws = ec2World();
    const id = await running(aws);
    const before = await look(aws, id);
    expect(before.association).toEqual({
      IpOwnerId: 'amazon',
      PublicIp: before.ip,
      PublicDnsName: `ec2-${before.ip?.replaceAll('.', '-')}.compute-1.amazonaws.com`,
    });
    expect(before.instance?.PublicDnsName).toBe(before.association?.PublicDnsName);
    await stop(aws, id);
    expect(await look(aws, id)).toMatchObject({ ip: undefined, association: undefined });
    await start(aws, id);
    const after = await look(aws, id);
    expect(after.ip).toMatch(/^198\.1[89]\./);
    expect(after.ip).not.toBe(before.ip);
    expect(after.instance?.PrivateIpAddress).toBe(before.instance?.PrivateIpAddress);
  });

  test("comes where the launch asks for it, and else where the subnet's setting says so", async () => {
    const aws = ec2World();
    const { Subnets } = await aws.client.send(new DescribeSubnetsCommand({}));
    const SubnetId = Subnets?.[0]?.SubnetId ?? '';
    const ipOf = async (AssociatePublicIpAddress?: boolean) => {
      const own = AssociatePublicIpAddress === undefined ? {} : { AssociatePublicIpAddress };
      return (await look(aws, await running(aws, { NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, ...own }] }))).ip;
    };
    expect([await ipOf(), await ipOf(false)]).toEqual([expect.any(String), undefined]);
    await aws.client.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: false } }));
    expect([await ipOf(), await ipOf(true)]).toEqual([undefined, expect.any(String)]);
    const after = await aws.client.send(new DescribeSubnetsCommand({ SubnetIds: [SubnetId] }));
    expect(after.Subnets).toMatchObject([{ MapPublicIpOnLaunch: false, AvailableIpAddressCount: 4091 - 4 }]);
    const other = new ModifySubnetAttributeCommand({ SubnetId, EnableDns64: { Value: true } });
    expect(await refusal(aws.client.send(other))).toMatchObject({ code: 'InvalidParameterCombination' });
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
describe('an elastic address', () => {
  test('stays over a stop and start, and shows the account as its owner', async () => {
    const aws = ec2World();
    const id = await running(aws);
    const { AllocationId, PublicIp } = await allocate(aws);
    const { AssociationId } = await associate(aws, { AllocationId, InstanceId: id });
    aws.advance(5000);
    for (const change of [stop, start, async () => {}]) {
      const { ip, association } = await look(aws, id);
      expect([ip, association?.IpOwnerId]).toEqual([PublicIp, '123456789012']);
      await change(aws, id);
    }
    const { Addresses } = await aws.client.send(new DescribeAddressesCommand({ Filters: [{ Name: 'instance-id', Values: [id] }] }));
    expect(Addresses).toMatchObject([{ AllocationId, AssociationId, PublicIp, InstanceId: id, Domain: 'vpc' }]);
  });

  test('leaves the instance with one that AWS lends when it goes, and can be released only then', async () => {
    const aws = ec2World();
    const id = await running(aws);
    const { AllocationId, PublicIp } = await allocate(aws);
    const { AssociationId } = await associate(aws, { AllocationId, InstanceId: id });
    const release = () => aws.client.send(new ReleaseAddressCommand({ AllocationId }));
    expect(await refusal(release())).toMatchObject({ code: 'InvalidIPAddress.InUse', status: 400 });
    await aws.client.send(new DisassociateAddressCommand({ AssociationId }));
    aws.advance(5000);
    const { ip, association } = await look(aws, id);
    expect(association?.IpOwnerId).toBe('amazon');
    expect(ip).not.toBe(PublicIp);
    await release();
    expect(await refusal(release())).toMatchObject({ code: 'InvalidAllocationID.NotFound' });
    expect((await aws.client.send(new DescribeAddressesCommand({}))).Addresses).toEqual([]);
  });

  test('moves to another instance, by its interface too, unless the call says that it must not', async () => {
    const aws = ec2World();
    const [one, two] = [await running(aws), await running(aws)];
    const { AllocationId, PublicIp } = await allocate(aws);
    const first = await associate(aws, { AllocationId, InstanceId: one });
    expect((await associate(aws, { AllocationId, InstanceId: one })).AssociationId).toBe(first.AssociationId);
    const NetworkInterfaceId = (await look(aws, two)).instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? '';
    expect(NetworkInterfaceId).toMatch(/^eni-[0-9a-f]{17}$/);
    expect(await refusal(associate(aws, { AllocationId, NetworkInterfaceId, AllowReassociation: false }))).toMatchObject({
      code: 'Resource.AlreadyAssociated',
    });
    await associate(aws, { AllocationId, NetworkInterfaceId });
    aws.advance(5000);
    expect((await look(aws, two)).ip).toBe(PublicIp);
    expect((await look(aws, one)).association?.IpOwnerId).toBe('amazon');
  });

  test('outlives its instance', async () => {
    const aws = ec2World();
    const id = await running(aws);
    const { AllocationId, PublicIp } = await allocate(aws);
    await associate(aws, { AllocationId, InstanceId: id });
    aws.local.terminate(id, 'user');
    settle(aws, id, 'terminated');
    const { Addresses } = await aws.client.send(new DescribeAddressesCommand({ PublicIps: [PublicIp] }));
    expect(Addresses?.[0]).toMatchObject({ AllocationId });
    expect(Addresses?.[0]?.AssociationId).toBeUndefined();
    expect((await look(aws, id)).ip).toBeUndefined();
  });

  test('has tags', async () => {
    const aws = ec2World();
    const { AllocationId } = await allocate(aws);
    await aws.client.send(new CreateTagsCommand({ Resources: [AllocationId], Tags: [{ Key: 'Name', Value: 'front' }] }));
    const { Addresses } = await aws.client.send(new DescribeAddressesCommand({ Filters: [{ Name: 'tag:Name', Values: ['front'] }] }));
    expect(Addresses).toHaveLength(1);
  });

  test.each<[string, AssociateAddressCommandInput, string]>([
    ['an allocation that is not there', { AllocationId: 'eipalloc-0ffffffffffffffff', InstanceId: 'i' }, 'InvalidAllocationID.NotFound'],
    ['nothing', { InstanceId: 'i' }, 'MissingParameter'],
    ['no target', { AllocationId: 'own' }, 'InvalidParameterCombination'],
    ['an unknown instance', { AllocationId: 'own', InstanceId: 'i-0ffffffffffffffff' }, 'InvalidInstanceID.NotFound'],
    ['an unknown interface', { AllocationId: 'own', NetworkInterfaceId: 'eni-0ffffffffffffffff' }, 'InvalidNetworkInterfaceID.NotFound'],
    ['a dry run', { AllocationId: 'own', InstanceId: 'own', DryRun: true }, 'DryRunOperation'],
  ])('is not associated: %s', async (_, input, code) => {
    const aws = ec2World();
    const own = { AllocationId: (await allocate(aws)).AllocationId, InstanceId: await running(aws) };
    const filled = Object.fromEntries(
      Object.entries(input).map(([key, value]) => [key, value === 'own' ? own[key as keyof typeof own] : value]),
    );
    expect(await refusal(associate(aws, filled))).toMatchObject({ code });
    expect((await look(aws, own.InstanceId)).association?.IpOwnerId).toBe('amazon');
  });
});

// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
describe('private addresses', () => {
  const zone = { name: 'us-east-1b', id: 'use1-az2', subnetId: 'subnet-0', subnetIndex: 1, mapsPublicIp: true, dark: 0, exhausted: 0 };

  test("lie in their instance's subnet", async () => {
    const aws = ec2World();
    const { Subnets = [] } = await aws.client.send(new DescribeSubnetsCommand({}));
    expect(Subnets.map(({ CidrBlock }) => CidrBlock)).toEqual(['172.31.0.0/20', '172.31.16.0/20', '172.31.32.0/20']);
    for (const [i, { AvailabilityZone }] of Subnets.entries()) {
      const { instance } = await look(aws, await running(aws, { Placement: { AvailabilityZone } }));
      expect(instance?.PrivateIpAddress).toBe(`172.31.${16 * i}.4`);
      expect(instance?.PrivateDnsName).toBe(`ip-172-31-${16 * i}-4.ec2.internal`);
    }
  });

  test("are all of a subnet but AWS's five, and none is given twice until it is given back", () => {
    const network = createNetwork();
    const given = Array.from({ length: 4091 }, () => network.takePrivate(zone));
    expect(new Set(given).size).toBe(4091);
    expect([given[0], given.at(-1)]).toEqual(['172.31.16.4', '172.31.31.254']);
    expect(() => network.checkFree(zone, 1)).toThrow('does not have enough free addresses');
    network.givePrivateBack(zone, '172.31.20.7');
    network.checkFree(zone, 1);
    expect(network.takePrivate(zone)).toBe('172.31.20.7');
  });

  test('are refused at the launch where a subnet has none left', async () => {
    const aws = ec2World();
    for (let i = 0; i < 4091; i++) aws.launch({ instanceType: 't3.nano' });
    const spent = aws.client.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'available-ip-address-count', Values: ['0'] }] }));
    expect((await spent).Subnets).toHaveLength(1);
    expect(() => aws.launch()).toThrow('does not have enough free addresses');
    aws.launch({ availabilityZone: 'us-east-1b' });
  });

  test('that are public are never two instances at once', () => {
    const network = createNetwork();
    const first = network.takePublic(createRandom(1));
    expect(network.takePublic(createRandom(1))).not.toBe(first);
    network.givePublicBack(first);
    expect(network.takePublic(createRandom(1))).toBe(first);
  });
});

test('addresses of one world are not shifted by elastic ones', async () => {
  const launchAfter = async (elastic: boolean) => {
    const aws = ec2World();
    if (elastic) await allocate(aws);
    aws.advance(minute);
    return aws.launch().id;
  };
  expect(await launchAfter(true)).toBe(await launchAfter(false));
});
