import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { decode } from '../../shared/signals/decode.ts';
import { alarm, alarmAction, alarmEvent, instanceId, message, otherInstanceId, verdictOf } from './fixtures.ts';

type Item = { expression?: string; metric?: string; dimensions?: Record<string, string>; account?: string; namespace?: string };

/** An alarm on metric math over SNS, where the operator says which way it goes. */
const math = (items: Item[], parts: object = {}) => ({
  ...message(alarm()),
  Trigger: {
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 90,
    Metrics: items.map(({ expression, metric, dimensions, account, namespace }, index) => ({
      Id: `m${index}`,
      ...(account === undefined ? {} : { AccountId: account }),
      ...(expression === undefined
        ? {
            MetricStat: {
              Metric: {
                Namespace: namespace ?? 'AWS/EC2',
                MetricName: metric,
                Dimensions: Object.entries(dimensions ?? { InstanceId: instanceId }).map(([name, value]) => ({ name, value })),
              },
              Stat: 'Average',
            },
          }
        : { Expression: expression }),
    })),
    ...parts,
  },
});
const cpu: Item = { metric: 'CPUUtilization' };
const patch = (value: object, path: string[], to: unknown): object => {
  const copy = structuredClone(value) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[path.at(-1) ?? ''] = to;
  return copy;
};
const bare = { InstanceId: instanceId };

describe('cloudwatch-alarm', () => {
  test('keeps what a person and a playbook want to know, each bounded', () => {
    const verdict = verdictOf(alarmEvent(alarm({ metric: 'CPUUtilization', statistic: 'p99' })));
    expect(verdict).toMatchObject({
      kind: 'cloudwatch-alarm',
      alarm: { name: 'an-alarm', arn: 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:an-alarm' },
      children: [],
    });
    expect(verdict.evidence).toMatchObject({
      namespace: 'AWS/EC2',
      metric: 'CPUUtilization',
      statistic: 'p99',
      threshold: '10',
      datapoints: '11',
      previousState: 'OK',
      dimensions: `InstanceId=${instanceId}`,
    });
    const long = verdictOf(patch(message(alarm()), ['NewStateReason'], 'x'.repeat(10_000)));
    expect(long.evidence.stateReason).toHaveLength(512);
  });

  test.each(['OK', 'INSUFFICIENT_DATA'])('%s is never acted on, in any shape', (state) => {
    for (const shape of [message, alarmEvent, alarmAction]) {
      expect(verdictOf(shape(alarm({ state })))).toMatchObject({
        failure: null,
        disposition: 'ignore',
        playbook: null,
        resource: { type: 'instance', id: instanceId },
      });
    }
  });

  test('muted and suppressed alarms are left alone, unless only the state before was', () => {
    const told = alarmEvent(alarm());
    expect(verdictOf(patch(told, ['detail', 'muteDetail'], { mutedByArn: 'arn' })).disposition).toBe('ignore');
    expect(verdictOf(patch(told, ['detail', 'muteDetail'], null)).disposition).toBe('remediate');
    expect(verdictOf(patch(told, ['detail', 'state', 'actionsSuppressedBy'], 'Alarm')).disposition).toBe('ignore');
    expect(verdictOf(patch(told, ['detail', 'previousState', 'actionsSuppressedBy'], 'Alarm')).disposition).toBe('remediate');
    expect(verdictOf(patch(message(alarm()), ['MuteDetail'], {})).disposition).toBe('ignore');
  });

  test.each([
    [['AlarmName'], 7, 'AlarmName'],
    [['AlarmName'], ' ', 'alarm name'],
    [['AlarmName'], 'x'.repeat(256), 'alarm name'],
    [['NewStateValue'], 'alarm', 'NewStateValue'],
    [['Trigger'], [], 'Trigger'],
    [['Trigger', 'Dimensions'], {}, 'Trigger.Dimensions'],
    [['Trigger', 'Dimensions'], [{ name: 'InstanceId' }], 'Trigger.Dimensions.0.value'],
    [['Trigger', 'Dimensions'], Array.from({ length: 61 }, () => ({ name: 'a', value: 'b' })), 'dimensions'],
    [['Trigger', 'Metrics'], 'none', 'Trigger.Metrics'],
    [['StateChangeTime'], 'soon', 'time of the state change'],
  ])('%j that holds %j is rejected, naming %s', (path, value, field) => {
    expect(readEvent(patch(message(alarm()), path as string[], value)).rejected[0]?.error).toContain(field as string);
  });

  test.each([
    [['detail', 'configuration'], null, 'detail.configuration'],
    [['detail', 'state', 'value'], 'Alarm', 'detail.state.value'],
    [['detail', 'configuration', 'metrics'], {}, 'detail.configuration.metrics'],
    [['detail', 'configuration', 'metrics'], Array.from({ length: 101 }, () => ({})), 'metrics'],
    [['detail', 'configuration', 'metrics', '0', 'metricStat', 'metric', 'dimensions'], { InstanceId: [instanceId] }, 'dimensions'],
  ])('%j that holds %j is rejected, naming %s', (path, value, field) => {
    expect(readEvent(patch(alarmEvent(alarm()), path as string[], value)).rejected[0]?.error).toContain(field as string);
  });

  test('a metric without dimensions, of an image or of a type names nobody', () => {
    for (const dimensions of [{}, { ImageId: 'ami-0123456789abcdef0' }, { InstanceType: 'm7g.large' }, { instanceid: instanceId }] as Array<
      Record<string, string>
    >) {
      expect(verdictOf(message(alarm({ dimensions })))).toMatchObject({
        failure: 'instance-unreachable',
        disposition: 'escalate',
        resource: { type: 'alarm', id: 'an-alarm' },
      });
    }
  });

  test('the same dimension twice counts once if it says the same, and never if it does not', () => {
    const twice = (value: string) =>
      patch(
        message(alarm()),
        ['Trigger', 'Dimensions'],
        [instanceId, value].map((id) => ({ name: 'InstanceId', value: id })),
      );
    expect(verdictOf(twice(` ${instanceId} `)).disposition).toBe('remediate');
    expect(verdictOf(twice(otherInstanceId))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test.each(['SampleCount', 'TC(:100)', 'PR(10:)'])('the statistic %s reads no value', (statistic) => {
    expect(verdictOf(alarmEvent(alarm({ statistic })))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test('a status check without any data is for the live look to decide; other metrics are not', () => {
    const none = (metric: string) =>
      verdictOf(
        patch(
          message(alarm({ metric })),
          ['NewStateReason'],
          'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
        ),
      );
    for (const metric of ['StatusCheckFailed', 'StatusCheckFailed_System', 'StatusCheckFailed_Instance'])
      expect(none(metric).disposition).toBe('remediate');
    expect(none('CPUUtilization')).toMatchObject({
      failure: 'load-saturated',
      disposition: 'escalate',
      reason: expect.stringContaining('no datapoints'),
    });
    expect(none('StatusCheckFailed_AttachedEBS').reason).toContain('no datapoints');
  });

  const leftOpen = {
    disposition: 'remediate',
    reason: expect.stringContaining('the live look decides'),
    evidence: { sideWanted: 'above' },
  };

  test('a failed check that lies exactly on its threshold is a failed check; of a CPU that does the live look decides', () => {
    const on = (metric: string, points: number[], threshold: number) => {
      const told = alarmEvent(alarm({ metric, previousState: 'INSUFFICIENT_DATA' }));
      return verdictOf(patch(told, ['detail', 'state', 'reasonData'], JSON.stringify({ recentDatapoints: points, threshold })));
    };
    expect(on('StatusCheckFailed_System', [1], 1)).toMatchObject({ failure: 'host-impaired', disposition: 'remediate' });
    expect(on('StatusCheckFailed_System', [0], 0)).toMatchObject({ failure: 'host-impaired', ...leftOpen });
    expect(on('CPUUtilization', [80], 80)).toMatchObject({ failure: 'load-saturated', ...leftOpen });
  });

  test.each([
    ['AWS/ApplicationELB', { TargetGroup: 'targetgroup/web/0123456789abcdef' }],
    ['AWS/NetworkELB', { TargetGroup: 'targetgroup/web/0123456789abcdef' }],
    ['AWS/ELB', { LoadBalancerName: 'old-web' }],
  ])(
    'an unhealthy host of %s that lies exactly on its threshold is unhealthy; of a healthy one the live look decides',
    (namespace, dimensions) => {
      const on = (metric: string) => {
        const told = alarmEvent(
          alarm({ namespace, metric, dimensions: dimensions as Record<string, string>, previousState: 'INSUFFICIENT_DATA' }),
        );
        return verdictOf(patch(told, ['detail', 'state', 'reasonData'], JSON.stringify({ recentDatapoints: [1], threshold: 1 })));
      };
      expect(on('UnHealthyHostCount')).toMatchObject({ failure: 'target-unhealthy', disposition: 'remediate' });
      const { evidence, ...open } = leftOpen;
      expect(on('HealthyHostCount')).toMatchObject({ failure: 'target-unhealthy', ...open, evidence: { sideWanted: 'below' } });
    },
  );

  test('reasonData that is broken, or comes as an object, is taken for what it is', () => {
    const told = alarmEvent(alarm({ metric: 'CPUUtilization' }));
    expect(verdictOf(patch(told, ['detail', 'state', 'reasonData'], '{'))).toMatchObject(leftOpen);
    expect(verdictOf(patch(told, ['detail', 'state', 'reasonData'], '[]'))).toMatchObject(leftOpen);
    expect(verdictOf(patch(told, ['detail', 'state', 'reasonData'], { recentDatapoints: [99], threshold: 90 })).disposition).toBe(
      'remediate',
    );
  });

  test('what an alarm does is kept where it is told, and changes nothing of what the alarm means', () => {
    const told = alarm({ metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: 'web' } });
    const policy = 'arn:aws:autoscaling:us-west-2:111122223333:scalingPolicy:1:autoScalingGroupName/web:policyName/out';
    const AlarmActions = [policy, 7, 'x'.repeat(1601), ...Array.from({ length: 30 }, () => 'arn:aws:sns:us-west-2:111122223333:t')];
    const { alarm: ref, ...bySns } = verdictOf({ ...message(told), AlarmActions });
    expect(ref?.actions).toHaveLength(19);
    expect(ref?.actions?.[0]).toBe(policy);
    const { alarm: silent, ...byEvent } = verdictOf(alarmEvent(told));
    expect(silent).toEqual({ name: 'an-alarm', arn: ref?.arn });
    expect({ ...bySns, evidence: {} }).toEqual({ ...byEvent, evidence: {} });
    expect(byEvent).toMatchObject({ failure: 'load-saturated', disposition: 'remediate' });
    expect(verdictOf({ ...message(told), AlarmActions: 'none' }).alarm).not.toHaveProperty('actions');
  });

  test.each([
    ['m1*1', 'remediate'],
    ['SUM(METRICS())', 'remediate'],
    ['100*m1', 'remediate'],
    ['0.5 * (m1 + m2)', 'remediate'],
    ['m1/0.25', 'remediate'],
    ['0*m1', 'escalate'],
    ['0.0*m1', 'escalate'],
    ['m1*m2', 'escalate'],
    ['100/m1', 'escalate'],
    ['2*3/m1', 'escalate'],
    ['2*3*m1', 'remediate'],
    ['m1*2*3', 'remediate'],
    ['m1*2*m2', 'escalate'],
    ['m1/2*m2', 'escalate'],
    ['0*2*m1', 'escalate'],
    ['m1/0.0', 'escalate'],
    ['AVG([m1, m2])', 'remediate'],
    ['(m1+m2)/2', 'remediate'],
    ['MAX(METRICS("m"))', 'remediate'],
    ['ANOMALY_DETECTION_BAND(m1, 2)', 'remediate'],
    ['100-m1', 'escalate'],
    ['m1*0', 'escalate'],
    ['m1/0', 'escalate'],
    ['1/m1', 'escalate'],
    ['m1/m2', 'escalate'],
    ['IF(m1<5,100,0)', 'escalate'],
    ['FILL(m1,100)', 'escalate'],
    ['FILL(m1, 0)', 'remediate'],
    ['FILL(m1, 0)+100', 'escalate'],
    ['FILL(100, 0)', 'escalate'],
    ['RATE(m1)', 'escalate'],
    ['m1 + RATE(m1) * 14400', 'remediate'],
    ['m1 + RATE(m2) * 14400', 'escalate'],
    ['m1 - RATE(m1) * 14400', 'escalate'],
    ['m1 + RATE(m1) * m2', 'escalate'],
    ['m1 + RATE(m1) * -1', 'escalate'],
    ['100 - m1 + RATE(m1) * 14400', 'escalate'],
    ['ABS(m1)', 'escalate'],
    ['abs(m1)', 'escalate'],
    ['diff (m1)', 'escalate'],
    ['5+4', 'escalate'],
    ['SUM([5, 4])', 'escalate'],
    ['m1 < 5', 'escalate'],
  ])('the expression %s: %s', (expression, disposition) => {
    expect(verdictOf(math([{ expression }, cpu, cpu]))).toMatchObject({
      failure: 'load-saturated',
      disposition,
      resource: { type: 'instance', id: instanceId },
    });
  });

  test.each([
    ['GreaterThanThreshold', 0],
    ['GreaterThanOrEqualToThreshold', -1],
    ['LessThanThreshold', 90],
  ])('zeros for what is missing may breach %s %d', (ComparisonOperator, Threshold) => {
    const filled = math([{ expression: 'FILL(m1, 0)' }, cpu], { ComparisonOperator, Threshold });
    expect(decode(filled).signals).toMatchObject([{ direction: 'unknown', comparable: false }]);
  });

  test('two subjects, two classes or two directions in one expression are nobody', () => {
    const sum: Item = { expression: 'SUM(METRICS())' };
    for (const items of [
      [sum, cpu, { ...cpu, dimensions: { InstanceId: otherInstanceId } }],
      [sum, cpu, { ...cpu, dimensions: { AutoScalingGroupName: 'web' } }],
      [sum, cpu, { ...cpu, dimensions: {} }],
      [sum, cpu, { metric: 'StatusCheckFailed' }],
      [sum, cpu, { metric: 'Unheard' }],
      [sum, { metric: 'mem_used_percent', namespace: 'CWAgent' }, { metric: 'mem_free', namespace: 'CWAgent' }],
    ]) {
      expect(verdictOf(math(items))).toMatchObject({ failure: 'unclassified', disposition: 'escalate', resource: { type: 'alarm' } });
    }
  });

  test('a dimension that one of the metrics holds twice makes all of it ambiguous', () => {
    const sum = math([{ expression: 'SUM(METRICS())' }, cpu, cpu]) as unknown as {
      Trigger: { Metrics: Array<{ MetricStat?: { Metric: { Dimensions: unknown } } }> };
    };
    const last = sum.Trigger.Metrics[2]?.MetricStat;
    if (last === undefined) throw new Error('no metric');
    last.Metric.Dimensions = [instanceId, otherInstanceId].map((value) => ({ name: 'InstanceId', value }));
    expect(verdictOf(sum)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
  });

  test('the account of the metric is the account of the resource; two of them are nobody', () => {
    expect(verdictOf(math([{ ...cpu, account: '444455556666' }]))).toMatchObject({ disposition: 'remediate', account: '444455556666' });
    expect(readEvent(math([{ ...cpu, account: 'elsewhere' }])).rejected[0]?.error).toContain('account of a metric');
    expect(verdictOf(math([{ ...cpu, account: '444455556666' }, cpu]))).toMatchObject({ failure: 'unclassified', account: '111122223333' });
  });

  test('an error ratio is about errors, the work done has no say', () => {
    const errors: Item = { namespace: 'AWS/Lambda', metric: 'Errors', dimensions: { FunctionName: 'checkout' } };
    const invocations: Item = { ...errors, metric: 'Invocations' };
    expect(verdictOf(math([{ expression: 'm1/m2' }, errors, invocations]))).toMatchObject({
      failure: 'error-rate',
      disposition: 'escalate',
      resource: { type: 'service', id: 'checkout' },
    });
    expect(verdictOf(math([{ expression: 'm1/m2' }, { ...errors, metric: 'Duration' }, invocations])).failure).toBe('unclassified');
    expect(verdictOf(math([{ expression: 'm1+m2' }, invocations, invocations])).failure).toBe('unclassified');
  });

  test('composite alarms stand for their children', () => {
    const children = [{ Arn: 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:a' }];
    const { Trigger: _, ...rest } = message(alarm());
    expect(verdictOf({ ...rest, AlarmRule: 'ALARM(a)', TriggeringChildren: children })).toMatchObject({
      failure: 'unclassified',
      disposition: 'escalate',
      resource: { type: 'alarm', id: 'an-alarm' },
      children: ['arn:aws:cloudwatch:us-west-2:111122223333:alarm:a'],
    });
    expect(verdictOf({ ...rest, AlarmRule: 'ALARM(a)' })).toMatchObject({
      failure: 'unclassified',
      children: [],
      reason: expect.stringContaining('its state was set by hand'),
    });
    const told = patch(alarmEvent(alarm()), ['detail', 'configuration'], { alarmRule: 'ALARM(a)' });
    const set = patch(told, ['detail', 'state', 'reasonData'], JSON.stringify({ triggeringAlarms: [{ arn: 'arn:a' }, { arn: 7 }, null] }));
    expect(verdictOf(set).children).toEqual(['arn:a']);
  });

  test('contributors are classified like the metric they carry', () => {
    const query = 'SELECT AVG(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId) GROUP BY InstanceId';
    const told = (attributes: object | undefined, expression = query) => {
      const queried = patch(alarmEvent(alarm()), ['detail', 'configuration', 'metrics'], [{ id: 'q', expression }]);
      return attributes === undefined
        ? queried
        : patch(
            patch(queried, ['detail', 'alarmContributor'], { id: 'c', attributes }),
            ['detail-type'],
            'CloudWatch Alarm Contributor State Change',
          );
    };
    expect(verdictOf(told(bare))).toMatchObject({
      failure: 'load-saturated',
      disposition: 'remediate',
      resource: { type: 'instance', id: instanceId },
    });
    expect(verdictOf(patch(told(bare), ['detail', 'state', 'reasonData'], undefined))).toMatchObject({
      failure: 'load-saturated',
      disposition: 'escalate',
    });
    expect(verdictOf(told(undefined))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    expect(verdictOf(told({}))).toMatchObject({ failure: 'load-saturated', disposition: 'escalate', resource: { type: 'alarm' } });
    expect(verdictOf(told(bare, 'something else'))).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    const plain = patch(alarmEvent(alarm({ dimensions: {} })), ['detail', 'alarmContributor'], { id: 'c', attributes: bare });
    expect(verdictOf(plain)).toMatchObject({
      failure: 'instance-unreachable',
      disposition: 'remediate',
      resource: { type: 'instance', id: instanceId },
    });
    const torn = patch(alarmEvent(alarm()), ['detail', 'alarmContributor'], { id: 'c', attributes: { InstanceId: otherInstanceId } });
    expect(verdictOf(torn)).toMatchObject({ failure: 'unclassified', disposition: 'escalate' });
    expect(readEvent(told({ InstanceId: 'Other' })).rejected[0]?.error).toContain('InstanceId');
    expect(verdictOf(patch(message(alarm()), ['AlarmContributorAttributes'], bare)).disposition).toBe('remediate');
  });

  test('a change of configuration is never a change of state', () => {
    const changed = patch(alarmEvent(alarm()), ['detail-type'], 'CloudWatch Alarm Configuration Change');
    expect(verdictOf(changed)).toMatchObject({ failure: null, disposition: 'ignore', resource: { type: 'alarm', id: 'an-alarm' } });
    expect(verdictOf(patch(changed, ['detail'], null)).resource).toBeNull();
  });

  test('a user may call anything InstanceId in a namespace of their own, AWS may not', () => {
    expect(verdictOf(message(alarm({ namespace: 'Shop', metric: 'Jobs', dimensions: { InstanceId: 'worker-7' } })))).toMatchObject({
      failure: 'unclassified',
      resource: { type: 'alarm' },
    });
    for (const namespace of ['AWS/EC2', 'CWAgent', 'System/Linux']) {
      expect(readEvent(message(alarm({ namespace, dimensions: { InstanceId: 'worker-7' } }))).rejected[0]?.error).toContain(
        'dimension InstanceId',
      );
    }
  });
});
