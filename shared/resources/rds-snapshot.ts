import { DescribeDBSnapshotsCommand, RDSClient } from '@aws-sdk/client-rds';
import { lastEvent } from './rds-instance.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Whether an RDS event is about this source type. RDS's automatic snapshots have a colon in their names. */
export const isOfSource = ({ kind, evidence }: Parameters<ResourceKind['is']>[0], source: string): boolean =>
  kind === 'rds' && evidence.source === source;

/** An RDS instance snapshot. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html */
export const rdsSnapshot: ResourceKind = {
  id: 'rds-snapshot',
  types: ['database', 'service'],
  noun: 'database snapshot',
  permissions: ['rds:DescribeDBSnapshots', 'rds:DescribeEvents'],
  notFound: ['DBSnapshotNotFound'],
  is: (subject) => isOfSource(subject, 'db-snapshot'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBSnapshots }, event] = await Promise.all([
      rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-snapshot')),
    ]);
    const found = DBSnapshots?.[0];
    if (!found) return null;
    const {
      Status = 'unknown',
      DBInstanceIdentifier,
      Engine,
      EngineVersion,
      AllocatedStorage,
      PercentProgress = 100,
      SnapshotType,
    } = found;
    const facts = [
      event ?? '',
      PercentProgress < 100 ? `${PercentProgress}% done` : '',
      `${SnapshotType} snapshot of ${DBInstanceIdentifier}, ${AllocatedStorage} GiB`,
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
