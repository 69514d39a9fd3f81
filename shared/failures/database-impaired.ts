import { defineFailure, escalate, event } from './define.ts';

export const databaseImpaired = defineFailure({
  id: 'database-impaired',
  severity: 'critical',
  says: 'the database is impaired',
  match: [event('rds', 'failed'), event('aws-health', 'database-impaired')],
  playbook: escalate('a person decides on a reboot or failover of a database'),
});
