import { defineFailure, escalate, event } from './define.ts';

export const databaseImpaired = defineFailure({
  id: 'database-impaired',
  severity: 'critical',
  says: 'the database is impaired',
  match: [event('rds', 'failed'), event('aws-health', 'database-impaired')],
  playbook: escalate('a reboot or a failover of a database needs a person'),
});
