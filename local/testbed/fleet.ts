import {
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
} from '@aws-sdk/client-auto-scaling';
import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetGroupsCommand,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { loadBalancerDimension, targetGroupDimension } from '#local-aws';
import { type AlarmKind, type AlarmSettings, type Arns, alarmName, metricAlarmInput, usual } from '../worlds/alarms.ts';
import type { Host } from './host.ts';

export const optInTag = { Key: 'selfheal', Value: 'on' } as const;

/** The default image. */
export const usualImage = 'ami-0123456789abcdef0';
const usualType = 'm7i.large';

/** The launch template that a group is made from. */
export const templateOf = (groupName: string): string => `${groupName}-template`;

/** A volume that is encrypted under this key, or under AWS's own (`aws`), or not at all; the first one is the root volume. */
export type Volume = { keyArn?: string | 'aws' | undefined; sizeGiB?: number | undefined };

const mappingsOf = (volumes: readonly Volume[]) =>
  volumes.map(({ keyArn, sizeGiB = 8 }, i) => ({
    DeviceName: i === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode('f'.charCodeAt(0) + i - 1)}`,
    Ebs: {
      VolumeSize: sizeGiB,
      ...(keyArn === undefined ? {} : { Encrypted: true, ...(keyArn === 'aws' ? {} : { KmsKeyId: keyArn }) }),
    },
  }));
const disks = (volumes: readonly Volume[] | undefined) => (volumes ? { BlockDeviceMappings: mappingsOf(volumes) } : {});

/** Whether it gets a public address; its subnet's setting by default. */
const networkOf = (publicAddress: boolean | undefined) =>
  publicAddress === undefined ? {} : { NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: publicAddress }] };

type InstanceOptions = {
  name: string;
  zone?: string;
  type?: string;
  image?: string | undefined;
  optedIn?: boolean;
  tags?: Readonly<Record<string, string>>;
  volumes?: readonly Volume[] | undefined;
  /** A public address that AWS lends: none, unless it says so. */
  publicAddress?: boolean | undefined;
};
type GroupOptions = {
  name: string;
  min: number;
  max: number;
  desired: number;
  optedIn?: boolean;
  spot?: boolean;
  type?: string;
  image?: string | undefined;
  zones?: readonly string[];
  tags?: Readonly<Record<string, string>>;
  volumes?: readonly Volume[] | undefined;
  publicAddress?: boolean | undefined;
  grace?: number;
  cooldown?: number;
  /** Metrics of its members every minute. */
  detailedMonitoring?: boolean;
  /** Whose health checks its members are registered with. */
  targetGroupArns?: string[];
  /** What else Auto Scaling takes. */
  more?: Partial<CreateAutoScalingGroupCommandInput>;
};

/** Builds fleets as an engineer would, with the SDK and through the API, under another name than selfheal's. */
export const createFleet = ({ operator, aws, alarmTopicArn }: Pick<Host, 'operator' | 'aws' | 'alarmTopicArn'>) => {
  const zoneOf = (zone: string | undefined) => zone ?? `${aws.world.region}a`;

  const instance = async ({
    name,
    zone,
    type = usualType,
    image = usualImage,
    optedIn = true,
    tags = {},
    volumes,
    publicAddress = false,
  }: InstanceOptions): Promise<string> => {
    const others = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const Tags = [{ Key: 'Name', Value: name }, ...(optedIn ? [optInTag] : []), ...others];
    const { Instances } = await operator.ec2.send(
      new RunInstancesCommand({
        ImageId: image,
        InstanceType: type as 'm7i.large',
        MinCount: 1,
        MaxCount: 1,
        Placement: { AvailabilityZone: zoneOf(zone) },
        ...disks(volumes),
        // A fleet stands behind load balancers: what has an address of its own says so.
        ...networkOf(publicAddress),
        TagSpecifications: [{ ResourceType: 'instance', Tags }],
      }),
    );
    return Instances?.[0]?.InstanceId as string;
  };

  const group = async (options: GroupOptions): Promise<void> => {
    const LaunchTemplateName = templateOf(options.name);
    await operator.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: {
          ImageId: options.image ?? usualImage,
          InstanceType: (options.type ?? usualType) as 'm7i.large',
          ...disks(options.volumes),
          ...networkOf(options.publicAddress),
          ...(options.detailedMonitoring ? { Monitoring: { Enabled: true } } : {}),
          ...(options.spot ? { InstanceMarketOptions: { MarketType: 'spot' as const } } : {}),
        },
      }),
    );
    const { more, tags = {} } = options;
    const others = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const tag = { ResourceId: options.name, ResourceType: 'auto-scaling-group', PropagateAtLaunch: true };
    await operator.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: options.name,
        ...(more?.MixedInstancesPolicy ? {} : { LaunchTemplate: { LaunchTemplateName, Version: '$Latest' } }),
        MinSize: options.min,
        MaxSize: options.max,
        DesiredCapacity: options.desired,
        AvailabilityZones: (options.zones ?? ['a', 'b']).map((zone) => `${aws.world.region}${zone}`),
        HealthCheckGracePeriod: options.grace ?? 120,
        DefaultCooldown: options.cooldown ?? 60,
        ...(options.targetGroupArns ? { TargetGroupARNs: options.targetGroupArns } : {}),
        Tags: [...(options.optedIn === false ? [] : [optInTag]), ...others].map((one) => ({ ...tag, ...one })),
        ...more,
      }),
    );
  };

  const alarm = async (input: Omit<PutMetricAlarmCommandInput, 'AlarmActions' | 'EvaluationPeriods'> & { EvaluationPeriods?: number }) => {
    await operator.cloudWatch.send(
      new PutMetricAlarmCommand({
        EvaluationPeriods: 3,
        Period: 60,
        Statistic: 'Maximum',
        AlarmActions: [alarmTopicArn],
        OKActions: [alarmTopicArn],
        ...input,
      }),
    );
  };

  /** ARNs of scaling policies, by `GROUP/NAME`. */
  const policies = new Map<string, string>();
  const scalingPolicy = async (
    groupName: string,
    name: string,
    how: Omit<PutScalingPolicyCommandInput, 'AutoScalingGroupName' | 'PolicyName'>,
  ) => {
    const put = new PutScalingPolicyCommand({ AutoScalingGroupName: groupName, PolicyName: name, ...how });
    policies.set(`${groupName}/${name}`, (await operator.autoScaling.send(put)).PolicyARN ?? '');
  };

  const arns: Arns = {
    topic: alarmTopicArn,
    automate: (verb: string) => `arn:${aws.world.partition}:automate:${aws.world.region}:ec2:${verb}`,
    policy: (ref) => policies.get(ref) ?? ref,
  };
  /** An alarm of a kind, with what differs from how such a one usually is. */
  const alarmOn = (kind: AlarmKind, id: string, dimensions: Readonly<Record<string, string>>, how: Partial<AlarmSettings> = {}) =>
    operator.cloudWatch.send(
      new PutMetricAlarmCommand(metricAlarmInput(kind, dimensions, how.name ?? alarmName(kind, id), { ...usual, ...how }, arns)),
    );

  const instanceAlarm = (instanceId: string, kind: AlarmKind, how: Partial<AlarmSettings> = {}) =>
    alarmOn(kind, instanceId, { InstanceId: instanceId }, how);
  const groupAlarm = (groupName: string, kind: AlarmKind, how: Partial<AlarmSettings> = {}) =>
    alarmOn(kind, groupName, { AutoScalingGroupName: groupName }, how);

  const statusAlarm = (instanceId: string, check: 'System' | 'Instance') =>
    instanceAlarm(instanceId, check === 'System' ? 'system' : 'instance');
  /** Looks at every minute, though its metric comes every five. */
  const cpuAlarm = (groupName: string) => groupAlarm(groupName, 'cpu', { period: 60, periods: 3 });

  /** A target group behind a load balancer of its own; its ARN. */
  const targetGroup = async (
    name: string,
    {
      optedIn = false,
      delay,
      checkEvery,
      addresses = false,
    }: { optedIn?: boolean | undefined; delay?: number | undefined; checkEvery?: number | undefined; addresses?: boolean } = {},
  ): Promise<string> => {
    const { elb, ec2 } = operator;
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: 80,
        VpcId: Subnets?.[0]?.VpcId,
        TargetType: addresses ? 'ip' : 'instance',
        ...(checkEvery === undefined ? {} : { HealthCheckIntervalSeconds: checkEvery }),
      }),
    );
    const arn = TargetGroups?.[0]?.TargetGroupArn as string;
    const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: name, Subnets: ['subnet-0a', 'subnet-0b'] }));
    if (optedIn) await elb.send(new AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key: 'selfheal', Value: 'on' }] }));
    if (delay !== undefined) {
      const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(delay) }];
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes }));
    }
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }];
    await elb.send(
      new CreateListenerCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }),
    );
    return arn;
  };

  /** On the ports given, or on the target group's own. */
  const register = async (targetGroupArn: string, targets: readonly (string | { id: string; port: number })[]): Promise<void> => {
    const Targets = targets.map((one) => (typeof one === 'string' ? { Id: one } : { Id: one.id, Port: one.port }));
    await operator.elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets }));
  };

  const targetsAlarm = async (name: string, targetGroupArn: string, how: Partial<AlarmSettings> = {}) => {
    const { TargetGroups } = await operator.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
    const balancer = TargetGroups?.[0]?.LoadBalancerArns?.[0] ?? '';
    const dimensions = { TargetGroup: targetGroupDimension(targetGroupArn), LoadBalancer: loadBalancerDimension(balancer) };
    await alarmOn('unhealthy', targetGroupArn, dimensions, { name, ...how });
  };

  return {
    instance,
    group,
    scalingPolicy,
    alarm,
    arns,
    instanceAlarm,
    groupAlarm,
    statusAlarm,
    cpuAlarm,
    targetGroup,
    register,
    targetsAlarm,
  };
};
