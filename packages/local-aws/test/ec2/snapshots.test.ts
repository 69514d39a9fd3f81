import {
  CreateSnapshotCommand,
  type CreateSnapshotCommandInput,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  waitUntilSnapshotCompleted,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { ec2World, minute } from './world.ts';

const withVolume = async () => {
  const aws = ec2World();
  const { VolumeId = '' } = await aws.client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 30 }));
  aws.advance(minute);
  const create = (input: Partial<CreateSnapshotCommandInput> = {}) => aws.client.send(new CreateSnapshotCommand({ VolumeId, ...input }));
  return { ...aws, VolumeId, create };
};

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html
describe('a snapshot', () => {
  test('is pending, then completed, with its tags, and EBS tells of it', async () => {
    const { client, create, advance, events, VolumeId } = await withVolume();
    const TagSpecifications = [{ ResourceType: 'snapshot' as const, Tags: [{ Key: 'made-by', Value: 'selfheal' }] }];
    const made = await create({ Description: 'before it grows', TagSpecifications });
    expect(made).toMatchObject({ State: 'pending', VolumeId, VolumeSize: 30, Progress: '0%', Description: 'before it grows' });
    const SnapshotIds = [made.SnapshotId ?? ''];
    advance(10_000);
    const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'tag:made-by', Values: ['selfheal'] }] }));
    expect(Snapshots).toMatchObject([{ SnapshotId: SnapshotIds[0], State: 'pending', Tags: [{ Key: 'made-by', Value: 'selfheal' }] }]);
    advance(2 * minute);
    const soon = { client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 };
    expect((await waitUntilSnapshotCompleted(soon, { SnapshotIds })).state).toBe('SUCCESS');
    expect(events('EBS Snapshot Notification')).toMatchObject([
      {
        resources: [`arn:aws:ec2:us-east-1::snapshot/${SnapshotIds[0]}`],
        detail: { event: 'createSnapshot', result: 'succeeded', source: `arn:aws:ec2::us-east-1:volume/${VolumeId}` },
      },
    ]);
  });

  test('is what a volume is made from, and has tags like other resources', async () => {
    const { client, create, advance } = await withVolume();
    const { SnapshotId = '' } = await create();
    advance(2 * minute);
    const { VolumeId = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1b', SnapshotId }));
    const { Volumes } = await client.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
    expect(Volumes).toMatchObject([{ Size: 30, SnapshotId }]);
    await client.send(new CreateTagsCommand({ Resources: [SnapshotId], Tags: [{ Key: 'keep', Value: 'yes' }] }));
    const { Tags } = await client.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-type', Values: ['snapshot'] }] }));
    expect(Tags).toEqual([{ ResourceId: SnapshotId, ResourceType: 'snapshot', Key: 'keep', Value: 'yes' }]);
    await client.send(new DeleteSnapshotCommand({ SnapshotId }));
    expect(await refusal(client.send(new DeleteSnapshotCommand({ SnapshotId })))).toMatchObject({ code: 'InvalidSnapshot.NotFound' });
  });

  test('is one in 15 seconds of one volume', async () => {
    const { create, advance } = await withVolume();
    await create();
    expect(await refusal(create())).toMatchObject({ code: 'SnapshotCreationPerVolumeRateExceeded', status: 400 });
    advance(15_000);
    await create();
    expect(await refusal(create({ VolumeId: 'vol-0ffffffffffffffff' }))).toMatchObject({ code: 'InvalidVolume.NotFound' });
    expect(await refusal(create({ VolumeId: 'volume' }))).toMatchObject({ code: 'InvalidVolumeID.Malformed' });
  });
});
