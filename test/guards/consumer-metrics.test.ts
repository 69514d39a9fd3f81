import { expect, test } from '@jest/globals';
import { readConsumers } from '../../shared/guards/consumer-metrics.ts';
import { noon } from '../remediation/examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const arn = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

test('metrics of consumers are those of the functions that a queue invokes, by their alias, and of whole minutes', async () => {
  const { input, calls } = lookingUp({
    'lambda:ListEventSourceMappings': {
      output: {
        EventSourceMappings: [
          { FunctionArn: `${arn}:live`, State: 'Enabled' },
          { FunctionArn: arn, State: 'Disabled' },
        ],
      },
    },
    'cloudwatch:GetMetricData': {
      output: {
        MetricDataResults: [{ Id: 'm2', Timestamps: [new Date(noon - minute), new Date(noon - 2 * minute)], Values: [2, 1] }],
      },
    },
  });
  const asked = [{ queue: 'orders', arn: 'arn:aws:sqs:us-east-1:123456789012:orders', named: null }];
  const found = await readConsumers(input.clients, asked, { dead: 'dead', now: noon + 59_000, minutes: 10 });
  expect(found).toEqual({
    consumers: [
      {
        ...{ queue: 'orders', named: null, received: [], deleted: [] },
        functions: [
          {
            ...{ name: 'orders', qualifier: 'live', enabled: true, errors: [] },
            invocations: [
              { at: noon - 2 * minute, value: 1 },
              { at: noon - minute, value: 2 },
            ],
          },
          { name: 'orders', qualifier: null, enabled: false, invocations: [], errors: [] },
        ],
      },
    ],
    dead: [],
  });
  const read = calls.find(({ permission }) => permission === 'cloudwatch:GetMetricData')?.input;
  expect(read).toMatchObject({ StartTime: new Date(noon - 10 * minute), EndTime: new Date(noon) });
  const dimensions = (
    (read?.MetricDataQueries ?? []) as { MetricStat: { Metric: { Dimensions: { Value: string }[] }; Stat: string } }[]
  ).map(({ MetricStat: { Metric, Stat } }) => `${Metric.Dimensions.map(({ Value }) => Value).join(' ')} ${Stat}`);
  expect(dimensions).toEqual([
    ...['orders Sum', 'orders Sum', 'orders orders:live Sum', 'orders orders:live Sum', 'orders Sum', 'orders Sum', 'dead Maximum'],
  ]);
});
