import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Reader, strangerIn } from '../../local/input/stranger.ts';

const record = { eventVersion: '1.08', userIdentity: {}, eventSource: 'ec2.amazonaws.com', eventName: 'StopInstances' };

describe('what is no event is told for what it is', () => {
  const cases: [what: string, value: unknown, Reader | null][] = [
    ['describe-alarms', { MetricAlarms: [], CompositeAlarms: [] }, 'backtest'],
    ['describe-alarm-history', { AlarmHistoryItems: [] }, 'backtest'],
    ['describe-alarm-history', { AlarmName: 'a', HistoryItemType: 'StateUpdate', HistoryData: '{}' }, 'backtest'],
    ['CloudTrail', { Records: [record] }, 'backtest'],
    ['CloudTrail', record, 'backtest'],
    ['CloudTrail', { Events: [{ CloudTrailEvent: JSON.stringify(record) }] }, 'backtest'],
    ['describe-instances', { Reservations: [] }, null],
    ['describe-auto-scaling-groups', { AutoScalingGroups: [] }, null],
    ['filter-log-events', { events: [{ timestamp: 1, message: '{}' }], searchedLogStreams: [] }, null],
    ['describe-events', { events: [{ arn: 'arn:x', eventTypeCode: 'AWS_EC2_ISSUE' }] }, null],
    ['describe-scaling-activities', { Activities: [] }, null],
    ['describe-instance-status', { InstanceStatuses: [] }, null],
    ['a scenario', { name: 'x', hypothesis: 'x', fleet: {}, timeline: [] }, null],
    ['--against', { incident: 'x', status: 'healed', timeToRecoverSeconds: 3 }, null],
    ['classify --json', { file: 'x', rejected: [], signals: [] }, null],
    ['backtest --json', { type: 'summary', policy: {}, assumptions: [] }, null],
    ['--policy', { mode: 'dry-run', budget: { actions: 1 } }, null],
  ];
  test.each(cases)('%s: %j', (what, value, readBy) => {
    for (const reader of ['classify', 'replay', 'backtest'] as const) {
      if (reader === readBy) expect(strangerIn(value, reader)).toBeNull();
      else expect(strangerIn(value, reader)).toContain(what);
    }
  });
});

describe('what may be an event is left to be decoded', () => {
  const s3 = { eventVersion: '2.1', eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', userIdentity: { principalId: 'x' } };
  test.each([[null], [1], ['text'], [[]], [{}], [{ Records: [] }], [{ Records: [s3] }], [{ Events: [] }], [{ unknown: 1 }]])(
    '%j',
    (value) => {
      for (const reader of ['classify', 'replay', 'backtest'] as const) expect(strangerIn(value, reader)).toBeNull();
    },
  );

  test('all of the sample events', () => {
    const files = readdirSync('events', { recursive: true, encoding: 'utf8' }).filter((path) => /(?<!\.expected)\.json$/.test(path));
    expect(files.length).toBeGreaterThan(80);
    for (const path of files) {
      const text = readFileSync(join('events', path), 'utf8');
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        continue;
      }
      expect([path, strangerIn(value, 'classify')]).toEqual([path, null]);
    }
  });
});
