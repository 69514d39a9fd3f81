import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/** An EBS snapshot. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html */
export const ebsSnapshot: ResourceKind = {
  id: 'ebs-snapshot',
  types: ['snapshot'],
  noun: 'EBS snapshot',
  permissions: ['ec2:DescribeSnapshots'],
  notFound: ['InvalidSnapshot.NotFound'],
  is: () => true,
  trailName: () => null,
  observe: async ({ ec2 }, { resource: { id } }) => {
    const { Snapshots } = await ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [id] }));
    const found = Snapshots?.[0];
    if (!found) return null;
    const { State = 'unknown', StateMessage, VolumeId, VolumeSize, Progress, Encrypted } = found;
    const facts = [
      StateMessage ?? '',
      State === 'pending' && Progress ? `${Progress} done` : '',
      VolumeId ? `of ${VolumeId}, ${VolumeSize} GiB` : '',
      Encrypted ? 'encrypted' : '',
    ];
    return {
      state: State,
      since: (State === 'completed' ? found.CompletionTime?.getTime() : null) ?? null,
      createdAt: found.StartTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
