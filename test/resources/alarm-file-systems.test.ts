import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import { describeAlarm } from '../../shared/resources/alarm.ts';
import { recordingClients } from '../aws/recorder.ts';

const of = (path: string) => ({
  MetricStat: {
    Metric: {
      Namespace: 'CWAgent',
      MetricName: 'disk_used_percent',
      Dimensions: [
        { Name: 'InstanceId', Value: 'i-1' },
        { Name: 'path', Value: path },
        { Name: 'device', Value: 'nvme0n1p1' },
      ],
    },
    Period: 60,
    Stat: 'Average',
  },
});
const named = (path: string) => ({ instance: 'i-1', path, device: 'nvme0n1p1' });

test.each<[string, Partial<MetricAlarm>, object[] | undefined]>([
  ['on a threshold', { Dimensions: of('/').MetricStat.Metric.Dimensions }, [named('/')]],
  [
    'on a forecast, by metric math',
    {
      Metrics: [
        { Id: 'm', ...of('/') },
        { Id: 'f', Expression: 'm + 48 * RATE(m) * 3600' },
      ],
    },
    [named('/')],
  ],
  [
    'on a band of one metric',
    {
      Metrics: [
        { Id: 'm', ...of('/') },
        { Id: 'b', Expression: 'ANOMALY_DETECTION_BAND(m)' },
      ],
    },
    [named('/')],
  ],
  [
    'on two file systems',
    {
      Metrics: [
        { Id: 'a', ...of('/') },
        { Id: 'b', ...of('/data') },
      ],
    },
    [named('/'), named('/data')],
  ],
  ['on something else', { Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }] }, undefined],
])('an alarm %s names the file systems that it tells of', async (_, alarm, expected) => {
  const { clients } = recordingClients(() => ({ output: { MetricAlarms: [{ AlarmName: 'a', StateValue: 'ALARM', ...alarm }] } }));
  expect((await describeAlarm(clients, 'a'))?.fileSystems).toEqual(expected);
});
