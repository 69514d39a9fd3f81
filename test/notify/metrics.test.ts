import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { statuses } from '../../shared/incident/outcome.ts';
import { metricsOf } from '../../shared/notify/metrics.ts';
import { outcome } from '../incident/examples.ts';

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

describe('metrics', () => {
  test.each(statuses)('of an incident that ended %s are in the embedded metric format', (status) => {
    const resolved = status === 'healed' || status === 'healed-itself';
    const line = JSON.parse(JSON.stringify(metricsOf(outcome({ status, timeToRecoverSeconds: resolved ? 365 : null }))));
    const { _aws } = format.parse(line);
    for (const { Dimensions, Metrics } of _aws.CloudWatchMetrics) {
      // What a metric or a dimension names has to stand at the top of the line.
      for (const { Name } of Metrics) expect(typeof line[Name]).toBe('number');
      for (const name of Dimensions.flat()) expect(line[name]).toMatch(/^.{1,1024}$/);
      expect(Metrics.some(({ Name }) => Name === 'TimeToRecover')).toBe(resolved);
    }
    expect('TimeToRecover' in line).toBe(resolved);
  });

  test('have the time at which the incident ended', () => {
    expect(format.parse(metricsOf(outcome()))._aws.Timestamp).toBe(Date.parse(outcome().endedAt));
  });

  test('count the incident, and the actions that were done', () => {
    const action = (result: string) => ({ action: 'reboot-instance', attempt: 1, at: outcome().endedAt, result });
    const actions = ['done', 'throttled: RequestLimitExceeded', 'done', 'refused: AccessDenied'].map(action);
    expect(metricsOf(outcome({ actions }))).toMatchObject({
      Incidents: 1,
      Actions: 2,
      TimeToRecover: 365,
      Failure: 'instance-unreachable',
      Outcome: 'healed',
    });
  });

  // Every combination of dimensions is a metric that costs: an instance id as a dimension would be one each.
  test('never have a resource or an incident as a dimension', () => {
    const [metric] = format.parse(metricsOf(outcome()))._aws.CloudWatchMetrics;
    expect(new Set(metric?.Dimensions.flat())).toEqual(new Set(['Failure', 'Outcome']));
  });
});
