import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { databaseImpaired } from '../../shared/failures/database-impaired.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { parseClassification } from '../../shared/failures/rules.ts';
import { alarm, alarmEvent } from '../signals/fixtures.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

const sample = (file: string): unknown => JSON.parse(readFileSync(new URL(`../../events/${file}`, import.meta.url), 'utf8'));

describe('database-impaired', () => {
  const metrics: MetricClaim[] = [];
  const events: EventClaim[] = [
    ['rds', 'instance-failed', 'database orders', 'escalate'],
    ['rds', 'instance-failed', null, 'escalate'],
    ['rds', 'failed', 'database orders', 'escalate'],
    ['rds', 'failed', null, 'escalate'],
    ['rds', 'failover-failed', 'database orders', 'escalate'],
    ['rds', 'failover-failed', null, 'escalate'],
    ['aws-health', 'database-impaired', 'instance i-0a1b2c3d4e5f60718', 'escalate'],
    ['aws-health', 'database-impaired', null, 'escalate'],
  ];
  testClaims(databaseImpaired, null, metrics, events);

  const ofInstance = sample('rds/failed-state.json');
  const rule = {
    metric: 'DatabaseConnections',
    failure: 'database-impaired',
    direction: 'above',
    subject: { type: 'database', dimension: 'DBInstanceIdentifier' },
    playbook: 'reboot-database',
  };
  const byAlarm = alarmEvent(
    alarm({ namespace: 'AWS/RDS', metric: 'DatabaseConnections', direction: 'above', dimensions: { DBInstanceIdentifier: 'orders' } }),
  );
  const named = { databases: { reboot: 'on' } };
  const classification = { alarms: [rule] };

  test.each<[string, object, unknown, string]>([
    ['an event of an instance, where the policy names its reboot', named, ofInstance, 'remediate reboot-database'],
    ['an event of an instance, where it names something else', { databases: { approval: 'waived' } }, ofInstance, 'escalate null'],
    [
      'an event of an instance, for which it names the playbook alone',
      { playbooks: { 'database-impaired': 'reboot-database' } },
      ofInstance,
      'escalate null',
    ],
    [
      'an event of an instance, for which it wants no playbook',
      { ...named, playbooks: { 'database-impaired': 'none' } },
      ofInstance,
      'escalate null',
    ],
    ['an event of a cluster', named, sample('rds/cluster-failover-failed.json'), 'escalate null'],
    ['an event of a proxy', named, sample('rds/proxy-failed.json'), 'escalate null'],
    ['an alarm by a rule', { ...named, classification }, byAlarm, 'remediate reboot-database'],
    ['an alarm by a rule, where the policy does not name the reboot', { classification }, byAlarm, 'escalate null'],
  ])('of %s comes to what the policy says', (_, policy, event, expected) => {
    const [verdict] = readEvent(event, parseClassification(JSON.stringify(policy))).verdicts;
    expect(`${verdict?.disposition} ${verdict?.playbook}`).toBe(expected);
  });
});
