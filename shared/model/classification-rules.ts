import * as z from 'zod';
import { failureIds } from './failure-id.ts';
import { abilities } from './playbook-abilities.ts';
import { playbookIds } from './playbook-id.ts';
import { type Remedies, remediesIn } from './remedies.ts';
import { resourceTypes } from './resource.ts';
import { wellFormed } from './resources/index.ts';
import { oneOf, settings } from './settings.ts';

/** A name of a metric, a namespace, an alarm or a tag key. */
export const name = z.string().min(1).max(255);

const ruleSchema = z
  .strictObject({
    /** Which alarms the rule matches: all given conditions must hold. In `alarm`, `*` matches any text. */
    namespace: name.optional(),
    metric: name.optional(),
    dimensions: z.record(name, z.string().max(1024)).optional(),
    alarm: name.optional(),
    tag: settings({ key: name, value: z.string().max(256).optional() }).optional(),
    /** What a matching alarm means. */
    failure: oneOf(failureIds),
    direction: oneOf(['above', 'below']),
    /** The dimension that names the subject, or the subject itself. */
    subject: z.union([
      settings({ type: oneOf(resourceTypes), dimension: name }),
      settings({ type: oneOf(resourceTypes), id: z.string().min(1).max(2048) }),
    ]),
    /** The playbook to run; without one, the alarm is only reported. */
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

/** The part of the policy that says what a user's own alarms mean. The first rule that matches an alarm applies. */
export const classificationRulesSchema = settings({
  alarms: z.array(ruleSchema).max(500).default([]),
  /** Whether to act on rebalance recommendations, which EC2 sends often. */
  spotRebalance: oneOf(['ignore', 'replace-ahead']).default('ignore'),
});

export type ClassificationRules = z.infer<typeof classificationRulesSchema>;

export type ClassificationRule = ClassificationRules['alarms'][number];

/** What a policy says of the meaning of signals, and of the remedies for classes that need one. */
export type Rules = ClassificationRules & { remedies: Remedies };

/** The rules of a policy. */
export const rulesOf = (policy: { classification: ClassificationRules } & Parameters<typeof remediesIn>[0]): Rules => ({
  ...policy.classification,
  remedies: remediesIn(policy),
});

/** Those of an empty policy. */
export const noRules: Rules = { alarms: [], spotRebalance: 'ignore', remedies: {} };
