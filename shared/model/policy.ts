import * as z from 'zod';
import { actionIds } from './action-id.ts';
import { beatsSchema } from './beat.ts';
import { channelsSchema } from './channels.ts';
import { severities } from './classification.ts';
import { classificationRulesSchema } from './classification-rules.ts';
import { limit } from './duration.ts';
import { failureIds } from './failure-id.ts';
import { logPatternsSchema } from './log-pattern.ts';
import { organizationSchema, placeShape } from './organization.ts';
import { remedySchemas } from './remedies.ts';
import { runbooksSchema } from './runbook.ts';
import { sendersSchema } from './senders.ts';
import { oneOf, settings } from './settings.ts';
import { statuses } from './status.ts';
import { timeZone } from './time-zone.ts';
import { checksSchema } from './url-check.ts';
import { weeklySchema } from './weekly.ts';

/** From the strictest to the loosest: `off` only reports, `dry-run` does everything but the mutating calls, `enforce` acts. */
export const modes = ['off', 'dry-run', 'enforce'] as const;
export type Mode = (typeof modes)[number];

/** The stricter of two modes. */
export const stricter = (a: Mode, b: Mode): Mode => (modes.indexOf(a) < modes.indexOf(b) ? a : b);

const seconds = (least: number, most: number) => z.int().min(least).max(most);
const failure = oneOf(failureIds).describe('The failure class');
const tag = settings({
  key: z.string().min(1).max(128).describe('The key of the tag'),
  value: z.string().max(256).optional().describe('Its value; any if left out'),
}).describe('A tag of the resource or of its group');

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

const scope = settings({ ...placeShape, tag: tag.optional(), failure: failure.optional() })
  .refine((given) => Object.values(given).some((part) => part !== undefined), {
    error: 'must name an account, unit, region, tag or failure',
  })
  .describe('All given conditions must hold; one that is left out matches everything');

const approvalRule = settings({
  action: oneOf(actionIds).optional().describe('The action'),
  failure: failure.optional(),
  tag: tag.optional(),
}).refine((given) => Object.values(given).some((part) => part !== undefined), { error: 'must name an action, failure or tag' });

const owned = oneOf(['leave', 'reboot', 'replace']).default('leave');

const route = settings({
  when: settings({
    outcome: oneOf(statuses).optional().describe('How the incident ended'),
    severity: oneOf(severities).optional().describe('How severe the failure is'),
    ...placeShape,
  })
    .refine((given) => Object.values(given).some((part) => part !== undefined), {
      error: 'must name an outcome, severity, account, unit or region',
    })
    .describe('All given conditions must hold'),
  topicArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/, 'must be the ARN of an SNS topic')
    .describe('The topic, whose name must match what the role may publish to: selfheal-STAGE-route-…'),
});

/**
 * What selfheal may do, to which resources, and how often. Every setting has a default, and an empty policy is a safe one. Durations are in
 * seconds unless a setting is written as text such as `6h`.
 */
export const policySchema = settings({
  mode: oneOf(modes).default('enforce').describe('off only reports, dry-run does everything but the mutating calls, enforce acts'),
  modes: z
    .array(settings({ when: scope, mode: oneOf(modes).describe('The mode where it matches') }))
    .max(100)
    .default([])
    .describe('Exceptions to mode; the strictest that matches applies'),
  organization: organizationSchema.prefault({}).describe('What is known of the organisation that a hub serves'),
  scope: sendersSchema
    .prefault({})
    .describe('Accounts that may send events about other accounts; an event of any other that names one is rejected'),
  optIn: settings({
    key: optInKey.default('selfheal').describe('The key of the tag'),
    value: z.string().max(256).default('on').describe('The value of the tag'),
  })
    .prefault({})
    .describe('The tag that a resource must have, with this value, before selfheal acts on it'),
  ...remedySchemas,
  budget: settings({
    actions: z.int().min(1).max(100).default(6).describe('How many actions'),
    window: seconds(60, 7 * 86_400)
      .default(6 * 3600)
      .describe('The window, in seconds'),
    group: settings({
      actions: z
        .int()
        .min(1)
        .max(1000)
        .optional()
        .describe('How many; three or a tenth of the desired capacity, whichever is more, if left out'),
      window: limit('1m', '7d').default('6h').describe('The window'),
    })
      .prefault({})
      .describe('At most so many replacements in one group or target group in a window'),
  })
    .prefault({})
    .describe('At most so many actions on one resource in a window'),
  flapping: settings({
    times: z.int().min(1).max(100).default(3).describe('How many incidents'),
    window: seconds(60, 7 * 86_400)
      .default(24 * 3600)
      .describe('The window, in seconds'),
  })
    .prefault({})
    .describe(
      'An action that healed the same resource in this many incidents of a window without lasting effect is skipped for the next rung',
    ),
  lease: settings({
    seconds: seconds(300, 86_400)
      .default(20 * 60)
      .describe('How long a lease outlives its last renewal; a dead execution blocks its resource no longer than this'),
    patience: seconds(0, 86_400)
      .default(30 * 60)
      .describe('How long an incident waits for a temporary obstacle, such as another incident on the same resource, in seconds'),
  })
    .prefault({})
    .describe('One incident at a time treats a resource'),
  protect: settings({
    publicAddress: oneOf(['auto', 'ask', 'allow', 'never'])
      .default('auto')
      .describe("Before a public address that isn't elastic changes: auto asks while the instance still serves traffic"),
  })
    .prefault({})
    .describe('What must not change without a person'),
  kmsKeys: z
    .array(z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64}$/, 'must be the ARN of a key'))
    .max(50)
    .default([])
    .describe('ARNs of customer managed keys of volumes that selfheal may use to start an instance; packaging grants them to the role'),
  owners: settings({
    karpenter: owned.describe('Karpenter'),
    eks: owned.describe('a node group of EKS'),
    ecs: owned.describe('ECS'),
    fleet: owned.describe('an EC2 or spot fleet'),
    other: owned.describe('any other service'),
  })
    .prefault({})
    .describe(
      'What may be done to an instance that another controller owns; by default selfheal leaves it to the controller and escalates',
    ),
  blastRadius: settings({ share: z.number().min(0).max(0.5).default(0.1).describe('This share of them, but at least one') })
    .prefault({})
    .describe('How many members of a group may be under treatment at once'),
  massFailure: settings({
    account: z.int().min(2).max(200).default(10).describe('In one account and region'),
    zone: z.int().min(2).max(200).default(10).describe('In one availability zone'),
    share: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.01)
      .describe(
        'Where it is more than the numbers above: this share of the instances that have opted in in the account and region, or in the zone. It counts while selfheal knows how many there are',
      ),
    groupShare: z.number().min(0).max(1).default(0.5).describe("More than this share of a group's members, and at least three"),
    window: seconds(60, 3600).default(300).describe('The window, in seconds'),
  })
    .prefault({})
    .describe('This many different resources that fail within a window are one mass failure, and single actions stop'),
  drain: settings({
    atMost: limit('20s', '1h').default('5m').describe('How long its target groups get to let it finish what it serves'),
    else: oneOf(['person', 'act'])
      .default('person')
      .describe('What becomes of one that serves and cannot be drained: it is left to a person, or acted upon all the same'),
  })
    .optional()
    .describe(
      'Before an instance that serves is interrupted, it leaves its load balancers, and it is put back afterwards; nothing is drained if left out',
    ),
  checks: checksSchema,
  healers: settings({
    autoRecovery: seconds(0, 3600).default(300).describe('How many seconds EC2 gets to recover an instance from a failed host'),
    zone: seconds(0, 86_400)
      .default(3600)
      .describe('For how many seconds after AWS reported a zone as impaired nothing is done to single instances in it'),
    person: seconds(0, 86_400)
      .default(1800)
      .describe('A person who changed the resource in the last so many seconds is assumed to be still working on it'),
  })
    .prefault({})
    .describe('How long others get to heal'),
  approval: settings({
    timeout: seconds(60, 604_800)
      .default(4 * 3600)
      .describe('How many seconds a person has to approve; after that nothing is done'),
    required: z.array(approvalRule).max(100).default([]).describe('Actions that need an approval; all given conditions must hold'),
  })
    .prefault({})
    .describe('What a person must approve first'),
  calendars: z
    .array(calendar)
    .max(10)
    .default([])
    .describe('Change calendars of Systems Manager, by name or ARN; while one of them is closed, no action is taken'),
  verify: settings({
    apart: seconds(1, 3600).default(30).describe('The least seconds between the two looks that must both find the resource healthy'),
  })
    .prefault({})
    .describe('How recovery is proved'),
  classification: classificationRulesSchema
    .prefault({})
    .describe('What alarms unknown to selfheal mean, such as those on custom or log-based metrics'),
  logs: logPatternsSchema,
  beats: beatsSchema.default([]).describe("Heartbeats of what can't be monitored from outside; one that doesn't come is a failure"),
  episodes: settings({ quiet: limit('1m', '24h').default('30m').describe('How long it must be quiet') })
    .prefault({})
    .describe('Repeated events of one condition are one incident until none has arrived for this long'),
  scaleOut: settings({
    share: z.number().min(0).max(1).default(0.1).describe('This share of the desired capacity, but at least one'),
  })
    .prefault({})
    .describe('How many members are added to a group at once'),
  routes: z.array(route).max(20).default([]).describe('Sends some outcomes to another topic; the first match applies'),
  channels: channelsSchema.prefault({}).describe('Further channels, none of which exists unless it is named here'),
  runbooks: runbooksSchema.prefault({}).describe('Links to runbooks, which every message includes'),
  digest: weeklySchema
    .optional()
    .describe('When people hear, once a week, what became of the incidents of the last seven days; never if left out'),
  calm: settings({
    fromHour: z.int().min(0).max(23).default(2).describe('The hour in which it begins'),
    toHour: z.int().min(1).max(24).default(5).describe('The hour in which it ends'),
    timeZone: timeZone.default('UTC').describe('The IANA time zone of these hours, including daylight saving time'),
  })
    .refine(({ fromHour, toHour }) => fromHour !== toHour, { error: 'fromHour and toHour must differ' })
    .prefault({})
    .describe('The daily maintenance window for disruptive work that can wait; it may cross midnight'),
}).prefault({});

export type Policy = z.infer<typeof policySchema> & {
  /** Why the given policy can't be used. Then nothing is done, and people are notified. */
  problem?: string;
  /** Which policy it is, if it is part of the function's package. */
  version?: string;
};

/** The same policy with every mode at most `ceiling`, the limit of a deployment. */
export const restrictTo = (policy: Policy, ceiling: Mode): Policy => ({
  ...policy,
  mode: stricter(policy.mode, ceiling),
  modes: policy.modes.map(({ when, mode }) => ({ when, mode: stricter(mode, ceiling) })),
});
