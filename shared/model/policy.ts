import * as z from 'zod';
import { actionIds } from './action-id.ts';
import { severities } from './classification.ts';
import { classificationRulesSchema } from './classification-rules.ts';
import { limit } from './duration.ts';
import { failureIds } from './failure-id.ts';
import { nearest } from './nearest.ts';
import { remedySchemas } from './remedies.ts';
import { runbooksSchema } from './runbook.ts';
import { oneOf, settings } from './settings.ts';
import { statuses } from './status.ts';

/** From the strictest to the loosest: `off` only reports, `dry-run` does everything but the mutating calls, `enforce` acts. */
export const modes = ['off', 'dry-run', 'enforce'] as const;
export type Mode = (typeof modes)[number];

/** The stricter of two modes. */
export const stricter = (a: Mode, b: Mode): Mode => (modes.indexOf(a) < modes.indexOf(b) ? a : b);

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const failure = oneOf(failureIds);
const tag = settings({
  key: z.string().min(1).max(128),
  /** Any value if left out. */
  value: z.string().max(256).optional(),
});
const account = z.string().regex(/^\d{12}$/, 'must be 12 digits');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region code such as us-west-2');

/** Keys with this prefix are read as the owner's requests; as the opt-in tag, such a key would hold every action. */
const optInKey = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(?!selfheal:)/i, 'must not begin with selfheal:, as the tags of owners do');

/**
 * The name or ARN of a change calendar document.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
 */
const calendar = z
  .string()
  .regex(
    /^(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:document\/)?[\w.-]{3,128}$/,
    'must be the name of a change calendar, of 3 to 128 letters, digits, _, - and dots, or its ARN',
  );

const isTimeZone = (name: string): boolean => {
  try {
    // The runtime also accepts an offset such as +02:00, which has no daylight saving time.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en-US', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
};

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, {
    error: ({ input }) => {
      const meant = nearest(String(input), Intl.supportedValuesOf('timeZone'));
      return `must be a time zone such as Europe/Berlin${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    },
  });

/** All given conditions must hold; one that is left out matches everything. */
const scope = settings({ account: account.optional(), region: region.optional(), tag: tag.optional(), failure: failure.optional() }).refine(
  (given) => Object.values(given).some((part) => part !== undefined),
  { error: 'must name an account, region, tag or failure' },
);

const approvalRule = settings({ action: oneOf(actionIds).optional(), failure: failure.optional(), tag: tag.optional() }).refine(
  (given) => Object.values(given).some((part) => part !== undefined),
  { error: 'must name an action, failure or tag' },
);

const owned = oneOf(['leave', 'reboot', 'replace']).default('leave');

const route = settings({
  when: settings({ outcome: oneOf(statuses).optional(), severity: oneOf(severities).optional() }).refine(
    (given) => Object.values(given).some((part) => part !== undefined),
    { error: 'must name an outcome or a severity' },
  ),
  topicArn: z.string().regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/, 'must be the ARN of an SNS topic'),
});

/**
 * What selfheal may do, to which resources, and how often. Every setting has a default, and an empty policy is a safe one. Durations are in
 * seconds unless a setting is written as text such as `6h`.
 */
export const policySchema = settings({
  mode: oneOf(modes).default('enforce'),
  /** Exceptions to `mode`; the strictest that matches applies. */
  modes: z
    .array(settings({ when: scope, mode: oneOf(modes) }))
    .max(100)
    .default([]),
  /** The tag that a resource must have, with this value, before selfheal acts on it. */
  optIn: settings({ key: optInKey.default('selfheal'), value: z.string().max(256).default('on') }).prefault({}),
  ...remedySchemas,
  budget: settings({
    actions: z.int().min(1).max(100).default(6),
    window: seconds(60, 7 * 86_400).default(6 * 3600),
    /** Replacements in one group or target group. Without `actions`, three or a tenth of the desired capacity, whichever is more. */
    group: settings({ actions: z.int().min(1).max(1000).optional(), window: limit('1m', '7d').default('6h') }).prefault({}),
  })
    .prefault({})
    .describe('At most so many actions on one resource in a window'),
  /** An action that healed the same resource in this many incidents of a window without lasting effect is skipped for the next rung. */
  flapping: settings({ times: z.int().min(1).max(100).default(3), window: seconds(60, 7 * 86_400).default(24 * 3600) }).prefault({}),
  lease: settings({
    /** How long a lease outlives its last renewal. A dead execution blocks its resource no longer than this. */
    seconds: seconds(300, 86_400).default(20 * 60),
    /** How long an incident waits for a temporary obstacle, such as another incident on the same resource. */
    patience: seconds(0, 86_400).default(30 * 60),
  }).prefault({}),
  protect: settings({
    /** Before a public address that isn't elastic changes: `auto` asks while the instance still serves traffic. */
    publicAddress: oneOf(['auto', 'ask', 'allow', 'never']).default('auto'),
  }).prefault({}),
  /** ARNs of customer managed KMS keys of volumes that selfheal may use to start an instance. Packaging grants them to the roles. */
  kmsKeys: z
    .array(z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64}$/, 'must be the ARN of a key'))
    .max(50)
    .default([]),
  /** What may be done to an instance that another controller owns. By default selfheal leaves it to the controller and escalates. */
  owners: settings({
    karpenter: owned,
    eks: owned,
    ecs: owned,
    fleet: owned,
    other: owned,
  }).prefault({}),
  /** How many members of a group may be under treatment at once: this share of them, but at least one. */
  blastRadius: settings({ share: z.number().min(0).max(0.5).default(0.1) }).prefault({}),
  /** This many different resources that fail within `window` are treated as one mass failure, and single actions stop. */
  massFailure: settings({
    /** In one account and region. */
    account: z.int().min(2).max(200).default(10),
    /** In one availability zone. */
    zone: z.int().min(2).max(200).default(10),
    /** More than this share of a group's members, and at least three. */
    groupShare: z.number().min(0).max(1).default(0.5),
    window: seconds(60, 3600).default(300),
  }).prefault({}),
  healers: settings({
    /** How long EC2 gets to recover an instance from a failed host. */
    autoRecovery: seconds(0, 3600).default(300),
    /** How long after AWS reported a zone as impaired nothing is done to single instances in it. */
    zone: seconds(0, 86_400).default(3600),
    /** A person who changed the resource this recently is assumed to be still working on it. */
    person: seconds(0, 86_400).default(1800),
  }).prefault({}),
  approval: settings({
    /** How long a person has to approve; after that nothing is done. */
    timeout: seconds(60, 604_800).default(4 * 3600),
    /** Actions that need an approval. */
    required: z.array(approvalRule).max(100).default([]),
  }).prefault({}),
  /** Change calendars of Systems Manager, by name or ARN. While one of them is closed, no action is taken. */
  calendars: z.array(calendar).max(10).default([]),
  verify: settings({
    /** Minimum time between the two looks that must both find the resource healthy. */
    apart: seconds(1, 3600).default(30),
  }).prefault({}),
  /** What alarms unknown to selfheal mean, such as those on custom or log-based metrics. */
  classification: classificationRulesSchema.prefault({}),
  /** Repeated events of one condition are one incident until none has arrived for this long. */
  episodes: settings({ quiet: limit('1m', '24h').default('30m') }).prefault({}),
  scaleOut: settings({ share: z.number().min(0).max(1).default(0.1) }).prefault({}),
  /**
   * Sends some outcomes to another topic; the first match applies. The topic's name must match what the role may publish to:
   * `selfheal-STAGE-route-…`.
   */
  routes: z.array(route).max(20).default([]),
  /** Links to runbooks, which every message includes. */
  runbooks: runbooksSchema.prefault({}),
  /** The daily maintenance window for disruptive work that can wait; it may cross midnight. */
  calm: settings({
    fromHour: z.int().min(0).max(23).default(2),
    toHour: z.int().min(1).max(24).default(5),
    /** The IANA time zone of these hours, including daylight saving time. */
    timeZone: timeZone.default('UTC'),
  })
    .refine(({ fromHour, toHour }) => fromHour !== toHour, { error: 'fromHour and toHour must differ' })
    .prefault({}),
}).prefault({});

export type Policy = z.infer<typeof policySchema> & {
  /** Why the given policy can't be used. Then nothing is done, and people are notified. */
  problem?: string;
};

/** The same policy with every mode at most `ceiling`, the limit of a deployment. */
export const restrictTo = (policy: Policy, ceiling: Mode): Policy => ({
  ...policy,
  mode: stricter(policy.mode, ceiling),
  modes: policy.modes.map(({ when, mode }) => ({ when, mode: stricter(mode, ceiling) })),
});
