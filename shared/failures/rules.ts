import * as z from 'zod';
import { type ClassificationRule, classificationRulesSchema, noRules, type Rules, rulesOf } from '../model/classification-rules.ts';
import { errorMessage } from '../model/errors.ts';
import { readJson } from '../model/json.ts';
import { logPatternsSchema } from '../model/log-pattern.ts';
import { organizationSchema } from '../model/organization.ts';
import { noRemedies, remedySchemas } from '../model/remedies.ts';
import { sendersSchema } from '../model/senders.ts';
import { problemsIn } from '../model/settings.ts';
import type { AlarmSignal, Metric } from '../model/signal.ts';

const parse = <Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> => {
  const result = schema.safeParse(readJson('policy', text));
  if (result.success) return result.data;
  throw new Error(problemsIn('policy', result.error));
};

/** What alarms mean. */
const meaning = z.looseObject({
  classification: classificationRulesSchema.prefault({}),
  logs: logPatternsSchema,
  scope: sendersSchema.prefault({}),
  organization: organizationSchema.prefault({}),
});
const withRemedies = meaning.extend(remedySchemas);

const meaningOf = ({ classification, logs, scope, organization }: z.output<typeof meaning>) => ({
  ...{ classification, logs, scope, organization },
});

/**
 * Parses only this part of a policy's JSON, for functions that need no more; the rest is validated where it is used and before deployment.
 * @throws {Error} with the path and the reason
 */
export const parseClassification = (text: string): Rules => {
  return rulesOf(parse(text, withRemedies));
};

const orNull = <T>(read: () => T): { value: T } | { value: null; why: string } => {
  try {
    return { value: read() };
  } catch (error) {
    return { value: null, why: errorMessage(error).slice(0, 500) };
  }
};

/** The same for a running function, which continues without what is invalid, and says why. */
export const readClassification = (text: string): { rules: Rules; problem?: string } => {
  const whole = orNull(() => parseClassification(text));
  if (whole.value !== null) return { rules: whole.value };
  const { value } = orNull(() => parse(text, meaning));
  if (value !== null)
    return {
      rules: rulesOf({ ...noRemedies, ...meaningOf(value) }),
      problem: `the policy names no remedies that can be used: ${whole.why}`,
    };
  return { rules: noRules, problem: `the policy can't be used, so the default classification applies: ${whole.why}` };
};

/** Matches a glob in linear time, so that no pattern can stall the classifier. */
export const matchesGlob = (pattern: string, text: string): boolean => {
  const parts = pattern.split('*');
  const [head = ''] = parts;
  const tail = parts.at(-1) ?? '';
  if (parts.length === 1) return pattern === text;
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let from = head.length;
  const end = text.length - tail.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
};

const holdsForMetric = (rule: ClassificationRule, metric: Metric): boolean => {
  if (rule.namespace !== undefined && rule.namespace !== metric.namespace) return false;
  if (rule.metric !== undefined && rule.metric !== metric.name) return false;
  return Object.entries(rule.dimensions ?? {}).every(([key, value]) =>
    metric.dimensions.some(([name, is]) => name === key && is === value),
  );
};

const holds = (rule: ClassificationRule, { alarm, alarmTags, metrics }: AlarmSignal): boolean => {
  if (rule.alarm !== undefined && !matchesGlob(rule.alarm, alarm.name)) return false;
  if (rule.tag !== undefined) {
    const value = Object.hasOwn(alarmTags, rule.tag.key) ? alarmTags[rule.tag.key] : undefined;
    if (value === undefined || (rule.tag.value !== undefined && rule.tag.value !== value)) return false;
  }
  return metrics.length > 0 && metrics.every((metric) => holdsForMetric(rule, metric));
};

/** The places of a policy's rules by the metric that they name, if any. */
const placesByMetric = new WeakMap<Rules['alarms'], ReadonlyMap<string | undefined, readonly number[]>>();

/** The first rule that matches every metric of the alarm. Looks only at those that name its first metric, and at those that name none. */
export const ruleFor = (signal: AlarmSignal, { alarms }: Pick<Rules, 'alarms'>): ClassificationRule | undefined => {
  if (!placesByMetric.has(alarms))
    placesByMetric.set(
      alarms,
      Map.groupBy(alarms.keys(), (place) => alarms[place]?.metric),
    );
  const places = placesByMetric.get(alarms);
  const first = (name?: string) => places?.get(name)?.find((place) => holds(alarms[place] as ClassificationRule, signal)) ?? alarms.length;
  return alarms[Math.min(first(signal.metrics[0]?.name), first())];
};
