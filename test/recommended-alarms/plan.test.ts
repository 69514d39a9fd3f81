import { describe, expect, test } from '@jest/globals';
import { type Alarm, alarmsFor } from '../../shared/recommended-alarms/alarms.ts';
import { alarmKindOf } from '../../shared/recommended-alarms/name.ts';
import { type Part, parts, planFor } from '../../shared/recommended-alarms/plan.ts';
import { topicArn, watched } from './examples.ts';

const all = alarmsFor(watched(), topicArn);
const plan = (wanted: readonly Alarm[], present: readonly Alarm[], known: readonly Part[] = parts, most = 1000) =>
  planFor(wanted, present, { topicArn, known: new Set(known), most });
const namesOf = (alarms: readonly { AlarmName?: string | undefined }[]) => alarms.map(({ AlarmName }) => AlarmName);

describe('a plan', () => {
  test('makes what is missing, and nothing where nothing is', () => {
    expect(plan(all, [])).toMatchObject({ change: [], remove: [], kept: 0, over: 0 });
    expect(namesOf(plan(all, []).make)).toEqual(namesOf(all));
    expect(plan(all, all)).toEqual({ make: [], change: [], remove: [], kept: all.length, over: 0 });
  });

  test('takes an alarm for the same in whatever form CloudWatch gives it back', () => {
    const back = all.map(({ Dimensions, Metrics, ...rest }) => ({
      ...rest,
      AlarmArn: 'arn',
      StateValue: 'OK' as const,
      ActionsEnabled: false,
      OKActions: [],
      Dimensions: [...(Dimensions ?? [])].reverse(),
      ...(Metrics ? { Metrics: [...Metrics].reverse().map((metric) => ({ ...metric, Label: 'other' })) } : {}),
    }));
    expect(plan(all, back).kept).toBe(all.length);
  });

  test.each<[string, (alarm: Alarm) => Alarm]>([
    ['threshold', (alarm) => ({ ...alarm, Threshold: 17 })],
    ['topic', (alarm) => ({ ...alarm, AlarmActions: [] })],
    ['missing data', (alarm) => ({ ...alarm, TreatMissingData: 'breaching' })],
    ['description', (alarm) => ({ ...alarm, AlarmDescription: 'x' })],
    ['periods', (alarm) => ({ ...alarm, EvaluationPeriods: 9 })],
    ['another action', (alarm) => ({ ...alarm, OKActions: ['arn:aws:automate:us-east-1:ec2:stop'] })],
  ])('changes an alarm whose %s is another', (_, change) => {
    for (const alarm of all) expect(plan([alarm], [change(alarm)])).toMatchObject({ make: [], change: [{ wanted: alarm }], remove: [] });
  });

  test('changes a forecast whose expression is another', () => {
    const forecast = all.find(({ Metrics }) => Metrics) as Alarm;
    const other = {
      ...forecast,
      Metrics: forecast.Metrics?.map((metric) => (metric.Expression ? { ...metric, Expression: 'disk' } : metric)),
    };
    expect(plan([forecast], [other as Alarm]).change).toHaveLength(1);
  });

  test('removes what is no longer wanted', () => {
    expect(namesOf(plan([], all).remove)).toEqual(namesOf(all));
  });

  test.each(parts)('takes nothing for gone that it would need %s to be known for', (part) => {
    const { remove, kept } = plan(
      [],
      all,
      parts.filter((other) => other !== part),
    );
    expect(kept).toBeGreaterThan(0);
    expect(remove.length + kept).toBe(all.length);
    const removed = remove.map(({ AlarmName = '' }) => alarmKindOf(topicArn, AlarmName));
    const needs = {
      instances: ['system-check', 'cpu', 'memory', 'disk-by-monday'],
      groups: ['cpu', 'memory', 'targets'],
      targets: ['targets'],
      queues: ['dead-letters', 'queue-age'],
      functions: ['function-errors', 'function-throttles'],
      services: ['cpu', 'memory'],
    };
    for (const what of { ...needs, agent: ['memory', 'disk-by-monday', 'disk-within-hours'] }[part]) expect(removed).not.toContain(what);
  });

  test('removes what an older version made only when everything is known', () => {
    const old = { ...(all[0] as Alarm), AlarmName: (all[0] as Alarm).AlarmName.replace('system-check', 'something-else') };
    expect(plan([], [old]).remove).toHaveLength(1);
    expect(plan([], [old], ['instances', 'groups', 'targets', 'queues']).remove).toHaveLength(0);
  });

  test('has no more alarms than there may be: the first ones stay, and what is over is said', () => {
    const bounded = plan(all, all, parts, 3);
    expect(bounded).toMatchObject({ make: [], kept: 3, over: all.length - 3 });
    expect(namesOf(plan(all, [], parts, 3).make)).toEqual(namesOf(all.slice(0, 3)));
  });
});
