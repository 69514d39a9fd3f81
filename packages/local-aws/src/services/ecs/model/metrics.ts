import { ecsParameters } from '../../../core/model-parameters.ts';
import type { MetricSource, ServedMetric } from '../../../core/service-interfaces.ts';
import type { EcsService, State } from './state.ts';

const measured = { CPUUtilization: 'cpu', MemoryUtilization: 'memory' } as const;

/** Percent of what its tasks may use, which all of them share evenly; none while no task runs. */
const valueAt = (service: EcsService, of: 'cpu' | 'memory', at: number): number | undefined => {
  const running = service.running.at(at - 1) ?? 0;
  return running > 0 ? Math.min(100, ecsParameters.idle[of] + (service.load[of].at(at - 1) ?? 0) / running) : undefined;
};

/** Metrics of services, every minute. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html */
export const ecsMetrics =
  ({ clusters }: State): MetricSource =>
  (metric, { ClusterName = '', ServiceName = '', ...others }, at) => {
    const service = clusters.get(ClusterName)?.services.get(ServiceName);
    if (!service || Object.keys(others).length > 0 || !Object.hasOwn(measured, metric)) return undefined;
    return valueAt(service, measured[metric as keyof typeof measured], at);
  };

/** What there has been data for. */
export function* listEcsMetrics({ clusters }: State, now: number): Iterable<ServedMetric> {
  for (const { name: ClusterName, services } of clusters.values())
    for (const { name: ServiceName, running } of services.values())
      for (const name of Object.keys(measured))
        yield {
          namespace: 'AWS/ECS',
          name,
          dimensions: { ClusterName, ServiceName },
          latest: running.now > 0 ? now : (running.since(now) ?? now),
        };
}
