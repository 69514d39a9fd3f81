import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  AttachVolumeCommand,
  CreateVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyInstanceMaintenanceOptionsCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

const principal = 'eks.amazonaws.com';

const managed = async () => {
  const aws = ec2World();
  const [id = ''] = await aws.run({ Operator: { Principal: principal }, Placement: { AvailabilityZone: 'us-east-1a' } });
  aws.advance(5 * minute);
  const describeOne = async () => {
    const { Reservations } = await aws.client.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  return { aws, id, describeOne };
};

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html
describe('an instance that a service manages', () => {
  test('names its operator, and is found by it', async () => {
    const { aws, id, describeOne } = await managed();
    const [other] = await aws.run();
    expect((await describeOne())?.Operator).toEqual({ Managed: true, Principal: principal });
    const ids = async (Name: string, value: string) => {
      const answer = await aws.client.send(new DescribeInstancesCommand({ Filters: [{ Name, Values: [value] }] }));
      return answer.Reservations?.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
    };
    expect(await ids('operator.managed', 'true')).toEqual([id]);
    expect(await ids('operator.managed', 'false')).toEqual([other]);
    expect(await ids('operator.principal', principal)).toEqual([id]);
  });

  test.each<[string, (client: EC2Client, id: string) => Promise<unknown>]>([
    ['rebooted', (client, id) => client.send(new RebootInstancesCommand({ InstanceIds: [id] }))],
    ['stopped', (client, id) => client.send(new StopInstancesCommand({ InstanceIds: [id] }))],
    ['started', (client, id) => client.send(new StartInstancesCommand({ InstanceIds: [id] }))],
    ['terminated', (client, id) => client.send(new TerminateInstancesCommand({ InstanceIds: [id] }))],
    ['stopped in a dry run', (client, id) => client.send(new StopInstancesCommand({ InstanceIds: [id], DryRun: true }))],
    ['changed', (client, id) => client.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiStop: { Value: true } }))],
    [
      'kept from recovery',
      (client, id) => client.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' })),
    ],
    [
      'given an address',
      async (client, id) => {
        const { AllocationId } = await client.send(new AllocateAddressCommand({}));
        return client.send(new AssociateAddressCommand({ AllocationId, InstanceId: id }));
      },
    ],
  ])('is not %s by anybody else', async (_, call) => {
    const { aws, id, describeOne } = await managed();
    const before = await describeOne();
    const refused = await refusal(call(aws.client, id));
    expect(refused).toMatchObject({ code: 'UnauthorizedOperation', status: 403 });
    expect(await describeOne()).toEqual(before);
  });

  test('keeps its volumes', async () => {
    const { aws, id } = await managed();
    const { VolumeId } = await aws.client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
    aws.advance(minute);
    const attach = aws.client.send(new AttachVolumeCommand({ VolumeId, InstanceId: id, Device: '/dev/sdf' }));
    expect(await refusal(attach)).toMatchObject({ code: 'UnauthorizedOperation', status: 403 });
    aws.local.setOperator(id, null);
    await aws.client.send(new AttachVolumeCommand({ VolumeId, InstanceId: id, Device: '/dev/sdf' }));
    aws.advance(minute);
    aws.local.setOperator(id, principal);
    expect(await refusal(aws.client.send(new DetachVolumeCommand({ VolumeId })))).toMatchObject({ code: 'UnauthorizedOperation' });
    expect((await aws.client.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId ?? ''] }))).Volumes?.[0]?.State).toBe('in-use');
  });

  test('is changed by its operator', async () => {
    const { aws, id } = await managed();
    const { ec2 } = localClients(createGateway(aws.world, [aws.local.service]).handle, { accessKeyId: principal });
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(aws.local.get(id)?.state).toBe('stopping');
  });

  test('has an operator that is a service', async () => {
    const aws = ec2World();
    expect(await refusal(aws.run({ Operator: { Principal: 'ana' } }))).toMatchObject({ code: 'InvalidParameterValue' });
  });
});
