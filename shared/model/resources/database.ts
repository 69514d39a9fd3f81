import { defineResourceType } from './definition.ts';

/** A name may also be that of a cluster or of another service's database; only instances of RDS are acted upon. */
export const database = defineResourceType({
  idPattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,254}$/,
  strict: true,
  arns: [
    { service: 'rds', prefix: 'db:' },
    { service: 'rds', prefix: 'cluster:' },
  ],
  dimensions: {
    DBInstanceIdentifier: ['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune'],
    DBClusterIdentifier: ['AWS/RDS', 'AWS/DocDB', 'AWS/Neptune'],
    CacheClusterId: ['AWS/ElastiCache'],
    DomainName: ['AWS/ES'],
    ClusterIdentifier: ['AWS/Redshift'],
  },
  impaired: 'database-impaired',
  unread: 'databases other than those of RDS, Aurora, DocumentDB and Neptune',
  trail: true,
  observed: 'treated',
  // RDS says that there is none.
  absent: { is: ({ database }) => database === null, says: (id) => `RDS finds no instance ${id}: there is no such instance` },
  treated: {
    seen: ({ database }) => database,
    within: () => null,
    assumed: (id, tags) => ({
      database: { id, state: 'available', availabilityZone: 'unknown', cluster: null, pending: [], maintenanceWindow: null, tags },
    }),
  },
  reported: true,
  echo: 'rds',
  zone: (_, { database }) => database?.availabilityZone,
});
