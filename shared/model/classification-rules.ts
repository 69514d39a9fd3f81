import * as z from 'zod';
import { abilitiesOf, type CustomPlaybook } from './custom-playbook.ts';
import { failureIds } from './failure-id.ts';
import { type LogPattern, logMetric } from './log-pattern.ts';
import type { Organization } from './organization.ts';
import { type Abilities, abilities } from './playbook-abilities.ts';
import { isBuiltIn, type PlaybookId, playbookId } from './playbook-id.ts';
import { allSettings, type Remedies, type RemedySettings, remediesIn, settingsOff } from './remedies.ts';
import { resourceTypes } from './resource.ts';
import { isValidResourceId } from './resources/index.ts';
import { type Senders, sendersIn } from './senders.ts';
import { oneOf, settings } from './settings.ts';

/** A name of a metric, a namespace, an alarm or a tag key. */
export const name = z.string().min(1).max(255);

const subjectType = oneOf(resourceTypes).describe('The type of the resource');

const ruleSchema = z
  .strictObject({
    namespace: name.optional().describe('The namespace of the metric'),
    metric: name.optional().describe('The name of the metric'),
    dimensions: z.record(name, z.string().max(1024)).optional().describe('Dimensions of the metric, with their values'),
    alarm: name.optional().describe('The name of the alarm; * matches any text'),
    tag: settings({
      key: name.describe('The key of the tag'),
      value: z.string().max(256).optional().describe('Its value; any if left out'),
    })
      .optional()
      .describe('A tag of the alarm'),
    failure: oneOf(failureIds).describe('The failure class that a matching alarm means'),
    direction: oneOf(['above', 'below']).describe('On which side of its threshold the metric is bad'),
    subject: z
      .union([
        settings({ type: subjectType, dimension: name.describe('The dimension that names it') }),
        settings({ type: subjectType, id: z.string().min(1).max(2048).describe('Its id') }),
      ])
      .describe('The resource that failed: the dimension that names it, or its id'),
    missing: oneOf(['is-the-signal'])
      .optional()
      .describe('The absence of data is the failure, for an alarm that treats missing data as breaching and had data shortly before'),
    playbook: playbookId.optional().describe('The playbook to run; without one, the alarm is only reported'),
  })
  .refine((rule) => [rule.metric, rule.alarm, rule.tag].some((said) => said !== undefined), {
    error: 'a rule needs a metric, an alarm or a tag to match',
  })
  .refine(
    ({ playbook, subject }) => playbook === undefined || !isBuiltIn(playbook) || abilities[playbook].subjects.includes(subject.type),
    {
      path: ['playbook'],
      error: 'this playbook cannot act on that type of subject',
    },
  )
  .refine(({ subject }) => 'dimension' in subject || isValidResourceId(subject), {
    path: ['subject', 'id'],
    error: 'not an id of that type',
  });

/** The part of the policy that says what a user's own alarms mean. The first rule that matches an alarm applies. */
export const classificationRulesSchema = settings({
  alarms: z
    .array(ruleSchema)
    .max(500)
    .default([])
    .describe('Which alarms mean what: all given conditions of a rule must hold, and the first rule that matches applies'),
  alarmTags: oneOf(['off', 'on'])
    .default('off')
    .describe('Whether the tags selfheal:failure, selfheal:subject and selfheal:playbook of an alarm say what it means'),
  spotRebalance: oneOf(['ignore', 'replace-ahead'])
    .default('ignore')
    .describe('Whether to act on rebalance recommendations, which EC2 sends often'),
});

export type ClassificationRules = z.infer<typeof classificationRulesSchema>;

export type ClassificationRule = ClassificationRules['alarms'][number];

/** What a policy says of the meaning of signals, and of the remedies for classes that need one. */
export type Rules = ClassificationRules & {
  remedies: Remedies;
  /** All playbooks, the policy's too. */
  playbooks: Readonly<Record<PlaybookId, Abilities>>;
  /** Settings that are off, and without which some playbooks don't run. */
  off: readonly string[];
  /** Accounts that may send events about others. */
  scope: Senders;
};

/** The built-in playbooks and those of a policy. */
export const allAbilities = (customPlaybooks: readonly CustomPlaybook[]): Rules['playbooks'] =>
  customPlaybooks.length === 0
    ? abilities
    : { ...abilities, ...Object.fromEntries(customPlaybooks.map((one) => [one.id, abilitiesOf(one)])) };

/** What the alarm on a pattern in logs means. Its metric has a name of its own in every namespace, which depends on the stage. */
const ruleOfLog = (entry: LogPattern, remedies: Remedies): ClassificationRule => {
  const { failure, subject, playbook = remedies[failure] ?? undefined } = entry;
  return { metric: logMetric(entry), failure, direction: 'above', subject, ...(playbook && { playbook }) };
};

type Meaning = { classification: ClassificationRules; logs: readonly LogPattern[]; scope: Senders; organization: Organization };

/** The rules of a policy. */
export const rulesOf = ({ classification, logs, scope, organization, ...policy }: Meaning & RemedySettings): Rules => {
  const remedies = remediesIn(policy);
  return {
    ...classification,
    alarms: [...logs.map((entry) => ruleOfLog(entry, remedies)), ...classification.alarms],
    remedies,
    playbooks: allAbilities(policy.customPlaybooks),
    off: settingsOff(policy),
    scope: sendersIn(scope, organization),
  };
};

/** Those of an empty policy. */
export const noRules: Rules = {
  alarms: [],
  alarmTags: 'off',
  spotRebalance: 'ignore',
  remedies: {},
  playbooks: abilities,
  off: allSettings,
  scope: { monitoring: [], health: [] },
};
