import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { MetricSource } from '../../../core/service-interfaces.ts';
import { Timeline } from '../../ec2/model/timeline.ts';

const minute = 60_000;

/** What of a group its metrics are made of. */
type Measured = {
  readonly settings: { readonly min: number; readonly max: number; readonly desired: number };
  readonly counts: Readonly<Record<'inService' | 'pending' | 'standby' | 'terminating', number>>;
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
const gauges = {
  GroupMinSize: ({ settings }: Measured) => settings.min,
  GroupMaxSize: ({ settings }: Measured) => settings.max,
  GroupDesiredCapacity: ({ settings }: Measured) => settings.desired,
  GroupInServiceInstances: ({ counts }: Measured) => counts.inService,
  GroupPendingInstances: ({ counts }: Measured) => counts.pending,
  GroupStandbyInstances: ({ counts }: Measured) => counts.standby,
  GroupTerminatingInstances: ({ counts }: Measured) => counts.terminating,
  GroupTotalInstances: ({ counts }: Measured) => counts.inService + counts.pending + counts.standby + counts.terminating,
};

type Gauge = keyof typeof gauges;
export const groupMetrics = Object.keys(gauges) as Gauge[];

/** What the metrics of a group were at any time, as change points. It outlives the group. */
export class MetricHistory {
  readonly #values = new Map<string, Timeline<number>>();
  readonly #collected = new Map<string, Timeline<boolean>>();
  readonly #members: { readonly instanceId: string; readonly from: number; to: number }[] = [];

  record(at: number, group: Measured): void {
    for (const name of groupMetrics) {
      const value = gauges[name](group);
      const timeline = this.#values.get(name);
      if (timeline) timeline.set(at, value);
      else this.#values.set(name, new Timeline(at, value));
    }
  }

  /** Group metrics exist only while they are collected: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html */
  collect(at: number, name: string, on: boolean): void {
    const timeline = this.#collected.get(name);
    if (timeline) timeline.set(at, on);
    else this.#collected.set(name, new Timeline(at, on));
  }

  collected(): string[] {
    return groupMetrics.filter((name) => this.#collected.get(name)?.now);
  }

  joined(at: number, instanceId: string): void {
    this.#members.push({ instanceId, from: at, to: Number.POSITIVE_INFINITY });
  }

  left(at: number, instanceId: string): void {
    const membership = this.#members.findLast((m) => m.instanceId === instanceId && m.to === Number.POSITIVE_INFINITY);
    if (membership) membership.to = at;
  }

  gauge(name: string, at: number): number | undefined {
    return this.#collected.get(name)?.at(at) ? this.#values.get(name)?.at(at) : undefined;
  }

  /** Of the instances that were members in the minute before `at`, those without a datapoint left out. */
  values(metric: string, at: number, source: MetricSource): number[] {
    return this.#members.flatMap(({ instanceId, from, to }) =>
      from >= at || to <= at - minute ? [] : (source(metric, { InstanceId: instanceId }, at) ?? []),
    );
  }

  mean(metric: string, at: number, source: MetricSource): number | undefined {
    const values = this.values(metric, at, source);
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
  }
}

/** Each in-service member's share of the work, on top of what it does when idle; the percent of one instance's CPU. */
export const cpuShare = (group: Pick<Measured, 'counts'> & { readonly loads: ReadonlyMap<unknown, number> }): number => {
  let total = 0;
  for (const percent of group.loads.values()) total += percent;
  return Math.min(100, ec2Parameters.idle.cpu + total / Math.max(1, group.counts.inService));
};
