import * as z from 'zod';
import { failureIds } from '../../shared/failures/ids.ts';
import { guards } from '../../shared/guards/index.ts';
import { duration } from '../../shared/incident/duration.ts';
import { statuses } from '../../shared/incident/outcome.ts';
import { nearest } from '../../shared/nearest.ts';
import { policySchema } from '../../shared/policy.ts';
import { stepSchema } from './steps.ts';
import { memberOf, name, placeholder, textsIn } from './values.ts';

const tags = z.record(z.string().min(1).max(128), z.string().max(256));

/** `system` and `instance` are the status checks, `memory` is the CloudWatch agent's. */
const instanceAlarms = z.array(z.enum(['system', 'instance', 'either', 'memory']));

const instance = z.strictObject({
  /** An id of one's own, where an event from a file names it. */
  id: z
    .string()
    .regex(/^i-[0-9a-f]{8,17}$/, 'must be an instance id')
    .optional(),
  zone: z.enum(['a', 'b', 'c']).default('a'),
  type: z.string().min(1).default('m7i.large'),
  optedIn: z.boolean().default(true),
  tags: tags.default({}),
  /** Whether EC2 recovers it from a failed host by itself. */
  autoRecovery: z.boolean().default(true),
  alarms: instanceAlarms.default([]),
  /** Alike, all with what stands here: `web-1`, `web-2` and so on. */
  count: z.int().min(1).max(200).optional(),
});

const group = z
  .strictObject({
    min: z.int().min(0).default(1),
    desired: z.int().min(0).max(100),
    max: z.int().min(0).max(100),
    optedIn: z.boolean().default(true),
    spot: z.boolean().default(false),
    /** Processes that somebody suspended long ago. */
    suspended: z.array(z.string().min(1)).default([]),
    alarms: z.array(z.enum(['cpu'])).default([]),
    /** Of each of the members that it begins with. */
    memberAlarms: instanceAlarms.default([]),
    /** Registers its members there. */
    targetGroup: name.optional(),
  })
  .refine(({ min, desired, max }) => min <= desired && desired <= max, { error: 'min, desired and max must not decrease' });

const targetGroup = z.strictObject({
  /** Instances that are registered with it; groups name it themselves. */
  instances: z.array(name).default([]),
  alarm: z.boolean().default(true),
});

const fleet = z.strictObject({
  instances: z.record(name, instance).default({}),
  groups: z.record(name, group).default({}),
  targetGroups: z.record(name, targetGroup).default({}),
});

const guardIds = guards.map(({ id }) => id) as [string, ...string[]];
const count = z.int().min(0);
const amount = z.union([count, z.strictObject({ atMost: count })]);
export type Amount = z.output<typeof amount>;

/** Of the outcomes that fit `resource` and `failure`, so many must be like the rest. */
const outcome = z.strictObject({
  /** An instance, a member, a group, or any id such as a zone's. */
  resource: z.string().min(1).max(2048).optional(),
  failure: z.enum(failureIds).optional(),
  status: z.enum(statuses),
  verified: z.boolean().optional(),
  /** Loud, unless it says otherwise: quiet ones are recorded, but nobody is told. */
  quiet: z.boolean().default(false),
  /** What was done, in this order; in a dry run, what would have been. */
  actions: z.array(z.string()).optional(),
  /** Stands somewhere in the reason that people are given. */
  reason: z.string().min(1).optional(),
  /** What guards said at some time: the last word on an action, or an answer that was waited out. */
  guards: z.partialRecord(z.enum(guardIds), z.enum(['pass', 'hold', 'skip', 'ask', 'escalate'])).optional(),
  /** So many outcomes. */
  count: count.default(1),
});

const expectation = z.strictObject({
  outcomes: z.array(outcome).default([]),
  /** Loud outcomes by status; a status that isn't named may be there as often as it likes. */
  counts: z.partialRecord(z.enum(statuses), count).optional(),
  /** All outcomes, quiet ones too. */
  incidents: count.optional(),
  /** Actions done, in all. */
  actions: amount.optional(),
  /** Messages that people get: outcomes, and requests for their consent. */
  messages: count.optional(),
  approvals: count.optional(),
  /** Records that intake could not read. */
  rejected: count.optional(),
  /** Steps that AWS refuses: none, where it is left out. */
  refused: amount.optional(),
  /** An observer watches every call and the true state of the world, and objects to nothing. */
  promises: z.literal('kept').optional(),
  /** How often selfheal makes a call with effect, by service and operation. */
  calls: z.record(z.string().regex(/^[a-z0-9]+:[A-Za-z]+$/, 'must be a call such as ec2:RebootInstances'), count).optional(),
  never: z.array(z.string().regex(/^[a-z0-9]+:[A-Za-z*]+$/, 'must be a call such as ec2:StopInstances, or ec2:*')).optional(),
});
export type Expectation = z.output<typeof expectation>;
export type ExpectedOutcome = z.output<typeof outcome>;

const answer = z.strictObject({
  answer: z.enum(['approve', 'reject']),
  /** How long the person takes. */
  after: duration.default(60),
  by: z.string().min(1).max(60).default('Ana'),
});

export const base = z.strictObject({
  name: z.string().min(1).max(120),
  hypothesis: z.string().min(1).max(1000),
  seed: z.int().min(0).default(1),
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be 12 digits')
    .default('111122223333'),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region code such as us-west-2')
    .default('us-east-1'),
  /** When the timeline begins. */
  start: z.iso.datetime().default('2026-03-02T10:00:00Z'),
  /** How long the world is watched at least, from the start; after that until the last incident is over. */
  watch: duration.optional(),
  /** Whether incidents are treated side by side, interleaved at every call, rather than one after the other. */
  interleave: z.boolean().default(false),
  /** The chance that selfheal's process dies at any checkpoint, and on either side of any call. */
  deaths: z.number().min(0).max(1).default(0),
  /** What differs from the policy that the scenario is played with. */
  policy: z.record(z.string(), z.unknown()).default({}),
  fleet,
  timeline: z.array(stepSchema).min(1).max(1000),
  /** To the requests for consent, in their order; where there are no more, nobody answers. */
  answers: z.array(answer).default([]),
  expect: expectation,
});

type Issue = { path: (string | number)[]; message: string };

/** Every instance that a fleet's names stand for: `web`, or `web-1` and so on where there are several. */
export const instanceNames = (instances: z.output<typeof fleet>['instances']): string[] =>
  Object.entries(instances).flatMap(([own, { count: many }]) =>
    many === undefined ? [own] : Array.from({ length: many }, (_, i) => `${own}-${i + 1}`),
  );

/** Names that stand for nothing. */
const unknownNames = ({ fleet: { instances, groups, targetGroups }, timeline, expect }: z.output<typeof base>): Issue[] => {
  const issues: Issue[] = [];
  const lone = new Set(instanceNames(instances));
  const isInstance = (ref: string): boolean => {
    const member = memberOf(ref);
    return member ? Object.hasOwn(groups, member.group) && member.index < (groups[member.group]?.max ?? 0) : lone.has(ref);
  };
  const standsFor = (asked: string): boolean =>
    ['now', 'account', 'region'].includes(asked) || /^zone-[abc]$/.test(asked) || Object.hasOwn(groups, asked) || isInstance(asked);
  for (const [own, { targetGroup: named }] of Object.entries(groups)) {
    if (lone.has(own)) issues.push({ path: ['fleet', 'groups', own], message: 'an instance has the same name' });
    if (named !== undefined && !Object.hasOwn(targetGroups, named))
      issues.push({ path: ['fleet', 'groups', own, 'targetGroup'], message: `there is no target group ${named}` });
  }
  for (const [own, { instances: named }] of Object.entries(targetGroups))
    for (const [i, one] of named.entries())
      if (!lone.has(one)) issues.push({ path: ['fleet', 'targetGroups', own, 'instances', i], message: `there is no instance ${one}` });
  for (const [i, step] of timeline.entries()) {
    for (const [whole, asked = ''] of (step.note ?? '').matchAll(placeholder))
      if (!standsFor(asked)) issues.push({ path: ['timeline', i, 'note'], message: `${whole} stands for nothing here` });
    if ('on' in step && step.on !== undefined) {
      const onGroup = ['add-load', 'resize', 'suspend', 'resume', 'deploy'].includes(step.do);
      const either = step.do === 'tag' || step.do === 'untag' || step.do === 'redeliver';
      const there = onGroup
        ? Object.hasOwn(groups, step.on)
        : isInstance(step.on) || (either && (Object.hasOwn(groups, step.on) || Object.hasOwn(targetGroups, step.on)));
      if (!there)
        issues.push({ path: ['timeline', i, 'on'], message: `there is no ${onGroup ? 'group' : 'instance'} ${step.on} in the fleet` });
    }
    if (step.do !== 'deliver') continue;
    if ((step.event === undefined) === (step.file === undefined))
      issues.push({ path: ['timeline', i], message: 'needs either an event or a file' });
    for (const { text, path } of textsIn(step.event))
      for (const [whole, asked = ''] of text.matchAll(placeholder))
        if (!standsFor(asked)) issues.push({ path: ['timeline', i, 'event', ...path], message: `${whole} stands for nothing here` });
  }
  for (const [i, { resource }] of expect.outcomes.entries()) {
    // An id of AWS's own may be anything; what looks like one of our names must be one.
    if (resource !== undefined && memberOf(resource) && !isInstance(resource))
      issues.push({ path: ['expect', 'outcomes', i, 'resource'], message: `there is no ${resource} in the fleet` });
  }
  return issues;
};

const policyKeys = Object.keys((policySchema.def.innerType as z.ZodObject).shape);

/** What a policy leaves out it takes from another one, so only what is named is looked at here. */
const policyIssues = ({ policy }: z.output<typeof base>): Issue[] => {
  const unknown = Object.keys(policy).filter((key) => !policyKeys.includes(key));
  const read = policySchema.safeParse(Object.fromEntries(Object.entries(policy).filter(([key]) => !unknown.includes(key))));
  return [
    ...unknown.map((key) => {
      const meant = nearest(key, policyKeys);
      return { path: ['policy', key], message: `a policy has no such field${meant ? `; did you mean ${meant}?` : ''}` };
    }),
    ...(read.error?.issues ?? []).map(({ path, message }) => ({ path: ['policy', ...(path as (string | number)[])], message })),
  ];
};

/** A world, what happens to it, and what must have come of it in the end. Durations are in seconds once it is read. */
export const scenarioSchema = base.superRefine((scenario, context) => {
  for (const issue of [...unknownNames(scenario), ...policyIssues(scenario)]) context.addIssue({ code: 'custom', ...issue });
});
export type Scenario = z.output<typeof scenarioSchema>;
/** A scenario as it is written: durations in words, and what has a default may be left out. */
export type WrittenScenario = z.input<typeof base>;
export type ScenarioFleet = Scenario['fleet'];
