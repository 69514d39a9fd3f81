import { defineFailure, event, onlyIfNamed } from './define.ts';

const because = 'a person decides on a reboot or failover of a database';

export const databaseImpaired = defineFailure({
  id: 'database-impaired',
  severity: 'critical',
  says: 'the database is impaired',
  match: [
    event('rds', 'instance-failed'),
    event('rds', 'failover-failed', undefined, 'fail-over-cluster'),
    // Of other things of clusters, proxies and snapshots.
    event('rds', 'failed', because),
    event('aws-health', 'database-impaired', because),
  ],
  playbook: onlyIfNamed('reboot-database', because),
});
