import type { Classification } from '../model/classification.ts';
import { type ClassificationRule, noRules, type Rules } from '../model/classification-rules.ts';
import { failureIds } from '../model/failure-id.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import { type Resource, resourceTypes } from '../model/resource.ts';
import { isValidResourceId, typesInMetrics } from '../model/resources/index.ts';
import { type AlarmSignal, type EventSignal, isAlarm, type Metric, type Signal } from '../model/signal.ts';
import type { EventMatch, Failure, MetricMatch } from './define.ts';
import { errorRate } from './error-rate.ts';
import { failures } from './index.ts';
import { looksLikeErrors, looksLikeLatency } from './own-metrics.ts';
import { countsDatapoints, unproven } from './proof.ts';
import { ruleFor } from './rules.ts';
import { anySubjectOf, subjectOf, theAlarm } from './subject.ts';

type Found<M> = { failure: Failure; match: M };

/** What claims the names of a namespace's metrics, or the facts of a kind of event. */
type Claims<M> = Map<string, Map<string, Found<M>>>;

const byMetric: Claims<MetricMatch> = new Map();
const byEvent: Claims<EventMatch> = new Map();

const register = <M>(claims: Claims<M>, whose: string, names: readonly string[], found: Found<M>): void => {
  const claimed = claims.get(whose) ?? new Map<string, Found<M>>();
  claims.set(whose, claimed);
  for (const name of names) {
    if (claimed.has(name)) throw new Error(`two failure classes claim ${whose}|${name}`);
    claimed.set(name, found);
  }
};

for (const failure of Object.values<Failure>(failures)) {
  for (const match of failure.match) {
    if ('metrics' in match) register(byMetric, match.namespace, match.metrics, { failure, match });
    else register(byEvent, match.kind, match.facts, { failure, match });
  }
}

const claimOn = ({ namespace, name }: Metric): Found<MetricMatch> | undefined => byMetric.get(namespace)?.get(name);

/** Metrics of volume: the divisor in an error ratio. */
const volume = new Set(['AWS/ApplicationELB|RequestCount', 'AWS/ELB|RequestCount', 'AWS/Lambda|Invocations', 'AWS/ApiGateway|Count']);

/** How a class interprets an alarm: its resource, and why not to act. `none`: why it has no playbook, if it has none. */
type Claim = { failure: Failure; resource: Resource; playbook: PlaybookId | null; hold: string | null; none?: string | undefined };

const clip = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const verdict = (
  signal: Signal,
  parts: Pick<Classification, 'failure' | 'disposition' | 'resource' | 'playbook' | 'reason' | 'severity'>,
): Classification => ({
  ...parts,
  reason: clip(parts.reason, 1000),
  account: isAlarm(signal) ? accountOf(signal) : signal.account,
  region: signal.region,
  partition: signal.partition,
  kind: signal.kind,
  at: signal.at,
  alarm: isAlarm(signal) ? signal.alarm : null,
  children: isAlarm(signal) ? [...signal.children] : [],
  evidence: signal.evidence,
});

const ofOneAccount = ({ metrics, account }: AlarmSignal): boolean =>
  metrics.every((metric) => (metric.account ?? account) === (metrics[0]?.account ?? account));

/** The account of the metric if the alarm names one: the resource is there. */
const accountOf = (signal: AlarmSignal): string | null => (ofOneAccount(signal) ? signal.metrics[0]?.account : null) ?? signal.account;

const ignored = (signal: Signal, resource: Resource | null, reason: string): Classification => {
  return verdict(signal, { failure: null, disposition: 'ignore', resource, playbook: null, reason, severity: 'low' });
};

/** What stands in a reason before why nothing is done. */
export const noAction = '; no action: ';

const answer = (signal: Signal, { failure, resource, playbook, hold, none }: Claim, what: string): Classification => {
  const { id, severity, says } = failure;
  // The final check: nothing but a well-formed resource is ever acted on.
  if (playbook !== null && hold === null && isValidResourceId(resource)) {
    return verdict(signal, { failure: id, resource, severity, disposition: 'remediate', playbook, reason: `${says}: ${what}` });
  }
  const reason = `${says}: ${what}${noAction}${hold ?? none ?? whyNone(failure)}`;
  return verdict(signal, { failure: id, resource, severity, disposition: 'escalate', playbook: null, reason });
};

const unclassified = (signal: AlarmSignal, why: string): Classification => {
  return answer(signal, { failure: failures.unclassified, resource: theAlarm(signal), playbook: null, hold: why }, describeAlarm(signal));
};

/** Describes the alarm in one line by what it watches, not by its free text, so that it is the same for every envelope. */
const describeAlarm = ({ alarm, metrics }: AlarmSignal): string => {
  const [first] = metrics;
  const more = metrics.length > 1 ? ` and ${metrics.length - 1} more` : '';
  const watched = first === undefined ? '' : ` on ${first.namespace} ${first.name}${more}`;
  return clip(`alarm ${JSON.stringify(alarm.name)}${watched}`, 500);
};

/** The playbook of a class, or that of some of its signals: its own, or what the policy names for it. */
export const playbookOf = ({ id, playbook }: Failure, rules: Rules, match?: MetricMatch | EventMatch): PlaybookId | null => {
  const { remedies, spotRebalance } = rules;
  const own = match?.playbook ?? null;
  if (own !== null) {
    const named = remedies[id];
    // What the policy names for the class is for its other signals, or may treat others of its resources alone.
    const ofTheClass = typeof playbook === 'object' && 'named' in playbook && playbook.named === named;
    const ofOthers =
      named != null && match !== undefined && 'metrics' in match && !match.subject.some((type) => treatsType(rules, named, type));
    const elsewhere = ofTheClass || ofOthers;
    return named === undefined || elsewhere ? (whyOff(own, rules) === null ? own : null) : named;
  }
  if (typeof playbook === 'string') return playbook;
  if ('optIn' in playbook) return spotRebalance === playbook.optIn ? playbook.optIn : null;
  return 'named' in playbook ? (remedies[id] ?? null) : null;
};

/** Why nothing is done about a class without a playbook, or about some of its signals. */
export const whyNone = ({ playbook }: Failure, rules?: Rules, match?: MetricMatch | EventMatch): string => {
  if (typeof playbook === 'string') return (rules && match?.playbook && whyOff(match.playbook, rules)) ?? 'it has no playbook';
  return 'escalate' in playbook ? playbook.escalate : playbook.because;
};

const same = (left: Resource | null, right: Resource | null): boolean => left?.type === right?.type && left?.id === right?.id;

const checkFailures = new Set<string>(['host-impaired', 'instance-unreachable', 'status-check-failed']);

/** Whether the value is on the given side. A count above zero is a failure already. */
const compareDirection = (signal: AlarmSignal, direction: 'above' | 'below', counts: boolean): 'yes' | 'no' | 'unknown' => {
  if (signal.direction === direction) return 'yes';
  if (signal.direction !== 'unknown' && signal.direction !== 'at-threshold') return 'no';
  if (counts && direction === 'above' && signal.datapoints.some((point) => point > 0)) return 'yes';
  return 'unknown';
};

type Reading = {
  failure: Failure;
  /** Null: either side is the failure, as the alarm's owner says. */
  direction: 'above' | 'below' | null;
  counts: boolean;
  playbook: PlaybookId | null;
  because: string | null;
  /** The absence of data is the failure, as the policy says. */
  silent?: boolean;
} & Pick<Claim, 'none'>;

/** The evidence key of an alarm whose missing data is the failure: live, it must treat that as breaching, and have had data before. */
export const silenceKey = 'missing';

/** The evidence key for the side that a class requires, when the event doesn't show it and the alarm's live configuration will. */
export const wantedSide = 'sideWanted';

/** The final checks of built-in classes and rules: direction, missing data, and a single subject. */
const conclude = (
  signal: AlarmSignal,
  reading: Reading,
  subjects: ReadonlyArray<Resource | null | 'ambiguous'>,
  mayAct: boolean,
): Classification => {
  const { failure, direction, counts, playbook, because, none, silent = false } = reading;
  const [subject = null] = subjects;
  if (
    subjects.includes('ambiguous') ||
    subject === 'ambiguous' ||
    subjects.some((other) => other !== 'ambiguous' && !same(other, subject))
  ) {
    return unclassified(signal, 'it is about more than one resource');
  }
  if (!ofOneAccount(signal)) return unclassified(signal, 'its metrics come from more than one account');
  const missing = signal.missing === 'all';
  const isSilence = missing && silent;
  const found = direction === null || isSilence ? 'yes' : compareDirection(signal, direction, counts);
  if (found === 'no') return unclassified(signal, `the value is ${signal.direction} its threshold, which is not this failure`);
  const liveStateDecides = missing && checkFailures.has(failure.id);
  const undecided = found === 'unknown' && !liveStateDecides;
  const hold =
    because ??
    (missing && !liveStateDecides && !silent ? 'there were no datapoints, and the alarm treats missing data as breaching' : null) ??
    (playbook === null ? null : whyNoPlaybook(undecided && !signal.comparable, playbook, subject, mayAct));
  const claim = { failure, resource: subject ?? theAlarm(signal), playbook, hold, none };
  if (isSilence && hold === null) {
    const said = answer(signal, claim, `${describeAlarm(signal)} has no data`);
    return { ...said, evidence: { ...said.evidence, [silenceKey]: 'is-the-signal' } };
  }
  if (!undecided || !signal.comparable || hold !== null || playbook === null || direction === null)
    return answer(signal, claim, describeAlarm(signal));
  const said = answer(signal, claim, `${describeAlarm(signal)}; the live look decides on which side of its threshold the value is`);
  return { ...said, evidence: { ...said.evidence, [wantedSide]: direction } };
};

/** Why the class's playbook must not run for this alarm. */
const whyNoPlaybook = (undecided: boolean, playbook: PlaybookId, subject: Resource | null, mayAct: boolean): string | null => {
  if (subject === null) return 'the metric names no resource to act on';
  if (undecided) return 'the event does not say on which side of its threshold the value is';
  return mayAct ? null : `${playbook} does not act on a ${subject.type}`;
};

/** Why the metrics don't prove the failure, for any class or rule. */
const whyUnproven = (metrics: readonly Metric[], subject: Resource | null | 'ambiguous' | undefined): string | null => {
  const about = subject === 'ambiguous' ? null : (subject ?? null);
  for (const metric of metrics) {
    const why = unproven(metric, claimOn(metric)?.match, about);
    if (why !== null) return why;
  }
  return null;
};

/** Why a playbook that a rule or a signal names doesn't run: the policy has settings of its own for it, and none of them is on. */
export const whyOff = (playbook: PlaybookId, { playbooks, off }: Rules): string | null => {
  if (!Object.hasOwn(playbooks, playbook)) return `there is no playbook ${playbook}`;
  const { settings = [] } = playbooks[playbook] ?? {};
  const isOff = settings.length > 0 && settings.every((setting) => off.includes(setting));
  return isOff ? `${settings.join(' and ')} in the policy ${settings.length === 1 ? 'is' : 'are'} off` : null;
};

/** Whether a playbook treats such a resource. */
const treatsType = ({ playbooks }: Rules, playbook: PlaybookId, type: Resource['type']): boolean =>
  Object.hasOwn(playbooks, playbook) && (playbooks[playbook]?.subjects.includes(type) ?? false);

const byRule = (signal: AlarmSignal, rule: ClassificationRule, rules: Rules): Classification => {
  const failure: Failure = failures[rule.failure];
  const { subject } = rule;
  const subjects =
    'id' in subject
      ? signal.metrics.map((metric) =>
          subjectOf(metric, []) === 'ambiguous' ? ('ambiguous' as const) : { type: subject.type, id: subject.id },
        )
      : signal.metrics.map((metric) => {
          const values = metric.dimensions.filter(([name]) => name === subject.dimension);
          return subjectOf({ ...metric, dimensions: values }, []) === 'ambiguous' || new Set(values.map(([, value]) => value)).size > 1
            ? ('ambiguous' as const)
            : ruleSubject(rule, values[0]?.[1]);
        });
  const playbook = rule.playbook ?? null;
  const mayAct = playbook !== null && treatsType(rules, playbook, subject.type);
  return conclude(
    signal,
    {
      failure,
      direction: rule.direction,
      counts: false,
      playbook,
      because: playbook === null ? 'the rule names no playbook' : (whyOff(playbook, rules) ?? whyUnproven(signal.metrics, subjects[0])),
      silent: rule.missing === 'is-the-signal',
    },
    subjects,
    mayAct,
  );
};

const ruleSubject = ({ subject }: ClassificationRule, value: string | undefined): Resource | null => {
  const resource = { type: subject.type, id: value ?? '' };
  return isValidResourceId(resource) ? resource : null;
};

/** In a ratio of errors to volume, only the error metrics count. */
const withoutVolume = (metrics: readonly Metric[]): readonly Metric[] => {
  if (metrics.length < 2) return metrics;
  const rest = metrics.filter(({ namespace, name }) => !volume.has(`${namespace}|${name}`));
  const errors = rest.length > 0 && rest.every((metric) => claimOn(metric)?.failure.id === 'error-rate');
  return errors ? rest : metrics;
};

const byMetrics = (signal: AlarmSignal, rules: Rules): Classification => {
  const metrics = withoutVolume(signal.metrics);
  const found = metrics.map((metric) => claimOn(metric) ?? ownMetric(metric));
  const [first] = found;
  if (first === undefined) return unclassified(signal, 'no failure class covers its metric');
  if (found.some((other) => other?.failure !== first.failure || other.match.direction !== first.match.direction)) {
    return unclassified(signal, 'its metrics do not all indicate the same failure');
  }
  if (metrics.some(countsDatapoints)) {
    return unclassified(signal, 'its statistic counts datapoints instead of reading their values');
  }
  const { failure, match } = first;
  const types = [...match.subject, ...match.named];
  const subjects = metrics.map((metric) => subjectOf(metric, types));
  const [subject] = subjects;
  const mayAct = typeof subject === 'object' && subject !== null && match.subject.includes(subject.type);
  const mixed = found.some((other) => other?.match.playbook !== match.playbook);
  const playbook = mixed ? null : playbookOf(failure, rules, match);
  const reading = {
    failure,
    direction: match.direction,
    counts: match.value === 'count',
    playbook,
    none: mixed ? 'its metrics call for different playbooks' : whyNone(failure, rules, match),
    because:
      whyUnproven(metrics, subject) ??
      (match.value === 'absence' && signal.datapoints.some((count) => count > 0) ? 'some of its processes still run' : null),
  };
  return conclude(signal, reading, subjects, mayAct);
};

/** A user's own metric, by its name: enough for a notification, never enough for an action. */
const ownMetric = ({ namespace, name }: Metric): Found<MetricMatch> | undefined => {
  if (namespace.startsWith('AWS/')) return undefined;
  const failure = looksLikeErrors(name) ? errorRate : looksLikeLatency(name) ? failures['latency-high'] : undefined;
  if (failure === undefined) return undefined;
  const match = {
    namespace,
    metrics: [name],
    direction: 'above',
    subject: [],
    named: ['service'],
    value: 'level',
    part: null,
    because: null,
    playbook: null,
  } as const;
  return { failure, match };
};

/** Tags of an alarm by which its owner says what it means. */
export const ownerTags = { failure: 'selfheal:failure', subject: 'selfheal:subject', playbook: 'selfheal:playbook' } as const;

/** A resource as a tag names it: an instance by its id, anything else as `TYPE/ID`. */
const resourceNamed = (text: string): Resource | null => {
  const [, type = 'instance', id = text] = /^([a-z-]+)\/(.+)$/s.exec(text) ?? [];
  const known = resourceTypes.find((one) => one === type);
  const resource = known && { type: known, id };
  return resource && isValidResourceId(resource) ? resource : null;
};

/** An alarm whose tags say what it means, where the policy lets them. What a tag leaves out is as without it. */
const byTags = (signal: AlarmSignal, rules: Rules): Classification | null => {
  const { alarmTags, metrics } = signal;
  const tagged = (key: keyof typeof ownerTags) =>
    Object.hasOwn(alarmTags, ownerTags[key]) ? alarmTags[ownerTags[key]]?.trim() : undefined;
  const [wanted, about, chosen] = [tagged('failure'), tagged('subject'), tagged('playbook')];
  if (wanted === undefined && about === undefined && chosen === undefined) return null;
  const not = (key: keyof typeof ownerTags, value: string, why: string) =>
    unclassified(signal, `its tag ${ownerTags[key]}=${clip(value, 64)} ${why}`);
  const id = wanted ?? byMetrics(signal, rules).failure ?? 'unclassified';
  const known = failureIds.find((one) => one === id);
  if (known === undefined) return not('failure', id, 'names no failure class');
  const failure: Failure = failures[known];
  const playbook = chosen ?? playbookOf(failure, rules);
  const off = playbook === null ? null : whyOff(playbook, rules);
  if (chosen !== undefined && off !== null) return not('playbook', chosen, `can't be followed: ${off}`);
  const treats = playbook === null || off !== null ? undefined : rules.playbooks[playbook]?.treats;
  if (chosen !== undefined && treats?.includes(known) === false)
    return not('playbook', chosen, `can't be followed: it doesn't treat ${known}`);
  const named = about === undefined ? null : resourceNamed(about);
  if (about !== undefined && named === null) return not('subject', about, 'names no resource');
  const types = playbook === null ? typesInMetrics : (rules.playbooks[playbook]?.subjects ?? []);
  const subjects = metrics.map((metric) => named ?? subjectOf(metric, types));
  const [subject] = subjects;
  const mayAct = playbook !== null && typeof subject === 'object' && subject !== null && treatsType(rules, playbook, subject.type);
  const because = playbook === null ? whyNone(failure) : (off ?? whyUnproven(metrics, subject));
  return conclude(signal, { failure, direction: null, counts: false, playbook, because }, subjects, mayAct);
};

const classifyAlarm = (signal: AlarmSignal, rules: Rules): Classification => {
  if (signal.quiet !== null) return ignored(signal, anySubjectOf(signal), signal.quiet);
  if (signal.watches === 'children') {
    const why =
      signal.children.length === 0 ? 'no alarm triggered it: its state was set by hand' : 'the failure is in the alarms that triggered it';
    return unclassified(signal, why);
  }
  if (signal.watches === 'unreadable') return unclassified(signal, 'it watches no metric of a single resource');
  const rule = ruleFor(signal, rules);
  if (rule !== undefined) return byRule(signal, rule, rules);
  return (rules.alarmTags === 'on' ? byTags(signal, rules) : null) ?? byMetrics(signal, rules);
};

const classifyEvent = (signal: EventSignal, rules: Rules): Classification => {
  if (signal.quiet !== null) return ignored(signal, signal.subject, signal.quiet);
  const found = byEvent.get(signal.kind)?.get(signal.fact);
  if (found === undefined) return ignored(signal, signal.subject, `${signal.kind} ${signal.fact} is not a failure`);
  const { failure, match } = found;
  const { playbook } = failure;
  if (typeof playbook === 'object' && 'optIn' in playbook && rules.spotRebalance !== playbook.optIn) {
    const common = { failure: failure.id, resource: signal.subject, playbook: null, severity: failure.severity };
    return verdict(signal, { ...common, disposition: 'ignore', reason: `${failure.says}; no action: ${playbook.because}` });
  }
  const act = playbookOf(failure, rules, match);
  const { subject } = signal;
  const mayAct = act !== null && subject !== null && treatsType(rules, act, subject.type);
  const hold = match.because ?? signal.escalateReason ?? (act !== null && !mayAct ? 'the event names no resource to act on' : null);
  const none = whyNone(failure, rules, match);
  const what = clip(signal.evidence.what ?? `${signal.kind} ${signal.fact}`, 500);
  // A notification needs a resource; without one it is the region.
  const place: Resource = { type: 'region', id: signal.region ?? 'global' };
  return answer(signal, { failure, resource: subject ?? place, playbook: act, hold, none }, what);
};

/**
 * Classifies a signal: what it means and what to do. Pure, total and deterministic. It reads metrics, dimensions and event fields, never
 * prose. `remediate` requires a single well-formed resource and a playbook.
 */
export const classify = (signal: Signal, rules: Rules = noRules): Classification => {
  return isAlarm(signal) ? classifyAlarm(signal, rules) : classifyEvent(signal, rules);
};
