import { DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import type { CallRecord } from '#local-aws';
import { throttleParameters } from '#local-aws/model-parameters';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost, type Host } from '../local/testbed/host.ts';
import { hourMs, minuteMs, secondMs } from '../shared/model/duration.ts';
import { isSweep } from './incidents.ts';
import { type Measurement, round } from './measurement.ts';

const start = Date.UTC(2026, 2, 2, 9);
/** How long it takes until all have failed. */
const within = 10 * minuteMs;
const largestGroup = 200;

/** Groups of equal size, fifty where there are that many, with an alarm on each member; the ids of all members. */
const build = async (host: Host, count: number): Promise<string[]> => {
  const fleet = createFleet(host);
  const groups = Math.max(1, Math.min(50, Math.ceil(count / 10)), Math.ceil(count / largestGroup));
  const size = Math.ceil(count / groups);
  for (let i = 0; i < groups; i++) await fleet.group({ name: `fleet-${i}`, min: 1, max: size * 2, desired: size, zones: ['a', 'b', 'c'] });
  await host.run(() => false, start + 15 * minuteMs);
  const ids: string[] = [];
  for (let i = 0; i < groups; i++) {
    const { AutoScalingGroups = [] } = await host.operator.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [`fleet-${i}`] }),
    );
    ids.push(...(AutoScalingGroups[0]?.Instances ?? []).map(({ InstanceId = '' }) => InstanceId));
  }
  const wanted = ids.slice(0, count);
  for (const id of wanted) await fleet.statusAlarm(id, 'Instance');
  await host.run(() => false, start + 25 * minuteMs);
  return wanted;
};

const bucketOf = (service: string, operation: string) => {
  const { ec2, autoScaling, cloudWatch } = throttleParameters;
  const reads = operation.startsWith('Describe');
  if (service === 'ec2') return reads ? ec2.requests.nonMutating : ec2.requests.mutating;
  if (service === 'autoscaling') return reads ? autoScaling.reads : undefined;
  return operation === 'DescribeAlarms' ? cloudWatch.actions.DescribeAlarms : undefined;
};

/**
 * Seconds that AWS's buckets take at least for the calls that they have let through, however these are spread: EC2 has one for each action,
 * Auto Scaling one for all that read.
 */
const minOf = (calls: readonly CallRecord[]): number => {
  const buckets = new Map<string, { size: number; perSecond: number; taken: number }>();
  for (const { service, operation } of calls) {
    const bucket = bucketOf(service, operation);
    if (!bucket) continue;
    const name = service === 'autoscaling' ? service : `${service} ${operation}`;
    const found = buckets.get(name) ?? { ...bucket, taken: 0 };
    found.taken++;
    buckets.set(name, found);
  }
  return Math.max(0, ...[...buckets.values()].map(({ taken, size, perSecond }) => (taken - size) / perSecond));
};

const isThrottled = ({ error }: CallRecord): boolean => /RequestLimitExceeded|Throttl/.test(error ?? '');

/**
 * The calls that incidents make, as they come: the host keeps all of them with what they carried, which would be most of the memory.
 * CloudTrail tells of the others.
 */
const createTally = (calls: readonly CallRecord[]) => {
  const ours: CallRecord[] = [];
  let read = calls.length;
  let last: CallRecord | undefined;
  const count = (call: CallRecord, next: CallRecord | undefined): void => {
    if (!isSweep(call, next)) ours.push(call);
    if (/^(dynamodb|sns|events)$/.test(call.service) || call.operation.startsWith('Describe')) call.input = {};
  };
  return {
    read: (): void => {
      for (; read < calls.length; read++) {
        const call = calls[read] as CallRecord;
        if (call.accessKey !== 'selfheal') continue;
        if (last) count(last, call);
        last = call;
      }
    },
    end: (): readonly CallRecord[] => {
      if (last) count(last, undefined);
      return ours;
    },
  };
};

/** So many different members of up to fifty groups fail within ten minutes, and all that comes of it. */
export const failTogether = async (count: number): Promise<Measurement[]> => {
  const host = await createHost({ seed: 1, start, account: '111122223333', region: 'us-east-1', interleave: true });
  try {
    const { aws, engine } = host;
    const { clock, random, calls } = aws.world;
    const ids = await build(host, count);
    const tally = createTally(calls);
    const began = clock.now();
    const order = random.fork('fleets');
    for (const id of ids) clock.at(began + order.int(within), () => aws.faults.inject({ fault: 'hang-kernel', target: id }));
    let maxOpen = 0;
    const stop = clock.every(10 * secondMs, () => {
      tally.read();
      maxOpen = Math.max(maxOpen, [...engine.executions.values()].filter(({ status }) => status === 'RUNNING').length);
    });
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    const cpu = process.cpuUsage();
    await host.run(() => clock.now() > began + within + 10 * minuteMs && !host.busy(), began + 24 * hourMs);
    stop();
    const { user, system } = process.cpuUsage(cpu);
    globalThis.gc?.();
    const grown = process.memoryUsage().heapUsed - heap;
    tally.read();
    const ours = tally.end();
    const executions = [...engine.executions.values()];
    const incidents = executions.length;
    const told = new Set(host.outcomes.map(({ incident }) => incident));
    const starts = executions.map(({ startedAt }) => startedAt);
    const ends = executions.map(({ endedAt = Number.NaN }) => endedAt);
    const drain = (Math.max(...ends) - Math.min(...starts)) / secondMs;
    const least = minOf(ours.filter((call) => !isThrottled(call)));
    const name = `fleets.${count}`;
    const figure = (what: string, value: number, unit = 'count'): Measurement => ({ name: `${name}.${what}`, value: round(value), unit });
    return [
      figure('incidents', incidents),
      figure('lost', executions.filter(({ name, status }) => status !== 'SUCCEEDED' || !told.has(name)).length),
      figure('open_at_once', maxOpen),
      figure('calls_per_incident', ours.length / incidents),
      figure('invocations_per_incident', executions.reduce((sum, { invocations }) => sum + invocations, 0) / incidents),
      figure('throttled_share', (ours.filter(isThrottled).length / ours.length) * 100, '%'),
      figure('drain_s', drain, 's'),
      figure('least_drain_s', least, 's'),
      figure('cpu_ms_per_incident', (user + system) / 1000 / incidents, 'ms'),
      figure('heap_kb_per_incident', grown / 1024 / incidents, 'KB'),
      figure('memory_mb', process.memoryUsage().rss / 1024 / 1024, 'MB'),
    ];
  } finally {
    await host.close();
  }
};

/** What an incident takes, by how many come at once: flat is as it should be. */
export const benchFleets = async (quick = false): Promise<Measurement[]> => {
  const figures: Measurement[] = [];
  for (const count of quick ? [10, 100] : [10, 100, 1000]) figures.push(...(await failTogether(count)));
  // Ten are as slow as the treatment of each is: what more of them take longer is what limits and retries cost.
  const drains = figures.filter(({ name }) => name.endsWith('.drain_s') && !name.includes('least')).map(({ value }) => value);
  const [few = Number.NaN] = drains;
  figures.push({ name: 'fleets.drain_ratio', value: round((drains.at(-1) ?? Number.NaN) / few), unit: 'x' });
  return figures;
};
