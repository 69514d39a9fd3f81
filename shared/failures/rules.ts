import * as z from 'zod';
import { abilities } from '../playbooks/abilities.ts';
import { playbookIds } from '../playbooks/ids.ts';
import { oneOf, problemsIn, readJson, settings } from '../settings.ts';
import { wellFormed } from '../signals/form.ts';
import type { AlarmSignal, Metric } from '../signals/signal.ts';
import { failureIds } from './ids.ts';
import { resourceTypes } from './verdict.ts';

const name = z.string().min(1).max(255);

const ruleSchema = z
  .strictObject({
    /** Which alarms: all that is said here must hold. `alarm` is a name in which `*` stands for anything. */
    namespace: name.optional(),
    metric: name.optional(),
    dimensions: z.record(name, z.string().max(1024)).optional(),
    alarm: name.optional(),
    tag: settings({ key: name, value: z.string().max(256).optional() }).optional(),
    /** What they mean. */
    failure: oneOf(failureIds),
    direction: oneOf(['above', 'below']),
    /** The dimension that names the subject, or the subject itself. */
    subject: z.union([
      settings({ type: oneOf(resourceTypes), dimension: name }),
      settings({ type: oneOf(resourceTypes), id: z.string().min(1).max(2048) }),
    ]),
    /** What is done: nothing by itself where it is left out. */
    playbook: oneOf(playbookIds).optional(),
  })
  .refine((rule) => [rule.metric, rule.alarm, rule.tag].some((said) => said !== undefined), {
    error: 'a rule needs a metric, an alarm or a tag to match',
  })
  .refine((rule) => rule.playbook === undefined || abilities[rule.playbook].subjects.includes(rule.subject.type), {
    path: ['playbook'],
    error: 'this playbook cannot act on that type of subject',
  })
  .refine(({ subject }) => 'dimension' in subject || wellFormed(subject), { path: ['subject', 'id'], error: 'not an id of that type' });

/** The part of the policy that teaches selfheal what a user's own alarms mean. The first rule that matches an alarm counts. */
export const classificationRulesSchema = settings({
  alarms: z.array(ruleSchema).max(500).default([]),
  /** Whether a rebalance recommendation is acted on. EC2 sends them generously. */
  spotRebalance: oneOf(['ignore', 'replace-ahead']).default('ignore'),
});
export type ClassificationRules = z.infer<typeof classificationRulesSchema>;
export type ClassificationRule = ClassificationRules['alarms'][number];

/**
 * This part alone out of a policy's JSON text, for a function that needs no more of it: the rest is held to its schema by who acts on
 * it, and before it is deployed. Throws an Error that names the path and the reason.
 */
export const parseClassification = (text: string): ClassificationRules => {
  const result = z.looseObject({ classification: classificationRulesSchema.prefault({}) }).safeParse(readJson('policy', text));
  if (result.success) return result.data.classification;
  throw new Error(problemsIn('policy', result.error));
};

/** The same for a running function, which goes on without rules where they can't be used, and says why. */
export const readClassification = (text: string): { rules: ClassificationRules; problem?: string } => {
  try {
    return { rules: parseClassification(text) };
  } catch (error) {
    return {
      rules: noRules,
      problem: `the policy can't be used, so the default classification applies: ${(error as Error).message.slice(0, 500)}`,
    };
  }
};

/** What holds where the policy says nothing. */
export const noRules: ClassificationRules = { alarms: [], spotRebalance: 'ignore' };

/** Glob match in linear time, so that no pattern can stall the classifier. */
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

/** The first rule that holds for every metric of the alarm. */
export const ruleFor = (signal: AlarmSignal, { alarms }: ClassificationRules): ClassificationRule | undefined => {
  return alarms.find((rule) => holds(rule, signal));
};
