import type { Severity } from '../model/classification.ts';
import type { FailureId } from '../model/failure-id.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { ResourceType } from '../model/resource.ts';

/** Alarms on metrics that tell of a failure, and on what. */
export type MetricMatch = {
  namespace: string;
  metrics: readonly string[];
  direction: 'above' | 'below';
  /** What the playbook may act on, the most specific first. */
  subject: readonly ResourceType[];
  /** What else may be named, for a person only. */
  named: readonly ResourceType[];
  /** `count`: never below zero, and anything above zero is the failure itself. */
  value: 'level' | 'count';
  /** A dimension that takes the measured thing apart, such as the cores of a machine: only what is left whole tells of the resource. */
  part: { dimension: string; whole: string } | null;
  /** Why nothing is done by itself on this metric although the class has a playbook. */
  because: string | null;
};

/** Events that tell of a failure: their module, and the words that it uses for it. */
export type EventMatch = { kind: string; facts: readonly string[]; because: string | null };

export type Match = { metrics: readonly MetricMatch[]; events: readonly EventMatch[] };

/** No action by itself, and why. */
export type Escalation = { escalate: string };
/** Nothing at all unless the policy opts in, and why. */
export type OptIn = { optIn: PlaybookId; because: string };

export type Failure = {
  id: FailureId;
  severity: Severity;
  /** The failure in one clause, for the person who is paged. */
  says: string;
  match: ReadonlyArray<MetricMatch | EventMatch>;
  playbook: PlaybookId | Escalation | OptIn;
};

/** Declares a failure class. It must name a playbook or say why there is none: nothing else compiles. */
export const defineFailure = <Id extends FailureId>(failure: Failure & { id: Id }): Failure & { id: Id } => failure;

export const escalate = (why: string): Escalation => ({ escalate: why });
export const onlyIfOptedIn = (playbook: PlaybookId, because: string): OptIn => ({ optIn: playbook, because });

type MetricAlarm = {
  namespace: string;
  metric: string | readonly string[];
  direction: 'above' | 'below';
  subject?: ResourceType | readonly ResourceType[];
  named?: ResourceType | readonly ResourceType[];
  value?: 'level' | 'count';
  part?: { dimension: string; whole: string };
  because?: string;
};

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Matches alarms on the metrics when they fire in the given direction. */
export const metricAlarm = ({ namespace, metric, direction, subject, named, value, part, because }: MetricAlarm): MetricMatch => ({
  namespace,
  metrics: list(metric),
  direction,
  subject: list(subject),
  named: list(named),
  value: value ?? 'level',
  part: part ?? null,
  because: because ?? null,
});

/** Matches events that a module of `shared/signals/` decoded, by its words. */
export const event = (kind: string, facts: string | readonly string[], because?: string): EventMatch => ({
  kind,
  facts: list(facts),
  because: because ?? null,
});
