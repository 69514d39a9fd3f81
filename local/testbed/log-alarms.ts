import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../../shared/aws/clients.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { logAlarm } from '../../tools/deployment/log-alarms.ts';
import { metricsNamespace } from './deployed.ts';

/** Makes what the stack has for the policy's patterns in logs, and their log groups. Throws where the local AWS refuses a pattern. */
export const createLogAlarms = async ({ logs }: Policy, operator: Clients, alarmTopicArn: string): Promise<void> => {
  if (logs.length === 0) return;
  // Most worlds need no client of this service.
  const { CloudWatchLogsClient, CreateLogGroupCommand, PutMetricFilterCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const client = operator.of(CloudWatchLogsClient);
  for (const logGroupName of new Set(logs.map(({ group }) => group))) await client.send(new CreateLogGroupCommand({ logGroupName }));
  for (const [i, entry] of logs.entries()) {
    const { filter, alarm } = logAlarm(entry, metricsNamespace);
    const { FilterName, FilterPattern, LogGroupName, MetricTransformations } = filter.Properties;
    const metricTransformations = MetricTransformations.map(({ MetricName, MetricNamespace, MetricValue, DefaultValue }) => ({
      metricName: MetricName,
      metricNamespace: MetricNamespace,
      metricValue: MetricValue,
      defaultValue: DefaultValue,
    }));
    const put = { filterName: FilterName, filterPattern: FilterPattern, logGroupName: LogGroupName, metricTransformations };
    await client.send(new PutMetricFilterCommand(put)).catch((error: unknown) => {
      throw new Error(`policy: logs.${i}.pattern: ${errorMessage(error)}`, { cause: error });
    });
    await operator.cloudWatch.send(new PutMetricAlarmCommand({ ...alarm.Properties, AlarmActions: [alarmTopicArn] }));
  }
};
