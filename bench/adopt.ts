import { PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { createLocalAws, inProcess } from '#local-aws';
import { adopt } from '../local/adopt/adoption.ts';
import { createDocuments } from '../local/adopt/documents.ts';
import { liveClients, readLive } from '../local/adopt/live.ts';
import { renderText } from '../local/adopt/render.ts';
import { createStyle } from '../local/terminal/style.ts';
import { dayMs, minuteMs, secondMs } from '../shared/model/duration.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { assumptions } from './cost.ts';
import { type Measurement, round } from './measurement.ts';

const account = { seed: 1, start: Date.UTC(2026, 9, 1), account: '111122223333', region: 'us-east-1' };

const metrics = [
  ['AWS/EC2', 'StatusCheckFailed_Instance', 'InstanceId'],
  ['AWS/EC2', 'StatusCheckFailed_System', 'InstanceId'],
  ['CWAgent', 'mem_used_percent', 'InstanceId'],
  ['AWS/Lambda', 'Errors', 'FunctionName'],
  ['Shop', 'OrdersPending', 'Service'],
] as const;

/**
 * Adopting an account of so many alarms, each of which has gone off seven times: the time of its own, and what AWS takes beside it. The
 * latter is counted in calls, of 40 ms each as elsewhere, and in the second between two look-ups of CloudTrail.
 */
export const benchAdopt = async (quick = false): Promise<Measurement[]> => {
  const alarms = quick ? 50 : 500;
  const days = 14;
  const aws = createLocalAws({ ...account, exempt: ['OWNER', 'READER'] });
  const { world } = aws;
  const clients = (accessKeyId: string) => {
    const config = { region: account.region, credentials: { accessKeyId, secretAccessKey: 'x' }, requestHandler: inProcess(aws.handle) };
    return liveClients(config);
  };
  try {
    const { ec2, cloudWatch } = clients('OWNER');
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large', MinCount: alarms / 5, MaxCount: alarms / 5 }),
    );
    await aws.advanceTo(world.clock.now() + 10 * minuteMs);
    for (let n = 0; n < alarms; n++) {
      const [Namespace, MetricName, Name] = metrics[n % metrics.length] as (typeof metrics)[number];
      const Value = Name === 'InstanceId' ? (Instances[n % Instances.length]?.InstanceId ?? '') : `${Name.toLowerCase()}-${n}`;
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: `alarm-${n}`, Namespace, MetricName, Dimensions: [{ Name, Value }], Statistic: 'Maximum', Period: 3600 },
          ...{ EvaluationPeriods: 24, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore' },
        }),
      );
    }
    for (let day = 0; day < days; day++) {
      for (const StateValue of ['ALARM', 'OK'] as const) {
        for (let n = day % 2; n < alarms; n += 2)
          await cloudWatch.send(
            new SetAlarmStateCommand({
              AlarmName: `alarm-${n}`,
              StateValue,
              StateReason: 'played',
              StateReasonData: JSON.stringify({ version: '1.0', threshold: 1, recentDatapoints: [StateValue === 'ALARM' ? 2 : 0] }),
            }),
          );
        // Closer together than days: the time between changes nothing in the work.
        await aws.advanceTo(world.clock.now() + minuteMs);
      }
    }

    const documents = createDocuments();
    const before = world.calls.length;
    const now = world.clock.now();
    let waited = 0;
    const sleep = async (milliseconds: number): Promise<void> => {
      waited += milliseconds;
    };
    await readLive(documents, { clients: clients('READER'), from: now - days * dayMs, to: now, sleep, onRead: () => {} });
    const calls = world.calls.length - before;
    const began = performance.now();
    const read = documents.done();
    const { adoption } = await adopt(read, { policy: parsePolicy(''), file: null, who: 'all', days, now, live: true });
    renderText({ adoption, days, assumptions: [], rulesFile: undefined }, createStyle({ write: () => {} }, {}));
    const own = performance.now() - began;
    if (adoption.alarms.length !== alarms || !adoption.past) throw new Error(`${adoption.alarms.length} alarms were told of`);
    return [
      { name: 'adopt.alarms', value: alarms, unit: '' },
      { name: 'adopt.incidents', value: adoption.past.incidents, unit: '' },
      { name: 'adopt.api_calls', value: calls, unit: 'count' },
      { name: 'adopt.api_s', value: round((calls * assumptions.callMs + waited) / secondMs), unit: 's' },
      { name: 'adopt.own_s', value: round(own / secondMs), unit: 's' },
    ];
  } finally {
    await aws.close();
  }
};
