import type { Outcome } from '../incident/outcome.ts';

/**
 * An outcome in CloudWatch's embedded metric format: one log line that CloudWatch turns into metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const metricsOf = (outcome: Outcome): Record<string, unknown> => {
  const { incident, failure, severity, status, endedAt, timeToRecoverSeconds, actions, resource } = outcome;
  const Metrics = [
    { Name: 'Incidents', Unit: 'Count' },
    { Name: 'Actions', Unit: 'Count' },
    ...(timeToRecoverSeconds === null ? [] : [{ Name: 'TimeToRecover', Unit: 'Seconds' }]),
  ];
  return {
    _aws: {
      Timestamp: Date.parse(endedAt),
      CloudWatchMetrics: [{ Namespace: 'selfheal', Dimensions: [['Failure', 'Outcome'], ['Outcome'], []], Metrics }],
    },
    Failure: failure,
    Outcome: status,
    Incidents: 1,
    Actions: actions.filter(({ result }) => result === 'done').length,
    ...(timeToRecoverSeconds === null ? {} : { TimeToRecover: timeToRecoverSeconds }),
    severity,
    incident,
    resource,
  };
};
