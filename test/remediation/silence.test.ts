import { PutMetricAlarmCommand, PutMetricDataCommand, type StandardUnit } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { whyNoFailure } from '../../shared/remediation/silence.ts';
import { createManagedInstance } from '../actions/managed-instance.ts';
import { recordingClients } from '../aws/recorder.ts';
import { noon } from './examples.ts';

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

/** What is said of an alarm that CloudWatch describes so, whose metric had such values before; and what was asked for. */
const said = async (alarm: Record<string, unknown> | null, Values: number[] = [1]) => {
  const watched = {
    ...{ Namespace: 'Shop', MetricName: 'Orders', Dimensions: [], Period: 60, EvaluationPeriods: 2, TreatMissingData: 'breaching' },
    StateTransitionedTimestamp: new Date(noon),
  };
  const { clients, calls } = recordingClients((call) =>
    call === 'cloudwatch:DescribeAlarms'
      ? { output: { MetricAlarms: alarm === null ? [] : [{ ...watched, ...alarm }] } }
      : { output: { MetricDataResults: [{ Id: 'before', Values }] } },
  );
  return {
    why: await whyNoFailure(clients, 'orders'),
    asked: calls.find(({ permission }) => permission === 'cloudwatch:GetMetricData')?.input,
  };
};

describe('the absence of an alarm’s data', () => {
  test('is looked for in the three periods before those that it evaluates, and the one that is partly in', async () => {
    const { why, asked } = await said({});
    expect(why).toBeNull();
    expect(asked).toMatchObject({ StartTime: new Date(noon - 6 * 60_000), EndTime: new Date(noon) });
    const updated = await said({
      EvaluationPeriods: undefined,
      StateTransitionedTimestamp: undefined,
      StateUpdatedTimestamp: new Date(noon),
    });
    expect(updated.asked).toMatchObject({ StartTime: new Date(noon - 5 * 60_000), EndTime: new Date(noon) });
    expect((await said({}, [])).why).toBe(
      'alarm orders had no data in the 3 periods before either: what has never sent any is set up wrongly',
    );
  });

  test.each<[string, Record<string, unknown> | null, string]>([
    ['there is no such alarm', null, 'CloudWatch lists no alarm orders'],
    [
      'the alarm takes it for something else',
      { TreatMissingData: 'notBreaching' },
      'alarm orders does not treat missing data as breaching',
    ],
    ...['Namespace', 'MetricName', 'Period'].map((name): [string, Record<string, unknown>, string] => [
      `the alarm has no ${name}`,
      { [name]: undefined },
      'alarm orders watches an expression, of which nothing tells whether it had data before',
    ]),
    ['nothing tells its time', { StateTransitionedTimestamp: undefined }, 'nothing tells since when alarm orders is in this state'],
  ])('is no failure where %s', async (_, alarm, why) => {
    expect(await said(alarm)).toEqual({ why, asked: undefined });
  });

  test('is a failure where it had data before', async () => {
    expect(await silent()).toBeNull();
    expect(await silent('Count')).toBeNull();
  });

  test('is a mistake where its data have another unit than the alarm watches', async () => {
    expect(await silent('Seconds')).toContain('had no data');
  });
});
