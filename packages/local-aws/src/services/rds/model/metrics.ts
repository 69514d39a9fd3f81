import { rdsParameters } from '../../../core/model-parameters.ts';
import type { MetricSource, ServedMetric } from '../../../core/service-interfaces.ts';
import type { Databases } from './databases.ts';

const names = ['DatabaseConnections', 'CPUUtilization'] as const;

/**
 * Metrics of single instances, every minute; none while one isn't up.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
 */
export const rdsMetrics =
  ({ find }: Databases): MetricSource =>
  (metric, { DBInstanceIdentifier, ...others }, at) => {
    const database = find('instance', DBInstanceIdentifier ?? '');
    if (!database || Object.keys(others).length > 0 || database.status.at(at - 1) !== 'available') return undefined;
    const connections = database.connections.at(at - 1) ?? 0;
    const { cpu, connections: limits } = rdsParameters;
    if (metric === 'DatabaseConnections') return connections;
    return metric === 'CPUUtilization' ? cpu.idle + (cpu.busy - cpu.idle) * (connections / limits.most) : undefined;
  };

/** What there has been data for. */
export function* listRdsMetrics({ of }: Databases, now: number): Iterable<ServedMetric> {
  for (const { id: DBInstanceIdentifier, status } of of('instance')) {
    const latest = status.now === 'available' ? now : (status.since(now) ?? now);
    for (const name of names) yield { namespace: 'AWS/RDS', name, dimensions: { DBInstanceIdentifier }, latest };
  }
}
