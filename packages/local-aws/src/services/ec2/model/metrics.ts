import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { MetricSource, ServedMetric } from '../../../core/service-interfaces.ts';
import { checkMetric } from './checks.ts';
import type { Fleet } from './fleet.ts';
import { type Instance, rampValue } from './instance.ts';
import { countedAt, ranAt } from './software.ts';

const minute = 60_000;
const fiveMinutes = 5 * minute;

/** The process that publishes what is in `CWAgent`. */
const cloudWatchAgent = 'amazon-cloudwatch-agent';

/** Mean CPU of the part of (from, at] in which it ran. A guest that doesn't answer gets no work; a failed host reports nothing. */
const cpu = (instance: Instance, from: number, at: number): number | undefined => {
  const run = instance.run.at(at - 1);
  if (!run || instance.system.at(at - 1) !== true) return undefined;
  if (instance.reachable.at(at - 1) !== true) return 0;
  return instance.load.mean(Math.max(from, run.since), at, (percent) => percent);
};

/**
 * EC2's own metrics come every five minutes, every minute with detailed monitoring; status checks every minute either way.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
 */
const ownMetric = (instance: Instance, metric: string, at: number): number | undefined => {
  switch (metric) {
    case 'StatusCheckFailed_System':
      return checkMetric(instance, 'system', at);
    case 'StatusCheckFailed_Instance':
      return checkMetric(instance, 'reachable', at);
    case 'StatusCheckFailed_AttachedEBS':
      return checkMetric(instance, 'attached', at);
    case 'StatusCheckFailed': {
      const system = checkMetric(instance, 'system', at);
      const own = checkMetric(instance, 'reachable', at);
      return system === undefined || own === undefined ? undefined : Math.max(system, own);
    }
  }
  const period = instance.detailedMonitoring ? minute : fiveMinutes;
  if ((Math.floor(at / minute) * minute) % period !== 0) return undefined;
  const percent = cpu(instance, at - period, at);
  if (percent === undefined) return undefined;
  const { idle, perCpuPercent } = ec2Parameters.network;
  switch (metric) {
    case 'CPUUtilization':
      return percent;
    case 'NetworkIn':
    case 'NetworkOut':
      return ((idle + Math.max(0, percent - ec2Parameters.idle.cpu) * perCpuPercent) * period) / minute;
  }
  return undefined;
};

/** Linux fills what nobody uses with its cache: little is free on a healthy host, though all of the cache is available. */
const memory = (instance: Instance, metric: string, usedPercent: number): number | undefined => {
  const bytes = (percent: number) => (percent / 100) * instance.type.memoryMiB * 1024 * 1024;
  switch (metric) {
    case 'mem_used_percent':
      return usedPercent;
    case 'mem_available_percent':
      return 100 - usedPercent;
    case 'mem_available':
      return bytes(100 - usedPercent);
    case 'mem_free':
      return bytes(Math.min(ec2Parameters.idle.free, 100 - usedPercent));
  }
  return undefined;
};

const lookups: ReadonlySet<string> = new Set(['exe', 'pattern', 'pid_file', 'process_name']);

/**
 * What the agent's procstat plugin tells of processes, with dimensions such as `exe` and `pid_finder`; by the instance alone, for all that
 * somebody has spoken of. On Windows its names have a blank.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-procstat-process-metrics.html
 */
const processMetric = (instance: Instance, metric: string, rest: Readonly<Record<string, string>>, at: number): number | undefined => {
  const names = Object.keys(rest);
  if (!names.every((name) => lookups.has(name) || name === 'pid_finder')) return undefined;
  const filters = names.filter((name) => lookups.has(name)).map((name) => rest[name] as string);
  const counts = (filters.length > 0 ? filters : [...instance.processes.keys()]).map((filter) => countedAt(instance, filter, at));
  const count = Math.min(...(counts.length > 0 ? counts : [1]));
  if (/^procstat_lookup[ _]pid_count$/.test(metric)) return count;
  // Of a process that isn't there, nothing else is known.
  return /^procstat[ _]cpu_usage$/.test(metric) && count > 0 ? instance.load.at(at - 1) : undefined;
};

/** The agent runs in the guest: no word from it while the guest is down, hung or cut off. */
const agentMetric = (instance: Instance, metric: string, dimensions: Readonly<Record<string, string>>, at: number): number | undefined => {
  if (!instance.run.at(at - 1) || instance.reachable.at(at - 1) !== true || !ranAt(instance, cloudWatchAgent, at)) return undefined;
  const { InstanceId: _, ...rest } = dimensions;
  if (metric.startsWith('procstat')) return processMetric(instance, metric, rest, at);
  const names = Object.keys(rest);
  if (metric.startsWith('mem_')) {
    const ramp = instance.memory.at(at - 1);
    return ramp && names.length === 0 ? memory(instance, metric, rampValue(ramp, at)) : undefined;
  }
  if (metric !== 'disk_used_percent' || names.length !== 3) return undefined;
  const mount = instance.mounts.find(
    ({ fileSystem: { path, fstype }, device, there }) =>
      rest.path === path && rest.device === device && rest.fstype === fstype && there.at(at - 1) === true,
  );
  const ramp = mount?.fileSystem.used.at(at - 1);
  return ramp && rampValue(ramp, at);
};

const checkMetrics = ['StatusCheckFailed', 'StatusCheckFailed_System', 'StatusCheckFailed_Instance', 'StatusCheckFailed_AttachedEBS'];
const ownMetrics = [...checkMetrics, 'CPUUtilization', 'NetworkIn', 'NetworkOut'];
const agentMetrics: ReadonlySet<string> = new Set([
  'mem_used_percent',
  'mem_available_percent',
  'mem_available',
  'mem_free',
  'disk_used_percent',
]);

/** `AWS/EC2` and `CWAgent` metrics of single instances. The dimensions must match exactly, as CloudWatch wants them. */
export const createMetrics =
  (fleet: Fleet): MetricSource =>
  (metric, dimensions, at) => {
    const instance = fleet.instances.get(dimensions.InstanceId ?? '');
    if (!instance) return undefined;
    if (agentMetrics.has(metric) || metric.startsWith('procstat')) return agentMetric(instance, metric, dimensions, at);
    return Object.keys(dimensions).length === 1 ? ownMetric(instance, metric, at) : undefined;
  };

/** What there has been data for, since each instance's launch; of the agent's, what it collects unless it is told to collect more. */
export function* listMetrics(fleet: Fleet, now: number): Iterable<ServedMetric> {
  for (const { id: InstanceId, everRan, run, reachable, processes, mounts } of fleet.instances.values()) {
    if (!everRan) continue;
    const stopped = run.now === null ? run.since(now) : undefined;
    const latest = stopped ?? now;
    for (const name of ownMetrics) yield { namespace: 'AWS/EC2', name, dimensions: { InstanceId }, latest };
    const heard = reachable.now ? latest : Math.min(latest, reachable.since(now) ?? latest);
    yield { namespace: 'CWAgent', name: 'mem_used_percent', dimensions: { InstanceId }, latest: heard };
    for (const { fileSystem, device, there } of mounts) {
      const dimensions = { InstanceId, path: fileSystem.path, device, fstype: fileSystem.fstype };
      const seen = there.now ? heard : Math.min(heard, there.since(now) ?? heard);
      yield { namespace: 'CWAgent', name: 'disk_used_percent', dimensions, latest: seen };
    }
    for (const exe of processes.keys()) {
      yield {
        namespace: 'CWAgent',
        name: 'procstat_lookup_pid_count',
        dimensions: { InstanceId, exe, pid_finder: 'native' },
        latest: heard,
      };
    }
  }
}
