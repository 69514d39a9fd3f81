import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { isDatabase, lastEvent } from './rds-instance.ts';
import type { ResourceKind } from './resource-kind.ts';

/** A database cluster: Aurora, or a Multi-AZ deployment with two readers. */
export const rdsCluster: ResourceKind = {
  id: 'rds-cluster',
  types: ['database'],
  noun: 'database cluster',
  permissions: ['rds:DescribeDBClusters', 'rds:DescribeEvents'],
  notFound: ['DBClusterNotFound'],
  is: (subject) => isDatabase(subject, 'db-cluster', 'DBClusterIdentifier', 'DBInstanceIdentifier'),
  trailName: ({ resource }) => resource.id,
  observe: async (clients, { resource: { id } }, part) => {
    const rds = clients.of(RDSClient);
    const [{ DBClusters }, event] = await Promise.all([
      rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: id })),
      part('its events', () => lastEvent(rds, id, 'db-cluster')),
    ]);
    const found = DBClusters?.[0];
    if (!found) return null;
    const { Engine, EngineVersion, DBClusterMembers = [] } = found;
    const writer = DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
    const members = `${DBClusterMembers.length} members${writer === undefined ? ', no writer' : `, writer ${writer}`}`;
    return {
      state: found.Status ?? 'unknown',
      since: null,
      createdAt: found.ClusterCreateTime?.getTime() ?? null,
      changed: null,
      facts: [...(event ? [event] : []), members, `${Engine} ${EngineVersion}`],
    };
  },
};
