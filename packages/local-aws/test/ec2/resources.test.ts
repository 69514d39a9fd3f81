import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstanceAttributeCommand,
  DescribeTagsCommand,
  type DescribeTagsCommandInput,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeCommandInput,
  ModifyInstanceMaintenanceOptionsCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

const withInstance = async () => {
  const aws = ec2World();
  const [id = ''] = await aws.run({
    BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 100, DeleteOnTermination: false } }],
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  });
  aws.advance(5 * minute);
  const { Volumes = [] } = await aws.client.send(new DescribeVolumesCommand({}));
  return { ...aws, id, volumes: Volumes };
};

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html and …/API_DeleteTags.html
describe('tags', () => {
  const tagsOf = async ({ client }: Awaited<ReturnType<typeof withInstance>>, input: DescribeTagsCommandInput = {}) =>
    ((await client.send(new DescribeTagsCommand(input))).Tags ?? []).map(({ ResourceId, Key, Value }) => [ResourceId, Key, Value]);

  test('are added to instances and volumes, or replaced', async () => {
    const aws = await withInstance();
    const volume = aws.volumes[1]?.VolumeId ?? '';
    await aws.client.send(
      new CreateTagsCommand({
        Resources: [aws.id, volume],
        Tags: [
          { Key: 'Name', Value: 'db' },
          { Key: 'selfheal', Value: 'on' },
        ],
      }),
    );
    aws.advance(5000);
    expect(await tagsOf(aws)).toEqual([
      [aws.id, 'Name', 'db'],
      [aws.id, 'selfheal', 'on'],
      [volume, 'Name', 'db'],
      [volume, 'selfheal', 'on'],
    ]);
    expect(aws.local.get(aws.id)?.tags.get('selfheal')).toBe('on');
    expect(
      await tagsOf(aws, {
        Filters: [
          { Name: 'resource-type', Values: ['volume'] },
          { Name: 'key', Values: ['self*'] },
        ],
      }),
    ).toEqual([[volume, 'selfheal', 'on']]);
    expect(
      await tagsOf(aws, {
        Filters: [
          { Name: 'tag:Name', Values: ['d?'] },
          { Name: 'resource-id', Values: [aws.id] },
        ],
      }),
    ).toEqual([[aws.id, 'Name', 'db']]);
  });

  test('are deleted by key, by key and value, or all but the reserved ones', async () => {
    const aws = await withInstance();
    aws.local.setGroupName(aws.id, 'group');
    const keysAfter = async (call: Promise<unknown>) => {
      await call;
      return [...(aws.local.get(aws.id)?.tags.keys() ?? [])].sort();
    };
    const Resources = [aws.id];
    const tag = (Key: string, Value?: string) => (Value === undefined ? { Key } : { Key, Value });
    expect(
      await keysAfter(aws.client.send(new CreateTagsCommand({ Resources, Tags: [tag('a', '1'), tag('b', '2'), tag('c', '3')] }))),
    ).toHaveLength(5);
    expect(await keysAfter(aws.client.send(new DeleteTagsCommand({ Resources, Tags: [tag('a', 'other'), tag('b')] })))).toEqual([
      'Name',
      'a',
      'aws:autoscaling:groupName',
      'c',
    ]);
    expect(await keysAfter(aws.client.send(new DeleteTagsCommand({ Resources, Tags: [tag('a', '1')] })))).toHaveLength(3);
    expect(await keysAfter(aws.client.send(new DeleteTagsCommand({ Resources })))).toEqual(['aws:autoscaling:groupName']);
  });

  test('are refused where they are reserved, too long, too many, or on what does not exist', async () => {
    const aws = await withInstance();
    const create = (Key: string, Value = '', resource = aws.id) =>
      refusal(aws.client.send(new CreateTagsCommand({ Resources: [resource], Tags: [{ Key, Value }] })));
    expect(await create('aws:autoscaling:groupName', 'mine')).toMatchObject({ code: 'InvalidParameterValue', status: 400 });
    expect(await create('k'.repeat(129))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await create('k', 'v'.repeat(257))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await create('k', '', 'i-0ffffffffffffffff')).toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    expect(await create('k', '', 'vol-0ffffffffffffffff')).toMatchObject({ code: 'InvalidVolume.NotFound' });
    expect(await create('k', '', 'web')).toMatchObject({ code: 'InvalidID' });
    const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
    expect(await refusal(aws.client.send(new CreateTagsCommand({ Resources: [aws.id], Tags })))).toMatchObject({
      code: 'TagLimitExceeded',
    });
    expect([...(aws.local.get(aws.id)?.tags ?? [])]).toEqual([['Name', 'web']]);
  });

  test('are told page by page', async () => {
    const aws = await withInstance();
    const Tags = Array.from({ length: 12 }, (_, i) => ({ Key: `k${i}`, Value: String(i) }));
    await aws.client.send(new CreateTagsCommand({ Resources: [aws.id], Tags }));
    aws.advance(5000);
    const found: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await aws.client.send(new DescribeTagsCommand({ MaxResults: 5, ...(NextToken ? { NextToken } : {}) }));
      found.push(...(answer.Tags ?? []).map(({ Key }) => Key));
      NextToken = answer.NextToken;
    } while (NextToken);
    expect(found).toEqual(['Name', ...Tags.map(({ Key }) => Key)]);
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html
describe('volumes', () => {
  test('are attached to their instance, and outlive it where they are to', async () => {
    const aws = await withInstance();
    expect(
      aws.volumes.map(({ Attachments, Size, State }) => [Attachments?.[0]?.Device, Attachments?.[0]?.InstanceId, Size, State]),
    ).toEqual([
      ['/dev/xvda', aws.id, 8, 'in-use'],
      ['/dev/sdb', aws.id, 100, 'in-use'],
    ]);
    aws.local.terminate(aws.id, 'user');
    aws.advance(2 * minute);
    const { Volumes } = await aws.client.send(new DescribeVolumesCommand({}));
    expect(Volumes).toMatchObject([{ VolumeId: aws.volumes[1]?.VolumeId, State: 'available', Attachments: [] }]);
  });

  test('are found by the instance that they belong to', async () => {
    const aws = await withInstance();
    await aws.run();
    const Filters = [{ Name: 'attachment.instance-id', Values: [aws.id] }];
    const { Volumes } = await aws.client.send(new DescribeVolumesCommand({ Filters }));
    expect(Volumes).toHaveLength(2);
    const missing = aws.client.send(new DescribeVolumesCommand({ VolumeIds: ['vol-0ffffffffffffffff'] }));
    expect(await refusal(missing)).toMatchObject({ code: 'InvalidVolume.NotFound', status: 400 });
    expect(await refusal(aws.client.send(new DescribeVolumesCommand({ VolumeIds: ['sdb'] })))).toMatchObject({
      code: 'InvalidVolumeID.Malformed',
    });
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumeStatus.html
  test('say when their data may be inconsistent, and leave the decision to a person', async () => {
    const aws = await withInstance();
    const volume = aws.volumes[1]?.VolumeId ?? '';
    const status = async () => {
      const { VolumeStatuses } = await aws.client.send(new DescribeVolumeStatusCommand({ VolumeIds: [volume] }));
      return VolumeStatuses?.[0];
    };
    expect(await status()).toMatchObject({ VolumeStatus: { Status: 'ok' }, Events: [], Actions: [] });
    const end = aws.local.faults['impair-volume'](volume);
    expect(await status()).toMatchObject({
      VolumeStatus: { Status: 'impaired', Details: [{ Name: 'io-enabled', Status: 'failed' }, {}] },
      Events: [{ EventType: 'potential-data-inconsistency', InstanceId: aws.id }],
      Actions: [{ Code: 'enable-volume-io' }],
    });
    const Filters = [{ Name: 'volume-status.status', Values: ['impaired'] }];
    expect((await aws.client.send(new DescribeVolumeStatusCommand({ Filters }))).VolumeStatuses).toHaveLength(1);
    end();
    expect(await status()).toMatchObject({ VolumeStatus: { Status: 'ok' } });
  });
});

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html
describe('attributes', () => {
  const modify = (aws: Awaited<ReturnType<typeof withInstance>>, input: Partial<ModifyInstanceAttributeCommandInput>) =>
    aws.client.send(new ModifyInstanceAttributeCommand({ InstanceId: aws.id, ...input }));

  test('are read as they were set', async () => {
    const aws = await withInstance();
    const read = async (Attribute: 'disableApiTermination' | 'disableApiStop' | 'instanceInitiatedShutdownBehavior') => {
      const answer = await aws.client.send(new DescribeInstanceAttributeCommand({ InstanceId: aws.id, Attribute }));
      return [answer.DisableApiTermination, answer.DisableApiStop, answer.InstanceInitiatedShutdownBehavior].find(Boolean)?.Value;
    };
    expect(await read('disableApiTermination')).toBe(false);
    await modify(aws, { DisableApiTermination: { Value: true } });
    expect(await read('disableApiTermination')).toBe(true);
    expect(await read('disableApiStop')).toBe(false);
    await modify(aws, { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
    expect(await read('instanceInitiatedShutdownBehavior')).toBe('terminate');
    aws.local.shutDown(aws.id, 'guest');
    expect(aws.local.get(aws.id)?.state).toBe('shutting-down');
  });

  test('are changed one at a time, to what they can be', async () => {
    const aws = await withInstance();
    expect(await refusal(modify(aws, {}))).toMatchObject({ code: 'InvalidParameterCombination', status: 400 });
    expect(await refusal(modify(aws, { DisableApiStop: { Value: true }, DisableApiTermination: { Value: true } }))).toMatchObject({
      code: 'InvalidParameterCombination',
    });
    expect(await refusal(modify(aws, { Attribute: 'disableApiStop', Value: 'perhaps' }))).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal(modify(aws, { DisableApiStop: { Value: true }, DryRun: true }))).toMatchObject({
      code: 'DryRunOperation',
      status: 412,
    });
    const unknown = aws.client.send(
      new DescribeInstanceAttributeCommand({ InstanceId: aws.id, Attribute: 'toString' as 'disableApiStop' }),
    );
    expect(await refusal(unknown)).toMatchObject({ code: 'InvalidParameterValue' });
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/change-instance-type-of-ebs-backed-instance.html
  test('change the type of a stopped instance, and of no other', async () => {
    const aws = await withInstance();
    const change = (Value: string) => modify(aws, { InstanceType: { Value } });
    const stateIs = (state: string) => () => aws.local.get(aws.id)?.state === state;
    aws.until(stateIs('running'));
    expect(await refusal(change('m5.large'))).toMatchObject({ code: 'IncorrectInstanceState', status: 400 });
    await aws.client.send(new StopInstancesCommand({ InstanceIds: [aws.id] }));
    aws.until(stateIs('stopped'));
    expect(await refusal(change('z9.huge'))).toMatchObject({ code: 'InvalidParameterValue', status: 400 });
    expect(await refusal(change('m6g.large'))).toMatchObject({ code: 'InvalidParameterCombination', status: 400 });
    await change('m5.large');
    await aws.client.send(new StartInstancesCommand({ InstanceIds: [aws.id] }));
    expect(aws.local.get(aws.id)?.instanceType).toBe('m5.large');
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMaintenanceOptions.html
  test('say whether EC2 recovers the instance by itself', async () => {
    const aws = await withInstance();
    const answer = await aws.client.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: aws.id, AutoRecovery: 'disabled' }));
    expect(answer).toMatchObject({ InstanceId: aws.id, AutoRecovery: 'disabled' });
    aws.local.faults['fail-host'](aws.id);
    aws.advance(30 * minute);
    expect(aws.local.get(aws.id)?.systemStatus).toBe('impaired');
    expect(aws.events('AWS Health Event')).toEqual([]);
  });
});
