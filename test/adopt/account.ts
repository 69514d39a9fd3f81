import { CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import {
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, DescribeInstancesCommand, DescribeVolumesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { createLocalAws, inProcess } from '#local-aws';
import type { LiveClients } from '../../local/adopt/live.ts';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { dayMs, minuteMs } from '../../shared/model/duration.ts';

type Local = ReturnType<typeof createLocalAws>;

/** Clients for the reader, and every command that they were asked to send. */
export const readerOf = (aws: Local, accessKeyId = 'READER'): { clients: LiveClients; sent: string[] } => {
  const sent: string[] = [];
  const { ec2, autoScaling, cloudTrail, cloudWatch, kms } = localClients(aws.handle, { accessKeyId });
  const credentials = { accessKeyId, secretAccessKey: 'secret' };
  const rds = new RDSClient({ region: worldOptions.region, credentials, requestHandler: inProcess(aws.handle) });
  const clients = { ec2, autoScaling, cloudTrail, cloudWatch, kms, rds };
  for (const client of Object.values(clients) as unknown as { send: (command: object, ...rest: unknown[]) => unknown }[]) {
    const send = client.send.bind(client);
    client.send = (command, ...rest) => {
      sent.push(command.constructor.name.replace(/Command$/, ''));
      return send(command, ...rest);
    };
  }
  return { clients, sent };
};

const topic = 'arn:aws:sns:us-east-1:123456789012:on-call';

const alarmOf = (AlarmName: string, more: Partial<PutMetricAlarmCommandInput>): PutMetricAlarmCommandInput => ({
  AlarmName,
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  AlarmActions: [topic],
  ...more,
});

/** An account of more alarms than a page of DescribeAlarms has, on an embedded AWS: of instances, a group, a function and metrics of its own. */
export const createAccount = async () => {
  const aws = createLocalAws({ ...worldOptions, exempt: ['TESTKEY'] });
  const owner = localClients(aws.handle);
  const { KeyMetadata } = await owner.kms.send(new CreateKeyCommand({ Description: 'of volumes' }));
  const run = async (name: string, tags: Record<string, string> = {}, encrypted = false): Promise<string> => {
    const { Instances } = await owner.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: 'm7i.large',
        MinCount: 1,
        MaxCount: 1,
        ...(encrypted
          ? { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 8, Encrypted: true, KmsKeyId: KeyMetadata?.Arn } }] }
          : {}),
        TagSpecifications: [
          { ResourceType: 'instance', Tags: Object.entries({ Name: name, ...tags }).map(([Key, Value]) => ({ Key, Value })) },
        ],
      }),
    );
    return Instances?.[0]?.InstanceId ?? '';
  };
  const ids = {
    lone: await run('lone', { selfheal: 'on' }),
    keyed: await run('keyed', {}, true),
    node: await run('node', { 'karpenter.sh/nodepool': 'default' }),
    bare: await run('bare'),
  };
  const template = {
    LaunchTemplateName: 'web',
    LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large' as const },
  };
  await owner.ec2.send(new CreateLaunchTemplateCommand(template));
  await owner.autoScaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: 'web',
      MinSize: 1,
      MaxSize: 1,
      DesiredCapacity: 1,
      LaunchTemplate: { LaunchTemplateName: 'web' },
      AvailabilityZones: ['us-east-1a'],
    }),
  );
  await aws.advanceTo(aws.world.clock.now() + 15 * minuteMs);
  const check = (name: string, MetricName: string, id: string) =>
    alarmOf(name, { Namespace: 'AWS/EC2', MetricName, Dimensions: [{ Name: 'InstanceId', Value: id }] });
  const alarms: PutMetricAlarmCommandInput[] = [
    check('lone-unreachable', 'StatusCheckFailed_Instance', ids.lone),
    check('keyed-host', 'StatusCheckFailed_System', ids.keyed),
    check('node-unreachable', 'StatusCheckFailed_Instance', ids.node),
    check('gone-host', 'StatusCheckFailed_System', 'i-0ffffffffffffffff'),
    alarmOf('web-busy', {
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }],
      Statistic: 'Average',
      Threshold: 85,
    }),
    alarmOf('checkout-errors', {
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: 'checkout' }],
    }),
    ...Array.from({ length: 130 }, (_, n) =>
      alarmOf(`orders-${String(n).padStart(3, '0')}`, {
        Namespace: 'Shop',
        MetricName: n < 100 ? 'OrdersPending' : 'CustomerMood',
        Dimensions: [{ Name: 'Service', Value: `orders-${n}` }],
        ComparisonOperator: 'GreaterThanThreshold',
        ...(n < 4 ? { AlarmActions: [] } : {}),
      }),
    ),
  ];
  for (const alarm of alarms) await owner.cloudWatch.send(new PutMetricAlarmCommand(alarm));
  await owner.cloudWatch.send(
    new PutCompositeAlarmCommand({
      AlarmName: 'shop-down',
      AlarmRule: 'ALARM("web-busy") AND ALARM("checkout-errors")',
      AlarmActions: [topic],
    }),
  );
  await aws.advanceTo(aws.world.clock.now() + 5 * minuteMs);
  aws.faults.inject({ fault: 'hang-kernel', target: ids.lone });
  await aws.advanceTo(aws.world.clock.now() + 30 * minuteMs);

  /** What the AWS CLI would print of it. */
  const printed = async (): Promise<Record<string, unknown>> => {
    const all: { MetricAlarms: unknown[]; CompositeAlarms: unknown[] } = { MetricAlarms: [], CompositeAlarms: [] };
    for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
      const page = await owner.cloudWatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], NextToken }));
      all.MetricAlarms.push(...(page.MetricAlarms ?? []));
      all.CompositeAlarms.push(...(page.CompositeAlarms ?? []));
      NextToken = page.NextToken;
    }
    const to = aws.world.clock.now();
    return {
      alarms: all,
      instances: await owner.ec2.send(new DescribeInstancesCommand({})),
      groups: await owner.autoScaling.send(new DescribeAutoScalingGroupsCommand({})),
      volumes: await owner.ec2.send(new DescribeVolumesCommand({})),
      key: await owner.kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.Arn })),
      history: await owner.cloudWatch.send(
        new DescribeAlarmHistoryCommand({
          AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          HistoryItemType: 'StateUpdate',
          StartDate: new Date(to - 14 * dayMs),
          EndDate: new Date(to),
          ScanBy: 'TimestampAscending',
          MaxRecords: 100,
        }),
      ),
    };
  };
  return { aws, ids, printed };
};
