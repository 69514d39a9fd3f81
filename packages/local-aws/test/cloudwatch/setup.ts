import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { createWorld, type Delivery, type WorldEvent } from '../../src/core/world.ts';
import { createCloudWatch } from '../../src/services/cloudwatch/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, worldOptions } from '../harness.ts';

export const minute = 60_000;
export const topic = `arn:aws:sns:us-east-1:${worldOptions.account}:alarms`;
export const otherTopic = `arn:aws:sns:us-east-1:${worldOptions.account}:all-clear`;
export const lambda = `arn:aws:lambda:us-east-1:${worldOptions.account}:function:intake`;
export const alarmArn = (name: string) => `arn:aws:cloudwatch:us-east-1:${worldOptions.account}:alarm:${name}`;

/** CloudWatch alone, with one instance whose CPU does as it is told. */
export const cloudWatchWorld = (seed = worldOptions.seed) => {
  const world = createWorld({ ...worldOptions, seed });
  const part = createCloudWatch(world);
  /** The value from a time on, oldest first; undefined where the metric stops. */
  const changes: { at: number; value: number | undefined }[] = [{ at: world.start, value: 10 }];
  let asked = 0;
  part.addSource('AWS/EC2', (metric, dimensions, at) => {
    asked++;
    return metric === 'CPUUtilization' && dimensions.InstanceId === 'i-1' ? changes.findLast((change) => change.at < at)?.value : undefined;
  });
  const worldEvents: WorldEvent[] = [];
  world.subscribe((worldEvent) => worldEvents.push(worldEvent));
  const gateway = createGateway(world, [part.service]);
  const { cloudWatch } = localClients(gateway.handle);
  const outbox = <To extends Delivery['to']>(to: To) =>
    world.outbox.filter((delivery) => delivery.to === to) as Extract<Delivery, { to: To }>[];
  return {
    world,
    gateway,
    cloudWatch,
    worldEvents,
    carryOut: part.carryOut,
    /** How often the source was asked for a value. */
    asked: () => asked,
    outbox,
    events: (detailType: string) => outbox('eventbridge').flatMap(({ event }) => (event['detail-type'] === detailType ? [event] : [])),
    setCpu: (value: number | undefined) => {
      changes.push({ at: world.clock.now(), value });
    },
    pass: (minutes: number) => world.clock.advanceTo(world.clock.now() + minutes * minute),
    putCpuAlarm: (more: Partial<PutMetricAlarmCommandInput> = {}) =>
      cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName: 'cpu',
          Namespace: 'AWS/EC2',
          MetricName: 'CPUUtilization',
          Dimensions: [{ Name: 'InstanceId', Value: 'i-1' }],
          Statistic: 'Average',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 90,
          ComparisonOperator: 'GreaterThanThreshold',
          ...more,
        }),
      ),
  };
};
