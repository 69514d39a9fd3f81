import { PutMetricAlarmCommand, PutMetricDataCommand, type StandardUnit } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { whyNoFailure } from '../../shared/remediation/silence.ts';
import { createManagedInstance } from '../actions/managed-instance.ts';

/** An alarm whose metric had data for five minutes and then has none. */
const silent = async (Unit?: StandardUnit) => {
  const { clients, pass } = createManagedInstance();
  const metric = { Namespace: 'Shop', MetricName: 'Orders' };
  const alarm = { AlarmName: 'orders', ...metric, Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 1 } as const;
  await clients.cloudWatch.send(
    new PutMetricAlarmCommand({
      ...{ ...alarm, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' },
      ...(Unit === undefined ? {} : { Unit }),
    }),
  );
  for (let minute = 0; minute < 5; minute++) {
    await clients.cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'Shop', MetricData: [{ MetricName: 'Orders', Value: 7, Unit: 'Count' }] }),
    );
    pass(60);
  }
  pass(600);
  return whyNoFailure(clients, 'orders');
};

describe('the absence of an alarm’s data', () => {
  test('is a failure where it had data before', async () => {
    expect(await silent()).toBeNull();
    expect(await silent('Count')).toBeNull();
  });

  test('is a mistake where its data have another unit than the alarm watches', async () => {
    expect(await silent('Seconds')).toContain('had no data');
  });
});
