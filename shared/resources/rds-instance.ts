import { DescribeDBInstancesCommand, DescribeEventsCommand, RDSClient, type SourceType } from '@aws-sdk/client-rds';
import { clockTime } from '../model/duration.ts';
import type { ResourceKind } from './resource-kind.ts';

/** RDS's API also returns instances of Aurora, Neptune and DocumentDB. */
const namespaces = new Set(['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune']);

/** Whether the alarm's dimension means a database of this kind; RDS's own events say it themselves. */
export const isDatabase = (
  { kind, evidence }: Parameters<ResourceKind['is']>[0],
  source: string,
  dimension: string,
  other: string,
): boolean => {
  if (kind === 'rds') return evidence.source === source;
  if (evidence.service === 'RDS') return true;
  const dimensions = evidence.dimensions ?? '';
  return namespaces.has(evidence.namespace ?? '') && (dimensions.includes(`${dimension}=`) || !dimensions.includes(`${other}=`));
};

/** The latest RDS event of the last hour; null if there is none. */
export const lastEvent = async (rds: RDSClient, SourceIdentifier: string, SourceType: SourceType): Promise<string | null> => {
  const { Events = [] } = await rds.send(new DescribeEventsCommand({ SourceIdentifier, SourceType, Duration: 60 }));
  const [last] = Events.toSorted((a, b) => (b.Date?.getTime() ?? 0) - (a.Date?.getTime() ?? 0));
  return last?.Date ? `last event at ${clockTime(last.Date.getTime())}: ${last.Message}` : null;
};

/** An RDS instance. RDS has no time of its state; its events of the last hour may. */
export const rdsInstance: ResourceKind = {
  id: 'rds-instance',
  types: ['database'],
  noun: 'database instance',
  permissions: ['rds:DescribeDBInstances', 'rds:DescribeEvents'],
  notFound: ['DBInstanceNotFound'],
  is: (subject) => isDatabase(subject, 'db-instance', 'DBInstanceIdentifier', 'DBClusterIdentifier'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBInstances }, event] = await Promise.all([
      rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-instance')),
    ]);
    const found = DBInstances?.[0];
    if (!found) return null;
    const {
      Engine,
      EngineVersion,
      DBInstanceClass,
      AllocatedStorage,
      MultiAZ,
      AvailabilityZone,
      DBClusterIdentifier,
      PendingModifiedValues,
    } = found;
    const pending = Object.entries(PendingModifiedValues ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key]));
    const facts = [
      event ?? '',
      `${Engine} ${EngineVersion} on ${DBInstanceClass}, ${AllocatedStorage} GiB`,
      DBClusterIdentifier ? `member of cluster ${DBClusterIdentifier}` : MultiAZ ? 'Multi-AZ' : `in ${AvailabilityZone} alone`,
      pending.length > 0 ? `pending changes: ${pending.join(', ')}` : '',
    ];
    return {
      state: found.DBInstanceStatus ?? 'unknown',
      since: null,
      createdAt: found.InstanceCreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
