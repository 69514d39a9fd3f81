import { classify } from '../../shared/failures/classify.ts';
import { failures } from '../../shared/failures/index.ts';
import { looksLikeErrors, looksLikeLatency } from '../../shared/failures/own-metrics.ts';
import { ruleFor as firstThatMatches } from '../../shared/failures/rules.ts';
import { type ClassificationRule, type Rules, rulesOf } from '../../shared/model/classification-rules.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import { abilities } from '../../shared/model/playbook-abilities.ts';
import { isBuiltIn } from '../../shared/model/playbook-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Resource } from '../../shared/model/resource.ts';
import { isValidResourceId, typeOfDimension } from '../../shared/model/resources/index.ts';
import type { AlarmSignal, Metric } from '../../shared/model/signal.ts';
import type { Assessment } from './assess.ts';

/** A rule, the alarms that it covers, and the playbook that its owner may give it. */
export type ProposedRule = { rule: ClassificationRule; alarms: string[]; playbook: string | null };

/** As many as a policy may have. */
const maxRules = 500;

type Word = { failure: FailureId; words: readonly string[]; direction?: 'above' | 'below' };

/** What the words in a metric's name say that it measures: a guess, and so never more than a class. The first that fits counts. */
const meanings: readonly Word[] = [
  { failure: 'certificate-expiring', words: ['certificate', 'cert', 'expiry', 'expires', 'expiration'], direction: 'below' },
  { failure: 'disk-full', words: ['disk', 'inode', 'inodes', 'filesystem', 'storage'] },
  { failure: 'memory-exhausted', words: ['memory', 'mem', 'heap', 'swap', 'rss'] },
  { failure: 'queue-backlog', words: ['queue', 'queued', 'backlog', 'lag', 'pending', 'depth', 'undelivered'], direction: 'above' },
  { failure: 'application-down', words: ['process', 'processes', 'alive', 'up', 'heartbeat', 'workers', 'running'], direction: 'below' },
  {
    failure: 'load-saturated',
    words: ['cpu', 'load', 'connections', 'utilization', 'saturation', 'threads', 'sessions'],
    direction: 'above',
  },
  {
    failure: 'error-rate',
    words: ['failed', 'failure', 'failures', 'rejected', 'dropped', 'timeouts', 'timeout', 'throttles', 'declined', 'dead'],
    direction: 'above',
  },
  { failure: 'latency-high', words: ['ms', 'p50', 'p90', 'p95', 'p99', 'slow', 'wait'], direction: 'above' },
];

const wordsOf = (name: string): Set<string> =>
  new Set(
    name
      .slice(0, 255)
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/),
  );

type Direction = 'above' | 'below';

const meaningOf = (name: string, direction: Direction): FailureId | null => {
  const said = wordsOf(name);
  if (direction === 'above' && looksLikeErrors(name)) return 'error-rate';
  if (direction === 'above' && looksLikeLatency(name)) return 'latency-high';
  const found = meanings.find((one) => (one.direction ?? direction) === direction && one.words.some((word) => said.has(word)));
  return found?.failure ?? null;
};

/** Dimensions by which people name what serves. */
const serving = /^(?:service|service_?name|app|application|component|function|job|worker|endpoint|operation)$/i;
const queueing = /^(?:queue|queue_?name|topic|stream)$/i;

/** What a metric is about, by its dimensions: one that AWS knows, the id of an instance under any name, or what serves. */
const subjectOf = ({ namespace, dimensions }: Metric): ClassificationRule['subject'] => {
  const fits = (type: Resource['type'], id: string) => isValidResourceId({ type, id });
  for (const [dimension, value] of dimensions) {
    const type = typeOfDimension(dimension);
    if (type !== undefined && fits(type, value)) return { type, dimension };
  }
  for (const [dimension, value] of dimensions) if (fits('instance', value)) return { type: 'instance', dimension };
  for (const [dimension, value] of dimensions) if (queueing.test(dimension) && fits('queue', value)) return { type: 'queue', dimension };
  for (const [dimension, value] of dimensions) if (serving.test(dimension) && fits('service', value)) return { type: 'service', dimension };
  return { type: 'service', id: fits('service', namespace) ? namespace : 'unknown' };
};

/** The class's playbook, if it may act on such a resource and no setting has to be named for it first. */
const playbookFor = (failure: FailureId, type: Resource['type'], { off }: Rules): string | null => {
  const { playbook } = failures[failure];
  if (typeof playbook !== 'string' || !isBuiltIn(playbook)) return null;
  const { subjects, settings = [] } = abilities[playbook];
  return subjects.includes(type) && !settings.some((setting) => off.includes(setting)) ? playbook : null;
};

const ruleFor = (signal: AlarmSignal): ClassificationRule | null => {
  const direction: Direction = signal.direction === 'below' ? 'below' : 'above';
  const [first] = signal.metrics;
  if (!first) return null;
  const { namespace, name } = first;
  const alone = signal.metrics.every((metric) => metric.namespace === namespace && metric.name === name);
  const byMetric = alone ? meaningOf(name, direction) : null;
  const failure = byMetric ?? meaningOf(signal.alarm.name, direction);
  if (failure === null) return null;
  const rule = { ...(alone ? { namespace, metric: name } : {}), failure, direction, subject: subjectOf(first) };
  // If the metric's name alone doesn't say it, the rule is for this alarm.
  return byMetric === null ? forAlarm(rule, signal) : rule;
};

/** The same for this alarm only; null if its name would match others. */
const forAlarm = (rule: ClassificationRule, { alarm: { name } }: AlarmSignal): ClassificationRule | null =>
  name.includes('*') ? null : { ...rule, alarm: name };

const matchOf = ({ namespace, metric, alarm }: ClassificationRule): string => JSON.stringify([namespace, metric, alarm]);

/**
 * Rules for alarms that lack one, as far as names say what is measured. None of them has a playbook: a guess is enough to tell people the
 * right thing, and never enough to act. Each covers what the classifier says that it covers.
 */
export const proposeRules = (assessments: readonly Assessment[], policy: Policy): ProposedRule[] => {
  const rules = rulesOf(policy);
  const lacking = assessments.flatMap(({ outcome, signal }) => (outcome === 'no-rule' && signal ? [signal] : []));
  const byMatch = new Map<string, ClassificationRule>();
  for (const signal of lacking) {
    let rule = ruleFor(signal);
    const other = rule && byMatch.get(matchOf(rule));
    // Of two rules that match the same alarms the second would never apply.
    if (rule && other && JSON.stringify(other) !== JSON.stringify(rule)) rule = forAlarm(rule, signal);
    if (rule && rules.alarms.length + byMatch.size < maxRules) byMatch.set(matchOf(rule), rule);
  }
  const ordered = [...byMatch.values()].sort((a, b) => Number(a.alarm === undefined) - Number(b.alarm === undefined));
  const covered = new Map<ClassificationRule, string[]>(ordered.map((rule) => [rule, []]));
  for (const signal of lacking) {
    if (classify(signal, { ...rules, alarms: [...rules.alarms, ...ordered] }).failure === 'unclassified') continue;
    const applies = firstThatMatches(signal, { alarms: ordered });
    if (applies) covered.get(applies)?.push(signal.alarm.name);
  }
  return ordered.flatMap((rule) => {
    const alarms = covered.get(rule) ?? [];
    return alarms.length > 0 ? [{ rule, alarms, playbook: playbookFor(rule.failure, rule.subject.type, rules) }] : [];
  });
};
