import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { ActionRecord, GuardSaid } from '../../shared/model/outcome.ts';
import { statuses } from '../../shared/model/status.ts';
import { heartbeatOf, type MetricName, metricNames, metrics, metricsOf, undeliveredMetricOf } from '../../shared/notifications/metrics.ts';
import { instanceId, noon, outcome } from '../remediation/examples.ts';

const units = ['Seconds', 'Count', 'Milliseconds', 'Bytes', 'Percent', 'None'] as const;
/** The format as CloudWatch documents it, as far as it is used here. */
const format = z.looseObject({
  _aws: z.strictObject({
    Timestamp: z.int().positive(),
    CloudWatchMetrics: z
      .array(
        z.strictObject({
          Namespace: z.string().min(1).max(1024),
          Dimensions: z.array(z.array(z.string().min(1).max(250)).max(30)).min(1),
          Metrics: z.array(z.strictObject({ Name: z.string().min(1).max(1024), Unit: z.enum(units) })).max(100),
        }),
      )
      .min(1),
  }),
});

/** What CloudWatch takes of the lines: each metric with the values of the dimensions that it is counted by. */
const counted = (lines: readonly Record<string, unknown>[]) =>
  lines.flatMap((written) => {
    const line = JSON.parse(JSON.stringify(written));
    return format.parse(line)._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) =>
      Metrics.flatMap(({ Name }) => {
        // What a metric or a dimension names has to stand at the top of the line.
        expect(typeof line[Name]).toBe('number');
        for (const name of Dimensions.flat()) expect(line[name]).toMatch(/^.{1,1024}$/);
        return Dimensions.map((names) => [Name, ...names.map((name) => line[name]), line[Name]].join(' '));
      }),
    );
  });
const action = (result: string, change: Partial<ActionRecord> = {}): ActionRecord => ({
  action: 'reboot-instance',
  target: instanceId,
  attempt: 1,
  at: outcome().endedAt,
  result,
  ...change,
});
const guard = (...answers: GuardSaid[]) => ({ at: outcome().endedAt, phase: 'guard' as const, text: 'x', answers });

describe('metrics', () => {
  test.each(statuses)('of an incident that ended %s are in the embedded metric format', (status) => {
    const resolved = status === 'healed' || status === 'healed-itself';
    const seen = counted(metricsOf(outcome({ status, timeToRecoverSeconds: resolved ? 365 : null })));
    expect(seen.filter((one) => one.startsWith('Incidents'))).toEqual([
      `Incidents instance-unreachable ${status} 1`,
      `Incidents ${status} 1`,
      'Incidents 1',
    ]);
    expect(seen.filter((one) => one.startsWith('TimeToRecover'))).toHaveLength(resolved ? 3 : 0);
  });

  test('have the time at which the incident ended', () => {
    for (const line of metricsOf(outcome())) expect(format.parse(line)._aws.Timestamp).toBe(Date.parse(outcome().endedAt));
  });

  test('count what was done by action, and what it took of budgets', () => {
    const actions = [
      action('throttled: RequestLimitExceeded'),
      action('done', { attempt: 2 }),
      // Two calls of one attempt, the second tried twice.
      action('done', { action: 'stop-start-instance' }),
      action('throttled: RequestLimitExceeded', { action: 'stop-start-instance' }),
      action('done', { action: 'stop-start-instance' }),
      action('done', { target: 'i-0ffffffffffffffff' }),
      action('not begun', { attempt: 3 }),
      action('refused: AccessDenied', { attempt: 4 }),
      action('would', { attempt: 5 }),
    ];
    const seen = counted(metricsOf(outcome({ actions })));
    expect(seen).toEqual(expect.arrayContaining(['Actions reboot-instance 2', 'Actions stop-start-instance 1', 'BudgetSpent 5']));
  });

  test('count a guard that said no once, however often it was asked', () => {
    const no = { guard: 'lease', answer: 'hold', reason: 'taken' } as const;
    const timeline = [
      guard({ guard: 'mode', answer: 'pass' }, no),
      guard(no),
      guard({ guard: 'budget', answer: 'escalate', reason: 'spent' }),
    ];
    const seen = counted(metricsOf(outcome({ timeline })));
    expect(seen.filter((one) => one.startsWith('Holds'))).toEqual(['Holds lease 1', 'Holds 1', 'Holds budget 1', 'Holds 1']);
    expect(seen).toContain('BudgetsExhausted 1');
    expect(counted(metricsOf(outcome()))).toContain('BudgetsExhausted 0');
  });

  test('tell that a sweep came to its end', () => {
    expect(counted([heartbeatOf(noon, 2)])).toEqual(['Heartbeat 1', 'OrphansReconciled 2', 'SeenTo 2']);
  });

  test('tell which channel could not be told', () => {
    expect(counted([undeliveredMetricOf('people', 'host-impaired-1', noon)])).toEqual(['Untold people 1']);
  });

  // Every combination of dimensions is a metric that costs: an instance id as a dimension would be one each.
  test('never have a resource, an incident or an account as a dimension', () => {
    expect(new Set(Object.values(metrics).flatMap(({ dimensions }) => dimensions.flat()))).toEqual(
      new Set(['Failure', 'Outcome', 'Action', 'Guard', 'Channel']),
    );
  });

  test('are all that are listed, with the dimensions that are listed', () => {
    const timeline = [guard({ guard: 'mode', answer: 'hold', reason: 'off' })];
    const lines = [...metricsOf(outcome({ timeline })), heartbeatOf(noon, 0), undeliveredMetricOf('people', 'i', noon)];
    const written = lines.flatMap((line) => format.parse(line)._aws.CloudWatchMetrics);
    expect([...new Set(written.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)))].sort()).toEqual([...metricNames].sort());
    for (const { Metrics, Dimensions } of written)
      for (const { Name } of Metrics) expect(Dimensions).toEqual(metrics[Name as MetricName].dimensions);
  });

  test('are all of one stage', () => {
    const timeline = [guard({ guard: 'mode', answer: 'hold', reason: 'off' })];
    const lines = [...metricsOf(outcome({ timeline, actions: [action('done')] }), 'selfheal/prod'), heartbeatOf(noon, 0, 'selfheal/prod')];
    expect(lines).toHaveLength(4);
    const namespaces = lines.flatMap((line) => format.parse(line)._aws.CloudWatchMetrics.map(({ Namespace }) => Namespace));
    expect(new Set(namespaces)).toEqual(new Set(['selfheal/prod']));
  });

  test('stand each on a line of the logs with the incident that it came from', () => {
    for (const line of metricsOf(outcome())) expect(line.incident).toBe(outcome().incident);
  });
});
