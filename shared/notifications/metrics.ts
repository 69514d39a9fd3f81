import type { ChannelId } from '../model/channel-id.ts';
import type { ActionRecord, Outcome } from '../model/outcome.ts';

/** Where metrics are counted unless a deployment says otherwise; each stage has its own, so that none speaks for another. */
export const defaultNamespace = 'selfheal';

type Metric = { unit: 'Count' | 'Seconds'; dimensions: readonly (readonly string[])[] };

/**
 * Every metric that selfheal writes, with the combinations of dimensions that it is counted by; an empty one is the whole. Each
 * combination of values is a metric that costs, so dimensions are only what there are few of: 24 failure classes, 6 outcomes, 4
 * channels, and the actions and guards that there are; never a resource, an incident or an account.
 *
 * - `Incidents`: that ended, by class and outcome.
 * - `TimeToRecover`: from the beginning of the episode to the verified recovery; of those that recovered.
 * - `Actions`: that were done, by action. An action with two calls (a stop and a start) is one.
 * - `BudgetSpent`: attempts that count towards a resource's budget, also those that failed.
 * - `BudgetsExhausted`: incidents in which the budget said no.
 * - `Holds`: actions that a guard did not let pass, by guard; each guard once an incident, however often it was asked.
 * - `Heartbeat`: one for each sweep of the watch that came to its end. Missing data is an alarm.
 * - `SeenTo`: executions that died unheard, and that a sweep saw to.
 * - `Untold`: tries to tell a channel of an outcome that were refused, or that failed again. That of people is an alarm.
 */
export const metrics = {
  Incidents: { unit: 'Count', dimensions: [['Failure', 'Outcome'], ['Outcome'], []] },
  TimeToRecover: { unit: 'Seconds', dimensions: [['Failure', 'Outcome'], ['Outcome'], []] },
  Actions: { unit: 'Count', dimensions: [['Action'], []] },
  BudgetSpent: { unit: 'Count', dimensions: [[]] },
  BudgetsExhausted: { unit: 'Count', dimensions: [[]] },
  Holds: { unit: 'Count', dimensions: [['Guard'], []] },
  Heartbeat: { unit: 'Count', dimensions: [[]] },
  SeenTo: { unit: 'Count', dimensions: [[]] },
  Untold: { unit: 'Count', dimensions: [['Channel']] },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as MetricName[];

/** A line of CloudWatch's embedded metric format. */
export type MetricLine = Record<string, unknown>;

/**
 * One line that CloudWatch turns into metrics; a dimension has one value a line. `at` is in milliseconds since the epoch; what is in
 * `context` is for the logs alone.
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

/** Each attempt once: its later calls stand under the same number. A rehearsal and what was never begun are none. */
const attemptsOf = (actions: readonly ActionRecord[]): ActionRecord[] => {
  const begun = actions.filter(({ result }) => result !== 'would' && result !== 'not begun');
  return [...new Map(begun.map((record) => [`${record.action} ${record.attempt} ${record.target}`, record])).values()];
};

/** The guards that did not let an action pass. */
const heldBy = ({ timeline }: Outcome): string[] => {
  const guards = timeline.flatMap(({ answers = [] }) => answers.filter(({ answer }) => answer !== 'pass').map(({ guard }) => guard));
  return [...new Set(guards)];
};

/** An outcome as metrics: what CloudWatch counts, a line each. */
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
    // The last record of an attempt says how it went.
    ...countBy(
      attempts.filter(({ result }) => result === 'done'),
      ({ action }) => action,
    ).map(([Action, Actions]) => lineOf(namespace, at, { Actions }, { Action }, { incident })),
    ...held.map((Guard) => lineOf(namespace, at, { Holds: 1 }, { Guard }, { incident })),
  ];
};

/** A sweep that came to its end at `at`, and how many executions it had to see to. */
export const heartbeatOf = (at: number, seenTo: number, namespace: string = defaultNamespace): MetricLine =>
  lineOf(namespace, at, { Heartbeat: 1, SeenTo: seenTo });

/** A channel that could not be told of an incident. */
export const untoldOf = (channel: ChannelId, incident: string, at: number, namespace: string = defaultNamespace): MetricLine =>
  lineOf(namespace, at, { Untold: 1 }, { Channel: channel }, { incident });
