import { RebootInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, type DescribeInstanceInformationCommandInput } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const setUp = () => {
  const aws = createLocalAws({ ...worldOptions, throttle: 'off' });
  const { ssm, ec2 } = localClients(aws.handle);
  const { clock } = aws.world;
  const pass = (seconds: number) => clock.advanceTo(clock.now() + seconds * 1000);
  const launch = (team: string) =>
    aws.ec2.launch({
      imageId: 'ami-0123456789abcdef0',
      instanceType: 't3.micro',
      availabilityZone: 'us-east-1a',
      tags: [{ key: 'team', value: team }],
    }).id;
  const id = launch('web');
  const list = async (input: DescribeInstanceInformationCommandInput = {}) =>
    (await ssm.send(new DescribeInstanceInformationCommand(input))).InstanceInformationList ?? [];
  const ping = async () => (await list({ Filters: [{ Key: 'InstanceIds', Values: [id] }] }))[0];
  return { aws, ssm, ec2, clock, pass, launch, id, list, ping };
};

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html
describe('managed instances', () => {
  test('are listed once they have booted, and are online', async () => {
    const { id, list, ping, pass, clock } = setUp();
    expect(await list()).toEqual([]);
    pass(600);
    expect(await ping()).toMatchObject({ InstanceId: id, PingStatus: 'Online', ResourceType: 'EC2Instance', PlatformType: 'Linux' });
    const at = (await ping())?.LastPingDateTime?.getTime() ?? Number.NaN;
    expect(clock.now() - at).toBeLessThanOrEqual(300_000);
  });

  test('lose their connection some minutes after the agent or the guest died', async () => {
    const { aws, id, ping, pass, clock } = setUp();
    pass(600);
    const died = clock.now();
    const fault = aws.faults.inject({ fault: 'lose-agent', target: id });
    pass(299);
    expect((await ping())?.PingStatus).toBe('Online');
    pass(1);
    expect((await ping())?.PingStatus).toBe('ConnectionLost');
    pass(3600);
    expect((await ping())?.LastPingDateTime?.getTime()).toBeLessThanOrEqual(died);
    aws.faults.end(fault);
    expect((await ping())?.PingStatus).toBe('Online');
    const mend = aws.ec2.faults['hang-kernel'](id);
    pass(301);
    expect((await ping())?.PingStatus).toBe('ConnectionLost');
    mend();
    expect((await ping())?.PingStatus).toBe('Online');
  });

  test('stay online over a reboot, and lose their connection when they are stopped', async () => {
    const { ec2, id, ping, pass } = setUp();
    pass(600);
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    for (let i = 0; i < 20; i++) {
      pass(10);
      expect((await ping())?.PingStatus).toBe('Online');
    }
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    pass(400);
    expect((await ping())?.PingStatus).toBe('ConnectionLost');
  });

  test('are not listed where they have no agent, or are gone', async () => {
    const { aws, id, list, launch, pass } = setUp();
    const other = launch('db');
    pass(600);
    aws.faults.inject({ fault: 'lose-agent', target: id, registered: false });
    expect((await list()).map(({ InstanceId }) => InstanceId)).toEqual([other]);
    aws.ec2.terminate(other, 'user');
    expect(await list()).toEqual([]);
  });

  test('are filtered in both ways, and told page by page', async () => {
    const { aws, ssm, id, list, launch, pass } = setUp();
    const others = Array.from({ length: 6 }, () => launch('db'));
    pass(600);
    aws.ec2.faults['hang-kernel'](id);
    pass(600);
    const ids = async (input: DescribeInstanceInformationCommandInput) => (await list(input)).map(({ InstanceId }) => InstanceId);
    expect(await ids({ InstanceInformationFilterList: [{ key: 'InstanceIds', valueSet: [id] }] })).toEqual([id]);
    expect(await ids({ InstanceInformationFilterList: [{ key: 'PingStatus', valueSet: ['ConnectionLost'] }] })).toEqual([id]);
    expect(await ids({ Filters: [{ Key: 'PingStatus', Values: ['Online'] }] })).toEqual(others);
    expect(await ids({ Filters: [{ Key: 'tag:team', Values: ['web'] }] })).toEqual([id]);
    expect(await ids({ Filters: [{ Key: 'tag-key', Values: ['team'] }] })).toHaveLength(7);
    expect(await ids({ Filters: [{ Key: 'InstanceIds', Values: ['i-0aaaaaaaaaaaaaaaa'] }] })).toEqual([]);
    const first = await ssm.send(new DescribeInstanceInformationCommand({ MaxResults: 5 }));
    expect(first.InstanceInformationList).toHaveLength(5);
    expect(await ids({ MaxResults: 5, NextToken: first.NextToken })).toHaveLength(2);
  });

  test.each<[DescribeInstanceInformationCommandInput, string]>([
    [{ MaxResults: 4 }, 'ValidationException'],
    [{ NextToken: 'nonsense' }, 'InvalidNextToken'],
    [{ Filters: [{ Key: 'Colour', Values: ['red'] }] }, 'InvalidFilterKey'],
    [{ Filters: [{ Key: 'InstanceIds', Values: ['web'] }] }, 'InvalidInstanceInformationFilterValue'],
    [
      {
        Filters: [{ Key: 'PingStatus', Values: ['Online'] }],
        InstanceInformationFilterList: [{ key: 'PingStatus', valueSet: ['Online'] }],
      },
      'ValidationException',
    ],
    [
      {
        Filters: [
          { Key: 'PingStatus', Values: ['Online'] },
          { Key: 'tag:team', Values: ['web'] },
        ],
      },
      'ValidationException',
    ],
  ])('refuse case %#', async (input, code) => {
    const { list, pass } = setUp();
    pass(600);
    expect(await refusal(list(input))).toMatchObject({ code, status: 400 });
  });
});
