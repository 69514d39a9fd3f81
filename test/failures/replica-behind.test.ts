import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { replicaBehind } from '../../shared/failures/replica-behind.ts';
import { parseClassification } from '../../shared/failures/rules.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { database, nothing } from './targets.ts';

const sample: unknown = JSON.parse(readFileSync(new URL('../../events/cloudwatch-alarm/replica-lag.json', import.meta.url), 'utf8'));
const verdict = (policy: object) => {
  const [first] = readEvent(sample, parseClassification(JSON.stringify(policy))).verdicts;
  return `${first?.disposition} ${first?.failure} ${first?.resource?.id} ${first?.playbook}`;
};

describe('replica-behind', () => {
  const metrics: MetricClaim[] = [
    [['AWS/RDS'], ['ReplicaLag'], 'above', [database, nothing], 'escalate'],
    [['AWS/RDS'], ['AuroraReplicaLag'], 'above', [database, nothing], 'escalate'],
    [['AWS/RDS'], ['AuroraReplicaLagMaximum', 'AuroraReplicaLagMinimum'], 'above', [database], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(replicaBehind, null, metrics, events);

  test('is left to a person unless the policy names reboots of databases', () => {
    expect(verdict({})).toBe('escalate replica-behind orders-replica null');
    expect(verdict({ databases: { failover: 'on' } })).toBe('escalate replica-behind orders-replica null');
    expect(verdict({ databases: { reboot: 'on' } })).toBe('remediate replica-behind orders-replica catch-up-replica');
    expect(verdict({ databases: { promote: 'on' } })).toBe('remediate replica-behind orders-replica catch-up-replica');
  });
});
