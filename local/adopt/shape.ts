import * as z from 'zod';
import { failureIds } from '../../shared/model/failure-id.ts';
import { modes } from '../../shared/model/policy.ts';
import { resourceSchema } from '../../shared/model/resource.ts';
import { outcomes, whos } from './assess.ts';

const count = z.int().nonnegative();
const counted = z.record(z.string(), count);
const usd = z.number().nonnegative();

const alarm = z.strictObject({
  alarm: z.string(),
  /** Of the alarm's ARN; null where it has none. */
  account: z.string().nullable(),
  region: z.string().nullable(),
  metrics: z.array(z.strictObject({ namespace: z.string(), name: z.string() })),
  /** Which of the proposed rules covers it; null: none does, or it needs none. */
  rule: count.nullable(),
  outcome: z.enum(outcomes),
  failure: z.enum(failureIds).nullable(),
  subject: resourceSchema.nullable(),
  playbook: z.string().nullable(),
  /** The first action that would be tried. */
  action: z.string().nullable(),
  guard: z.string().nullable(),
  /** Why nothing is done, or not without a person; null where something is. */
  why: z.string().nullable(),
  /** A setting of the policy that is off, and with which a playbook would run. */
  setting: z.string().nullable(),
  /** Guards that only the account at that moment can answer. */
  open: z.array(z.string()),
  /** Whether what it is about has the opt-in tag today; null where its tags are not known. */
  optedIn: z.boolean().nullable(),
});

const rule = z.strictObject({
  /** An entry of `classification.alarms` in a policy. */
  rule: z.record(z.string(), z.unknown()),
  alarms: z.array(z.string()),
  /** What its owner may give it, once the metric is trusted. */
  playbook: z.string().nullable(),
});

const past = z.strictObject({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  incidents: count,
  treated: count,
  passed: count,
  rehearsed: count,
  pages: count,
  quiet: count,
  unknown: count,
  actions: counted,
  holds: counted,
  /** US dollars: of the incidents, and of the installation in that time. */
  cost: z.strictObject({ incidents: usd, installation: usd }),
});

/** What `selfheal adopt --json` prints. */
export const adoptionSchema = z.strictObject({
  /** Null where several were read: each alarm says of which one it is. */
  account: z.string().nullable(),
  region: z.string().nullable(),
  at: z.iso.datetime(),
  policy: z.strictObject({ file: z.string().nullable(), mode: z.enum(modes) }),
  /** Who was taken to be opted in, and how many of the alarms that would be treated are about what has the tag today, or whose tags were not read. */
  optIn: z.strictObject({ who: z.enum(whos), key: z.string(), value: z.string(), today: count, of: count, unknown: count }),
  summary: z.strictObject({
    alarms: count,
    outcomes: z.record(z.enum(outcomes), count),
    /** Alarms that a setting of the policy would let a playbook run for, by the setting. */
    settings: counted,
    /** Of the alarms without a rule, those that the proposed rules cover. */
    covered: count,
    /** Null where they were not read. */
    instances: count.nullable(),
    groups: count.nullable(),
    unwatched: count,
    silent: count,
    owners: counted,
    volumes: count.nullable(),
  }),
  alarms: z.array(alarm),
  rules: z.array(rule),
  unwatched: z.array(z.string()),
  silent: z.array(z.string()),
  owned: z.array(z.strictObject({ instance: z.string(), owner: z.string() })),
  volumes: z
    .array(z.strictObject({ volume: z.string(), instance: z.string(), key: z.string().nullable(), problem: z.string() }))
    .nullable(),
  past: past.nullable(),
  /** What could not be read. */
  problems: z.array(z.strictObject({ where: z.string(), problem: z.string() })),
});

export type Adoption = z.infer<typeof adoptionSchema>;
