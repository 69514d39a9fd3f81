import { DescribeAvailabilityZonesCommand, DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { createLocalOrganization, inProcess } from '../../src/index.ts';

const accounts = ['111111111111', '222222222222', '333333333333'];

test('each account has names of its own for the zones, and only their ids are the same', async () => {
  const org = createLocalOrganization({ seed: 1, start: Date.UTC(2026, 0, 5), accounts, regions: ['us-east-1'] });
  const clientOf = (account: string) =>
    new EC2Client({
      ...{ region: 'us-east-1', endpoint: 'http://local', requestHandler: inProcess(org.handle) },
      credentials: { accessKeyId: account, secretAccessKey: 'local' },
    } as object);
  const zonesOf = async (account: string) => {
    const { AvailabilityZones = [] } = await clientOf(account).send(new DescribeAvailabilityZonesCommand({}));
    return AvailabilityZones.map(({ ZoneName, ZoneId }) => `${ZoneName}: ${ZoneId}`);
  };
  expect(await Promise.all(accounts.map(zonesOf))).toEqual([
    ['us-east-1a: use1-az1', 'us-east-1b: use1-az2', 'us-east-1c: use1-az3'],
    ['us-east-1a: use1-az2', 'us-east-1b: use1-az3', 'us-east-1c: use1-az1'],
    ['us-east-1a: use1-az3', 'us-east-1b: use1-az1', 'us-east-1c: use1-az2'],
  ]);
  const ec2 = clientOf('222222222222');
  const launch = { ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone: 'us-east-1a' } };
  const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ...launch, InstanceType: 'm7i.large' }));
  await org.advanceTo(Date.UTC(2026, 0, 5) + 60_000);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [Instances[0]?.InstanceId ?? ''] }));
  expect(Reservations[0]?.Instances?.[0]?.Placement).toMatchObject({ AvailabilityZone: 'us-east-1a', AvailabilityZoneId: 'use1-az2' });
});
