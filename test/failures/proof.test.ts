import { describe, expect, test } from '@jest/globals';
import { classify } from '../../shared/failures/classify.ts';
import { classificationRulesSchema, noRules } from '../../shared/model/classification-rules.ts';
import type { Signal } from '../../shared/model/signal.ts';
import { decode } from '../../shared/signals/decode.ts';
import { type Alarm, alarm, alarmEvent, message, verdictOf } from '../signals/fixtures.ts';

const group = { AutoScalingGroupName: 'web' };
const instance = { InstanceId: 'i-0a1b2c3d4e5f60718' };
const balancer = { TargetGroup: 'targetgroup/web/0123456789abcdef', LoadBalancer: 'app/web/fedcba9876543210' };

const claim = (parts: Partial<Alarm>) => {
  const told = alarm(parts);
  const [bySns, byEvent] = [verdictOf(message(told)), verdictOf(alarmEvent(told))];
  expect([byEvent.failure, byEvent.disposition, byEvent.reason]).toEqual([bySns.failure, bySns.disposition, bySns.reason]);
  return bySns;
};

describe('what a statistic can prove', () => {
  test.each(['CPUUtilization', 'NetworkIn', 'NetworkOut', 'NetworkPacketsIn', 'NetworkPacketsOut'])(
    'more members do not lower a sum over a group: %s',
    (metric) => {
      expect(claim({ metric, statistic: 'Sum', dimensions: group })).toMatchObject({
        failure: 'load-saturated',
        disposition: 'escalate',
        reason: expect.stringContaining('adding members does not lower a sum'),
      });
      for (const statistic of ['Average', 'Maximum', 'Minimum', 'p95', 'tm90'])
        expect(claim({ metric, statistic, dimensions: group })).toMatchObject({ failure: 'load-saturated', disposition: 'remediate' });
      // Of one instance it is what it sends in a period.
      expect(claim({ metric, statistic: 'Sum', dimensions: instance })).toMatchObject({
        failure: 'load-saturated',
        disposition: 'remediate',
      });
    },
  );

  test.each(['Sum', 'TS(10%:90%)', 'ts99'])('nor does %s of what their agents measure', (statistic) => {
    const parts = { namespace: 'CWAgent', statistic, dimensions: group };
    const disposition = statistic === 'ts99' ? 'remediate' : 'escalate';
    expect(claim({ ...parts, metric: 'netstat_tcp_established' }).disposition).toBe(disposition);
    expect(claim({ ...parts, metric: 'mem_used_percent' }).disposition).toBe(disposition);
  });

  test.each(['SampleCount', 'TC(:100)', 'PR(:100)'])('%s reads no value at all', (statistic) => {
    for (const [metric, dimensions] of [
      ['CPUUtilization', group],
      ['CPUUtilization', instance],
      ['StatusCheckFailed', instance],
    ] as const)
      expect(claim({ metric, statistic, dimensions })).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    expect(claim({ namespace: 'AWS/ApplicationELB', metric: 'UnHealthyHostCount', statistic, dimensions: balancer })).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
    });
  });

  test('every other statistic of checks and hosts does', () => {
    for (const statistic of ['Sum', 'Average', 'Maximum', 'Minimum', 'p50']) {
      expect(claim({ metric: 'StatusCheckFailed', statistic, dimensions: instance }).disposition).toBe('remediate');
      expect(claim({ namespace: 'AWS/ApplicationELB', metric: 'UnHealthyHostCount', statistic, dimensions: balancer }).disposition).toBe(
        'remediate',
      );
    }
  });

  test('low free memory is how Linux works; low available memory is not', () => {
    const low = { namespace: 'CWAgent', direction: 'below' as const, statistic: 'Average', dimensions: instance };
    expect(claim({ ...low, metric: 'mem_free' })).toMatchObject({
      failure: 'memory-exhausted',
      disposition: 'escalate',
      reason: expect.stringContaining('page cache'),
    });
    expect(claim({ ...low, metric: 'mem_available' }).disposition).toBe('remediate');
    expect(claim({ ...low, metric: 'Memory Available Mbytes' }).disposition).toBe('remediate');
  });

  test('one core is not the machine', () => {
    const cpu = (name: string) => claim({ namespace: 'CWAgent', metric: 'cpu_usage_active', dimensions: { ...instance, cpu: name } });
    expect(cpu('cpu3')).toMatchObject({
      disposition: 'escalate',
      reason: expect.stringContaining('cpu cpu3 is only a part of the machine'),
    });
    expect(cpu('cpu-total').disposition).toBe('remediate');
  });

  describe('holds for rules of a policy, too', () => {
    const byRule = (parts: Partial<Alarm>, rule: object) => {
      const [signal] = decode(message(alarm(parts))).signals;
      const classification = classificationRulesSchema.parse({
        alarms: [{ failure: 'load-saturated', direction: 'above', playbook: 'scale-out', subject: { type: 'group', id: 'web' }, ...rule }],
      });
      return classify(signal as Signal, { ...noRules, ...classification });
    };

    test('a sum of what each member measures', () => {
      const rule = { namespace: 'AWS/EC2', metric: 'NetworkOut' };
      expect(byRule({ metric: 'NetworkOut', statistic: 'Sum', dimensions: group }, rule).disposition).toBe('escalate');
      expect(byRule({ metric: 'NetworkOut', statistic: 'Average', dimensions: group }, rule).disposition).toBe('remediate');
    });

    test('but the sum of requests for each target is their average', () => {
      const rule = { namespace: 'AWS/ApplicationELB', metric: 'RequestCountPerTarget' };
      const told = { namespace: 'AWS/ApplicationELB', metric: 'RequestCountPerTarget', statistic: 'Sum', dimensions: balancer };
      expect(byRule(told, rule)).toMatchObject({ disposition: 'remediate', playbook: 'scale-out', resource: { type: 'group', id: 'web' } });
    });

    test('a count of datapoints', () => {
      const rule = { namespace: 'Shop', metric: 'Sessions' };
      expect(byRule({ namespace: 'Shop', metric: 'Sessions', statistic: 'SampleCount', dimensions: {} }, rule).disposition).toBe(
        'escalate',
      );
      expect(byRule({ namespace: 'Shop', metric: 'Sessions', statistic: 'Sum', dimensions: {} }, rule).disposition).toBe('remediate');
    });
  });
});
