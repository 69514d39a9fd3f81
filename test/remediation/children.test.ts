import { describe, expect, test } from '@jest/globals';
import { noRules } from '../../shared/model/classification-rules.ts';
import { classifyChildren } from '../../shared/remediation/children.ts';
import { recordingClients } from '../aws/recorder.ts';
import { incident } from './examples.ts';

describe('the children of a composite alarm', () => {
  const childrenIn = async (states: string[]) => {
    const { clients, calls } = recordingClients((_, input) => ({
      output: { MetricAlarms: input.ChildrenOfAlarmName ? states.map((StateValue, i) => ({ AlarmName: `child-${i}`, StateValue })) : [] },
    }));
    const found = await classifyChildren(clients, incident(), noRules);
    return { found, asked: calls.map(({ input }) => input) };
  };

  test('are asked for by name, those in ALARM alone, as many as CloudWatch tells of at once', async () => {
    const { asked } = await childrenIn(['OK', 'ALARM', 'INSUFFICIENT_DATA', 'ALARM']);
    expect(asked).toEqual([
      { ChildrenOfAlarmName: incident().alarm?.name, MaxRecords: 100 },
      { AlarmNames: ['child-1', 'child-3'], AlarmTypes: ['MetricAlarm'], MaxRecords: 100 },
    ]);
  });

  // Without a name CloudWatch would answer with all alarms.
  test('are not asked for where none is in ALARM', async () => {
    expect(await childrenIn(['OK'])).toMatchObject({ found: [], asked: [{ ChildrenOfAlarmName: expect.any(String) }] });
    expect((await childrenIn(['OK'])).asked).toHaveLength(1);
  });
});
