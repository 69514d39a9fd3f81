import type { PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { MetricSource } from '#local-aws';
import { loadBalancerDimension } from '#local-aws';
import { cloudWatchParameters, ec2Parameters } from '#local-aws/model-parameters';
import { minuteMs } from '../../shared/model/duration.ts';
import { createFleet, optInTag, usualImage } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';

/** Makes a metric cross an alarm's threshold: `run` is called once, `before` milliseconds before the alarm fires. */
export type Cause = { run: () => void; before: number };

/** The size of a target group that an event names, unless its alarm needs more. */
const targetsOfOne = 3;
/** A CPU percentage clearly above a threshold. */
const clearly = (threshold: number) => Math.min(100, threshold + (100 - threshold) / 2);

/** From an alarm's last datapoint until its evaluation: the ingestion delay, and an evaluation per minute. */
const noticed = (cloudWatchParameters.ingestionSeconds + cloudWatchParameters.evaluateEverySeconds) * 1000 + minuteMs;

const arnOf = ({ aws }: Host, name: string): string => (name.startsWith('arn:') ? name : aws.world.arn('elasticloadbalancing', name));

const dimensionsOf = ({ Dimensions = [] }: PutMetricAlarmCommandInput): Record<string, string> =>
  Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));

/** Dimensions that the agent adds to an instance's own where it is told to, and those that tell its disks apart. */
const added = new Set(['ImageId', 'InstanceType', 'AutoScalingGroupName', 'host']);
const ofDisk = new Set(['path', 'device', 'fstype']);
const rootDisk = { path: '/', device: 'nvme0n1p1', fstype: 'xfs' };

/** Serves metrics under an event's dimensions, whatever their names in the embedded AWS. */
const createBridge = ({ aws: { cloudWatch } }: Host) => {
  const keyOf = (metric: string, dimensions: Readonly<Record<string, string>>) =>
    JSON.stringify([metric, ...Object.entries(dimensions).sort()]);
  const served = new Map<string, Map<string, (at: number) => number | undefined>>();
  return (namespace: string, metric: string, told: Record<string, string>, source: MetricSource, own: Record<string, string>): void => {
    const known = served.get(namespace) ?? new Map<string, (at: number) => number | undefined>();
    if (!served.has(namespace)) {
      served.set(namespace, known);
      cloudWatch.addSource(namespace, (name, dimensions, at) => known.get(keyOf(name, dimensions))?.(at));
    }
    known.set(keyOf(metric, told), (at) => source(metric, own, at));
  };
};

/** Makes instances, groups and target groups with ids that an event has given them. */
const createNamed = (host: Host) => {
  const { aws } = host;
  const fleet = createFleet(host);
  const tags = [
    { key: 'Name', value: 'matched' },
    { key: optInTag.Key, value: optInTag.Value },
  ];
  const common = {
    imageId: usualImage,
    instanceType: 'm7i.large',
    availabilityZone: `${aws.world.region}a`,
    tags,
    detailedMonitoring: true,
  };
  const targetsOf = new Map<string, string[]>();
  return {
    instance: (id: string, spot = false): void => {
      if (!aws.ec2.get(id)) aws.ec2.launch({ ...common, id, spot });
    },
    group: async (name: string): Promise<void> => {
      if (!aws.autoScaling.get(name)) await fleet.group({ name, min: 2, max: 6, desired: 2, detailedMonitoring: true });
    },
    /** By its ARN, or as a metric's dimension has it; the instances in it, so many where it is new. */
    targetGroup: (name: string, count = targetsOfOne): string[] => {
      const arn = arnOf(host, name);
      const known = targetsOf.get(arn);
      if (known) return known;
      const targets = Array.from({ length: count }, () => aws.ec2.launch(common).id);
      targetsOf.set(arn, targets);
      aws.loadBalancing.place(arn, targets);
      return targets;
    },
  };
};
export type Named = ReturnType<typeof createNamed>;

type Watched = {
  host: Host;
  named: Named;
  /** Serves the metric under the event's dimensions. */
  serve: (source: MetricSource, own: Record<string, string>) => void;
  input: PutMetricAlarmCommandInput;
  /** All datapoints that have to breach, in milliseconds. */
  window: number;
  threshold: number;
  above: boolean;
};
/** Null: no fault moves it there. */
type Drive = (watched: Watched, dimensions: Record<string, string>) => Promise<Cause | null> | Cause | null;

const inject = ({ host: { aws } }: Watched, fault: 'hang-kernel' | 'fail-host' | 'impair-volume', target: string) =>
  void aws.faults.inject({ fault, target });

/** Two checks in a row have to fail before EC2 says so. */
const failed = (ec2Parameters.statusChecks.failuresToImpair + 1) * minuteMs;

/**
 * A failed host that is not recovered before the alarm fires. EC2 tries to recover it once, at the earliest this long after the failure;
 * until then it fails again and again, the last time exactly that long before the alarm.
 */
const failHost = ({ host: { aws } }: Watched, id: string, until: number): void => {
  const { clock } = aws.world;
  const again = (ec2Parameters.recovery.after.least - 1) * 1000;
  const fail = (): void => {
    const fault = aws.faults.inject({ fault: 'fail-host', target: id });
    const left = until - clock.now();
    if (left <= again) return;
    clock.after(left % again || again, () => {
      aws.faults.end(fault);
      fail();
    });
  };
  fail();
};

const check =
  (fault: 'hang-kernel' | 'fail-host' | 'impair-volume'): Drive =>
  async (watched, { InstanceId, AutoScalingGroupName }) => {
    const { host, named, above, window, threshold } = watched;
    // The checks are 0 and 1.
    if (!above || threshold < 0 || threshold > 1) return null;
    const before = failed + window + noticed;
    if (InstanceId !== undefined) {
      named.instance(InstanceId);
      const { clock } = host.aws.world;
      const run = () => (fault === 'fail-host' ? failHost(watched, InstanceId, clock.now() + before) : inject(watched, fault, InstanceId));
      return { run, before };
    }
    if (AutoScalingGroupName === undefined) return null;
    await named.group(AutoScalingGroupName);
    return { run: () => inject(watched, fault, host.aws.autoScaling.get(AutoScalingGroupName)?.inServiceIds[0] ?? ''), before };
  };

const cpu: Drive = async (watched, { InstanceId, AutoScalingGroupName }) => {
  const { host, named, above, threshold, window } = watched;
  // The first whole datapoint may be a minute late, and a group's members share their load somewhat later.
  const before = 2 * minuteMs + window + noticed;
  if (InstanceId !== undefined) {
    named.instance(InstanceId);
    if (above) return { run: () => host.aws.ec2.setLoad(InstanceId, clearly(threshold)), before };
    // An idle instance is below most thresholds; only a hung one uses no CPU at all.
    return { run: () => (threshold > ec2Parameters.idle.cpu ? undefined : inject(watched, 'hang-kernel', InstanceId)), before };
  }
  if (AutoScalingGroupName === undefined) return null;
  await named.group(AutoScalingGroupName);
  const members = () => host.aws.autoScaling.get(AutoScalingGroupName)?.desired ?? 1;
  const load = () =>
    void host.aws.faults.inject({ fault: 'add-load', target: AutoScalingGroupName, percent: clearly(threshold) * members() });
  return { run: above ? load : () => undefined, before };
};

/** Percent of memory in use at which a metric of the agent's crosses a threshold, and whether it does so from below. */
const memoryUsed: Readonly<Record<string, (threshold: number, bytes: number) => { used: number; rises: boolean }>> = {
  mem_used_percent: (threshold) => ({ used: threshold, rises: true }),
  mem_available_percent: (threshold) => ({ used: 100 - threshold, rises: false }),
  mem_available: (threshold, bytes) => ({ used: 100 - (100 * threshold) / bytes, rises: false }),
};

type Ramp = { from: number; fault: 'leak-memory' | 'fill-disk'; metric: string; rate: { least: number; most: number }; fast: boolean };

/** A leak with a random rate, redrawn until it reaches the given end in time, so that the moment of crossing is known beforehand. */
const grow = (
  { host: { aws } }: Watched,
  id: string,
  dimensions: Record<string, string>,
  { from, fault, metric, rate, fast }: Ramp,
): void => {
  const { least, most } = rate;
  const enough = fast ? most - (most - least) / 20 : least + (most - least) / 20;
  for (let tries = 0; ; tries++) {
    const injected = aws.faults.inject({ fault, target: id });
    const drawn = (aws.ec2.metrics(metric, { InstanceId: id, ...dimensions }, aws.world.clock.now() + minuteMs) ?? from) - from;
    if (tries === 200 || (fast ? drawn >= enough : drawn <= enough)) return;
    aws.faults.end(injected);
  }
};

const memory =
  (metric: string): Drive =>
  (watched, { InstanceId, ...rest }) => {
    const { host, named, serve, threshold, above, window } = watched;
    if (InstanceId === undefined || !Object.keys(rest).every((name) => added.has(name))) return null;
    named.instance(InstanceId);
    const bytes = 8 * 1024 ** 3;
    const { used, rises } = memoryUsed[metric]?.(threshold, bytes) ?? { used: Number.NaN, rises: above };
    if (rises !== above || !(used < 100)) return null;
    serve(host.aws.ec2.metrics, { InstanceId });
    // As slowly as possible, so that the alarm fires before memory is full and metrics stop.
    const { least } = ec2Parameters.leak;
    const from = ec2Parameters.idle.memory;
    const before = (Math.max(0, used - from) / least) * minuteMs + window + noticed;
    return {
      run: () =>
        grow(watched, InstanceId, {}, { from, fault: 'leak-memory', metric: 'mem_used_percent', rate: ec2Parameters.leak, fast: false }),
      before,
    };
  };

const disk: Drive = (watched, { InstanceId, ...rest }) => {
  const { host, named, serve, threshold, above, window } = watched;
  if (InstanceId === undefined || !above || threshold >= 100) return null;
  if (!Object.keys(rest).every((name) => added.has(name) || ofDisk.has(name))) return null;
  named.instance(InstanceId);
  serve(host.aws.ec2.metrics, { InstanceId, ...rootDisk });
  const from = ec2Parameters.idle.disk;
  const rate = ec2Parameters.fill;
  const before = (Math.max(0, threshold - from) / (rate.most - (rate.most - rate.least) / 20)) * minuteMs + window + noticed;
  return {
    run: () => grow(watched, InstanceId, rootDisk, { from, fault: 'fill-disk', metric: 'disk_used_percent', rate, fast: true }),
    before,
  };
};

/** A process, as an alarm's dimensions name it. */
const processDimensions = ['exe', 'pattern', 'process_name', 'pidfile'];

const process: Drive = ({ host, named, serve, above, threshold, window }, dimensions) => {
  const { InstanceId } = dimensions;
  const name = processDimensions.map((one) => dimensions[one]).find((value) => value !== undefined);
  if (InstanceId === undefined || name === undefined || above || threshold < 0) return null;
  named.instance(InstanceId);
  serve(host.aws.ec2.metrics, dimensions);
  return {
    run: () => void host.aws.faults.inject({ fault: 'kill-process', target: InstanceId, process: name }),
    before: minuteMs + window + noticed,
  };
};

/** Two checks of a target fail, and its group counts it out by the minute. */
const countedOut = 2 * minuteMs;

const targets: Drive = async (watched, { TargetGroup, LoadBalancer, ...rest }) => {
  const { host, named, serve, input, threshold, above, window } = watched;
  if (TargetGroup === undefined || LoadBalancer === undefined || Object.keys(rest).length > 0) return null;
  if ((input.MetricName === 'UnHealthyHostCount') !== above || threshold < 0 || threshold > 50) return null;
  const orEqual = input.ComparisonOperator?.includes('OrEqual') ?? false;
  // The number of unhealthy targets, or of healthy ones that remain.
  const count = orEqual ? Math.floor(threshold) : above ? Math.floor(threshold) + 1 : Math.ceil(threshold) - 1;
  if (count < (above ? 1 : 0)) return null;
  const made = named.targetGroup(TargetGroup, above ? Math.max(targetsOfOne, count + 2) : count + 1);
  const { TargetGroups } = await host.operator.elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arnOf(host, TargetGroup)] }));
  const balancer = loadBalancerDimension(TargetGroups?.[0]?.LoadBalancerArns?.[0] ?? '');
  serve(host.aws.loadBalancing.metrics, { TargetGroup, LoadBalancer: balancer });
  const sick = above ? count : made.length - count;
  const run = () => {
    for (const id of made.slice(0, sick)) inject(watched, 'hang-kernel', id);
  };
  return { run, before: countedOut + window + noticed };
};

const drives: Readonly<Record<string, Drive>> = {
  'AWS/EC2 StatusCheckFailed_Instance': check('hang-kernel'),
  'AWS/EC2 StatusCheckFailed': check('hang-kernel'),
  'AWS/EC2 StatusCheckFailed_System': check('fail-host'),
  'AWS/EC2 StatusCheckFailed_AttachedEBS': check('impair-volume'),
  'AWS/EC2 CPUUtilization': cpu,
  ...Object.fromEntries(Object.keys(memoryUsed).map((metric) => [`CWAgent ${metric}`, memory(metric)])),
  'CWAgent disk_used_percent': disk,
  'CWAgent procstat_lookup_pid_count': process,
  ...Object.fromEntries(
    ['AWS/ApplicationELB', 'AWS/NetworkELB', 'AWS/GatewayELB'].flatMap((namespace) =>
      ['UnHealthyHostCount', 'HealthyHostCount'].map((metric) => [`${namespace} ${metric}`, targets]),
    ),
  ),
};

/** Finds what would make an alarm go off, for a world that is made to match events. */
export const createCauses = (host: Host) => {
  const named = createNamed(host);
  const bridge = createBridge(host);
  return {
    named,
    /** What makes an alarm's metric cross its threshold once its resource exists; or why nothing here can. */
    causeOf: async (input: PutMetricAlarmCommandInput): Promise<Cause | string> => {
      const { Namespace = '', MetricName = '', Threshold = 0, ComparisonOperator = '' } = input;
      const metric = `${Namespace} ${MetricName}`;
      const dimensions = dimensionsOf(input);
      const drive = Object.hasOwn(drives, metric) ? drives[metric] : undefined;
      const shown = `${metric}${Object.keys(dimensions).length === 0 ? '' : ` by ${Object.keys(dimensions).join(', ')}`}`;
      if (!drive) return `the embedded AWS has nothing that drives ${shown}`;
      const window = (input.Period ?? 60) * (input.EvaluationPeriods ?? 1) * 1000;
      const serve: Watched['serve'] = (source, own) => bridge(Namespace, MetricName, dimensions, source, own);
      const above = ComparisonOperator.startsWith('Greater');
      const cause = await drive({ host, named, serve, input, window, threshold: Threshold, above }, dimensions);
      return cause ?? `the embedded AWS has nothing that drives ${shown} ${above ? 'above' : 'below'} ${Threshold}`;
    },
  };
};
