import { defineResourceType } from './definition.ts';

export const database = defineResourceType({
  form: /^[A-Za-z0-9][A-Za-z0-9-]{0,254}$/,
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
});
