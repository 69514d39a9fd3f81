import { DescribeDBClusterSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { lastEvent } from './rds-instance.ts';
import { isOfSource } from './rds-snapshot.ts';
import type { ResourceKind } from './resource-kind.ts';

/** An RDS cluster snapshot. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBClusterSnapshot.html */
export const rdsClusterSnapshot: ResourceKind = {
  id: 'rds-cluster-snapshot',
  types: ['database', 'service'],
  noun: 'cluster snapshot',
  permissions: ['rds:DescribeDBClusterSnapshots', 'rds:DescribeEvents'],
  notFound: ['DBClusterSnapshotNotFound'],
  is: (subject) => isOfSource(subject, 'db-cluster-snapshot'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBClusterSnapshots }, event] = await Promise.all([
      rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-cluster-snapshot')),
    ]);
    const found = DBClusterSnapshots?.[0];
    if (!found) return null;
    const { Status = 'unknown', DBClusterIdentifier, Engine, EngineVersion, PercentProgress = 100, SnapshotType } = found;
    const facts = [
      event ?? '',
      PercentProgress < 100 ? `${PercentProgress}% done` : '',
      `${SnapshotType} snapshot of ${DBClusterIdentifier}`,
      `${Engine} ${EngineVersion}`,
    ];
    return {
      state: Status,
      since: null,
      createdAt: found.SnapshotCreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
