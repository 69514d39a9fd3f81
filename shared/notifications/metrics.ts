import { wasDone, wasNotBegun } from '../model/action-result.ts';
import type { ChannelId } from '../model/channel-id.ts';
import type { ActionRecord, Outcome } from '../model/outcome.ts';

/** The default namespace; each stage has its own. */
export const defaultNamespace = 'selfheal';

type Metric = { unit: 'Count' | 'Seconds'; dimensions: readonly (readonly string[])[] };

/**
 * All metrics with their combinations of dimensions; an empty one is the total. Each combination of values is a metric that costs money, so
 * only dimensions with few values are used: 24 failure classes, 6 outcomes, 4 channels, actions and guards; never a resource, an incident
 * or an account.
 * || - `Incidents`: ended incidents, by class and outcome.
 * - `TimeToRecover`: from the beginning of the episode to the verified recovery, in seconds, if it recovered.
 * - `Actions`: actions taken. An action with two calls (stop and start) counts once.
 * - `BudgetSpent`: attempts that count towards a resource's budget, including failed ones.
 * - `BudgetsExhausted`: incidents held by the budget.
 * - `Holds`: actions held, by guard; each guard counts once per incident.
 * - `Heartbeat`: one per completed sweep. Missing data triggers an alarm.
 * - `OrphansReconciled`, and `SeenTo` as its former name: dead executions whose notice was lost and that a sweep handled.
 * - `Untold`: failed deliveries to a channel: refused, or failed on a retry. Those to people trigger an alarm.
 */
export const metrics = {
  Incidents: { unit: 'Count', dimensions: [['Failure', 'Outcome'], ['Outcome'], []] },
  TimeToRecover: { unit: 'Seconds', dimensions: [['Failure', 'Outcome'], ['Outcome'], []] },
  Actions: { unit: 'Count', dimensions: [['Action'], []] },
  BudgetSpent: { unit: 'Count', dimensions: [[]] },
  BudgetsExhausted: { unit: 'Count', dimensions: [[]] },
  Holds: { unit: 'Count', dimensions: [['Guard'], []] },
  Heartbeat: { unit: 'Count', dimensions: [[]] },
  OrphansReconciled: { unit: 'Count', dimensions: [[]] },
  SeenTo: { unit: 'Count', dimensions: [[]] },
  Untold: { unit: 'Count', dimensions: [['Channel']] },
} as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as MetricName[];

/** A line of CloudWatch's embedded metric format. */
export type MetricLine = Record<string, unknown>;

/**
 * One line that CloudWatch turns into metrics, with one value per dimension. `at` is in milliseconds since the epoch; `context` is only
 * logged.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
const lineOf = (
  namespace: string,
  at: number,
  values: Partial<Record<MetricName, number>>,
  dimensions: Record<string, string> = {},
  context: Record<string, unknown> = {},
): MetricLine => {
  const names = metricNames.filter((name) => values[name] !== undefined);
  const directives = names.map((name) => ({
    Namespace: namespace,
    Dimensions: metrics[name].dimensions,
    Metrics: [{ Name: name, Unit: metrics[name].unit }],
  }));
  return { _aws: { Timestamp: at, CloudWatchMetrics: directives }, ...dimensions, ...values, ...context };
};

const countBy = <T>(items: readonly T[], key: (item: T) => string): [string, number][] => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts];
};

/** One record per attempt, whose later calls have the same number. Dry runs, and actions that never began, don't count. */
const attemptsOf = (actions: readonly ActionRecord[]): ActionRecord[] => {
  const begun = actions.filter((record) => !wasNotBegun(record));
  return [...new Map(begun.map((record) => [`${record.action} ${record.attempt} ${record.target}`, record])).values()];
};

/** The guards that didn't pass. */
const heldBy = ({ timeline }: Outcome): string[] => {
  const guards = timeline.flatMap(({ answers = [] }) => answers.filter(({ answer }) => answer !== 'pass').map(({ guard }) => guard));
  return [...new Set(guards)];
};

/** The metric lines of an outcome. */
export const metricsOf = (outcome: Outcome, namespace: string = defaultNamespace): MetricLine[] => {
  const { incident, failure, severity, status, endedAt, timeToRecoverSeconds, actions, resource } = outcome;
  const at = Date.parse(endedAt);
  const attempts = attemptsOf(actions);
  const held = heldBy(outcome);
  const context = { severity, incident, resource };
  return [
    lineOf(
      namespace,
      at,
      {
        Incidents: 1,
        BudgetSpent: attempts.length,
        BudgetsExhausted: held.includes('budget') ? 1 : 0,
        ...(timeToRecoverSeconds === null ? {} : { TimeToRecover: timeToRecoverSeconds }),
      },
      { Failure: failure, Outcome: status },
      context,
    ),
    // The last record of an attempt has its result.
    ...countBy(attempts.filter(wasDone), ({ action }) => action).map(([Action, Actions]) =>
      lineOf(namespace, at, { Actions }, { Action }, { incident }),
    ),
    ...held.map((Guard) => lineOf(namespace, at, { Holds: 1 }, { Guard }, { incident })),
  ];
};

/** The metric line of a sweep that completed at `at`, with the number of executions that it handled. */
export const heartbeatOf = (at: number, handled: number, namespace: string = defaultNamespace): MetricLine =>
  lineOf(namespace, at, { Heartbeat: 1, OrphansReconciled: handled, SeenTo: handled });

/** The metric line of a failed delivery. */
export const undeliveredMetricOf = (channel: ChannelId, incident: string, at: number, namespace: string = defaultNamespace): MetricLine =>
  lineOf(namespace, at, { Untold: 1 }, { Channel: channel }, { incident });
