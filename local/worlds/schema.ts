import * as z from 'zod';
import { duration } from '../../shared/model/duration.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { expectSchema } from './expect-schema.ts';
import { fleetSchema } from './fleet-schema.ts';
import { type Issue, unknownNames } from './names.ts';
import { stepSchema } from './steps.ts';
import { name } from './values.ts';

const answer = z.strictObject({
  answer: z.enum(['approve', 'reject']),
  /** How long the person takes. */
  after: duration.default(60),
  by: z.string().min(1).max(60).default('Ana'),
});

const account = z.string().regex(/^\d{12}$/, 'must be 12 digits');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region code such as us-west-2');

/** Another account or region of the organisation, in which things happen as in the stack's own. */
const place = z.strictObject({
  account,
  region,
  /** Whether the stack of a member is there, so that selfheal hears of it and may treat what has opted in. */
  member: z.boolean().default(true),
  /** How its alarms come: by the event bus, by a topic that they have as their action, or by both. */
  alarmsBy: z
    .array(z.enum(['bus', 'topic']))
    .min(1)
    .max(2)
    .default(['bus']),
  fleet: fleetSchema,
  timeline: z.array(stepSchema).max(1000).default([]),
});

export const base = z.strictObject({
  name: z.string().min(1).max(120),
  hypothesis: z.string().min(1).max(1000),
  seed: z.int().min(0).default(1),
  account: account.default('111122223333'),
  region: region.default('us-east-1'),
  /** When the timeline begins. */
  start: z.iso.datetime().default('2026-03-02T10:00:00Z'),
  /** How long the world is watched at least, from the start; after that until the last incident is over. */
  watch: duration.optional(),
  /** Whether incidents are treated side by side, interleaved at every call, rather than one after the other. */
  interleave: z.boolean().default(false),
  /** The chance that selfheal's process dies at any checkpoint, and on either side of any call. */
  deaths: z.number().min(0).max(1).default(0),
  /** How far reads of the ledger may be behind that don't ask for consistency. */
  staleReads: duration.optional(),
  /** How far the clocks of the machines that functions run on may be from the true time. */
  clockSkew: duration.optional(),
  /** What differs from the policy that the scenario is played with. */
  policy: z.record(z.string(), z.unknown()).default({}),
  fleet: fleetSchema,
  timeline: z.array(stepSchema).min(1).max(1000),
  /** The other accounts and regions of an organisation whose hub this one is, by short names. */
  places: z.record(name, place).default({}),
  /** Answers to the requests for approval, in order; further requests stay unanswered. */
  answers: z.array(answer).default([]),
  expect: expectSchema,
});

const nothingExpected = expectSchema.parse({ outcomes: [] });

/** What is wrong in the places: names that stand for nothing, and one that there is twice. */
const placeIssues = ({ account: own, region: home, places }: z.output<typeof base>): Issue[] =>
  Object.entries(places).flatMap(([id, { fleet, timeline, ...where }], i, all) => {
    const twice =
      (where.account === own && where.region === home) ||
      all.slice(0, i).some(([, other]) => other.account === where.account && other.region === where.region);
    return [
      ...(twice ? [{ path: ['places', id], message: `${where.account} in ${where.region} is there twice` }] : []),
      ...unknownNames({ fleet, timeline, expect: nothingExpected }).map((issue) => ({
        ...issue,
        path: ['places', id, ...issue.path],
      })),
    ];
  });

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
  for (const issue of [...unknownNames(scenario), ...placeIssues(scenario), ...policyIssues(scenario)])
    context.addIssue({ code: 'custom', ...issue });
});
export type Scenario = z.output<typeof scenarioSchema>;
/** A scenario as it is written: durations in words, and what has a default may be left out. */
export type WrittenScenario = z.input<typeof base>;
