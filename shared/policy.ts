import * as z from 'zod';
import { failureIds } from './failures/ids.ts';
import { classificationRulesSchema } from './failures/rules.ts';
import { severities } from './failures/verdict.ts';
import { statuses } from './incident/outcome.ts';
import { playbookIds } from './playbooks/ids.ts';

/** From the strictest on. `off` only reports, `dry-run` takes every step but the mutating call, `enforce` acts. */
export const modes = ['off', 'dry-run', 'enforce'] as const;
export type Mode = (typeof modes)[number];

/** The stricter of two modes. */
export const stricter = (a: Mode, b: Mode): Mode => (modes.indexOf(a) < modes.indexOf(b) ? a : b);

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const failure = z.enum(failureIds);
const tag = z.strictObject({
  key: z.string().min(1).max(128),
  /** Any value, where it is left out. */
  value: z.string().max(256).optional(),
});
const account = z.string().regex(/^\d{12}$/, 'must be 12 digits');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region code such as us-west-2');

/** All that is given must hold; what is left out holds for everything. */
const scope = z
  .strictObject({ account: account.optional(), region: region.optional(), tag: tag.optional(), failure: failure.optional() })
  .refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name an account, region, tag or failure' });

const consent = z
  .strictObject({ action: z.string().min(1).max(64).optional(), failure: failure.optional(), tag: tag.optional() })
  .refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name an action, failure or tag' });

const route = z.strictObject({
  when: z
    .strictObject({ outcome: z.enum(statuses).optional(), severity: z.enum(severities).optional() })
    .refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name an outcome or a severity' }),
  topicArn: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/, 'must be the ARN of an SNS topic'),
});

/**
 * What may be done to what, and how much of it. Everything has a default, so an empty policy is a safe one. Durations are in
 * seconds.
 */
export const policySchema = z
  .strictObject({
    mode: z.enum(modes).default('enforce'),
    /** Another mode for some; of several that match, the strictest wins. Where none does, `mode` holds. */
    modes: z
      .array(z.strictObject({ when: scope, mode: z.enum(modes) }))
      .max(100)
      .default([]),
    /** The tag that a resource must carry, with this value, before anything is done to it. */
    optIn: z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) }).default({ key: 'selfheal', value: 'on' }),
    /** Another playbook for a failure class than its own; `none` has it only reported. */
    playbooks: z.partialRecord(failure, z.enum([...playbookIds, 'none'])).default({}),
    budget: z
      .strictObject({ actions: z.int().min(1).max(100), window: seconds(60, 7 * 86_400) })
      .default({ actions: 6, window: 6 * 3600 })
      .describe('At most so many actions on one resource in a window'),
    /** An action that healed a resource in so many incidents of a window, and didn't last, gives way to the next rung. */
    flapping: z.strictObject({ times: z.int().min(1).max(100), window: seconds(60, 7 * 86_400) }).default({ times: 3, window: 24 * 3600 }),
    lease: z
      .strictObject({
        /** How long a lease outlives its last renewal; a dead execution blocks its resource no longer than this. */
        seconds: seconds(300, 86_400),
        /** How long an incident waits for what may pass by itself, such as another that treats the same resource. */
        patience: seconds(0, 86_400),
      })
      .default({ seconds: 20 * 60, patience: 30 * 60 }),
    /** How much of a group may be under treatment at once: this share of its members, and always one. */
    blastRadius: z.strictObject({ share: z.number().min(0).max(0.5) }).default({ share: 0.1 }),
    /** So many different resources that fail within `window` are one failure of something else, and single actions stop. */
    massFailure: z
      .strictObject({
        /** In one account and region. */
        account: z.int().min(2).max(200).default(10),
        /** In one availability zone. */
        zone: z.int().min(2).max(200).default(10),
        /** More than this share of a group's members, and at least three. */
        groupShare: z.number().min(0).max(1).default(0.5),
        window: seconds(60, 3600).default(300),
      })
      .prefault({}),
    healers: z
      .strictObject({
        /** How long EC2 is given to recover an instance from a failed host. */
        autoRecovery: seconds(0, 3600).default(300),
        /** For how long after AWS told that a zone is impaired nothing is done to single instances in it. */
        zone: seconds(0, 86_400).default(3600),
        /** Somebody who changed the resource so recently is taken to be still at work on it. */
        person: seconds(0, 86_400).default(1800),
      })
      .prefault({}),
    approval: z
      .strictObject({
        /** How long a person has to decide; after that nothing is done. */
        timeout: seconds(60, 604_800).default(4 * 3600),
        /** What needs a person's yes. */
        required: z.array(consent).max(100).default([]),
      })
      .prefault({}),
    /** Change calendars of Systems Manager, by name or ARN: while one of them is closed, nothing is done. */
    calendars: z.array(z.string().min(3).max(300)).max(10).default([]),
    verify: z
      .strictObject({
        /** The least time between the two looks that must both find the resource healthy. */
        apart: seconds(1, 3600),
      })
      .default({ apart: 30 }),
    /** What alarms that selfheal doesn't know mean: custom and log-based metrics, above all. */
    classification: classificationRulesSchema.prefault({}),
    scaleOut: z.strictObject({ share: z.number().min(0).max(1) }).default({ share: 0.1 }),
    /** Outcomes that go to another topic than the usual one; the first that matches counts. The topic's name must be one that the
     * role may publish to: `selfheal-STAGE-route-…`. */
    routes: z.array(route).max(20).default([]),
    /** Hours of the day (UTC) in which disruptive work that can wait is done. */
    calm: z
      .strictObject({ fromHour: z.int().min(0).max(23), toHour: z.int().min(1).max(24) })
      .refine(({ fromHour, toHour }) => fromHour < toHour, { error: 'fromHour must be before toHour' })
      .default({ fromHour: 2, toHour: 5 }),
  })
  .prefault({});

export type Policy = z.infer<typeof policySchema>;

/** The same policy with no mode in it looser than `ceiling`: what a deployment allows at most. */
export const restrictTo = (policy: Policy, ceiling: Mode): Policy => ({
  ...policy,
  mode: stricter(policy.mode, ceiling),
  modes: policy.modes.map(({ when, mode }) => ({ when, mode: stricter(mode, ceiling) })),
});

/** Reads a policy from JSON text; an empty text is the default policy. Throws an Error that names the path and the reason. */
export const parsePolicy = (text: string): Policy => {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new Error(`policy: not JSON: ${(error as Error).message}`);
  }
  const result = policySchema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `policy: ${path.join('.') || '(root)'}: ${message}`).join('; '));
};
