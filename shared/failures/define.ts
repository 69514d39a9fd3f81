import type { Severity } from '../model/classification.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { BuiltInPlaybookId } from '../model/playbook-id.ts';
import type { ResourceType } from '../model/resource.ts';
import type { FactOf, SignalKind } from '../signals/index.ts';

/** Metrics whose alarms indicate a failure, and of which resource. */
export type MetricMatch = {
  namespace: string;
  metrics: readonly string[];
  direction: 'above' | 'below';
  /** Resource types that the playbook may act on, most specific first. */
  subject: readonly ResourceType[];
  /** Other resource types that a notification may name. */
  named: readonly ResourceType[];
  /** `count`: never negative, and anything above zero is a failure; `absence`: a count that is a failure at zero only. */
  value: 'level' | 'count' | 'absence';
  /** A dimension that splits the measurement, such as by CPU core: only the value `whole` describes the resource. */
  part: { dimension: string; whole: string } | null;
  /** Why this metric never leads to an action although the class has a playbook. */
  because: string | null;
  /** The playbook for these instead of that of the class: one that a setting of the policy turns on. */
  playbook: BuiltInPlaybookId | null;
};

/** Events that indicate a failure: their module and the facts it reports. */
export type EventMatch = { kind: SignalKind; facts: readonly string[] } & Pick<MetricMatch, 'because' | 'playbook'>;

/** No automatic action, and why. */
export type Escalation = { escalate: string };
/** Ignored unless the policy opts in, and why. */
export type OptIn = { optIn: BuiltInPlaybookId; because: string };

/** Left to a person unless the policy names a remedy, and why. */
export type OnlyIfNamed = { named: BuiltInPlaybookId; because: string };

/** A failure class. */
export type Failure = {
  id: FailureId;
  severity: Severity;
  /** The failure in one clause, for the person who is paged. */
  says: string;
  match: ReadonlyArray<MetricMatch | EventMatch>;
  playbook: BuiltInPlaybookId | Escalation | OptIn | OnlyIfNamed;
};

/** Declares a failure class. It only compiles with a playbook or a reason for having none. */
export const defineFailure = <Id extends FailureId>(failure: Failure & { id: Id }): Failure & { id: Id } => failure;

/** Declares that a class is only escalated. */
export const escalate = (why: string): Escalation => ({ escalate: why });
/** Declares that a class is ignored unless the policy opts in. */
export const onlyIfOptedIn = (playbook: BuiltInPlaybookId, because: string): OptIn => ({ optIn: playbook, because });

/** Declares that a class is left to a person unless the policy names a remedy, such as this playbook. */
export const onlyIfNamed = (playbook: BuiltInPlaybookId, because: string): OnlyIfNamed => ({ named: playbook, because });

type MetricAlarm = {
  namespace: string;
  metric: string | readonly string[];
  direction: 'above' | 'below';
  subject?: ResourceType | readonly ResourceType[];
  named?: ResourceType | readonly ResourceType[];
  value?: 'level' | 'count' | 'absence';
  part?: { dimension: string; whole: string };
  because?: string;
  playbook?: BuiltInPlaybookId;
};

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Matches alarms on the metrics that fire in the given direction. */
export const metricAlarm = ({ metric, subject, named, ...said }: MetricAlarm): MetricMatch => ({
  ...{ value: 'level', part: null, because: null, playbook: null },
  ...said,
  metrics: list(metric),
  subject: list(subject),
  named: list(named),
});

/** Matches events by the facts that a module of `shared/signals/` reports. `because`: why they never lead to an action. */
export const event = <Kind extends SignalKind>(
  kind: Kind,
  facts: FactOf<Kind> | ReadonlyArray<FactOf<Kind>>,
  because?: string,
  playbook?: BuiltInPlaybookId,
): EventMatch => ({
  kind,
  facts: list<string>(facts),
  because: because ?? null,
  playbook: playbook ?? null,
});
