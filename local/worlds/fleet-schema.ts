import * as z from 'zod';
import { duration } from '../../shared/model/duration.ts';
import { alarmsOf, instanceAlarmKinds, namedAlarms } from './alarms.ts';
import { certificatesSchema } from './certificates.ts';
import { containersSchema } from './containers.ts';
import { volumesSchema } from './disks.ts';
import { lookedAtSchema } from './looked-at.ts';
import { queuesSchema } from './queues.ts';
import { name, zone } from './values.ts';

const tags = z.record(z.string().min(1).max(128), z.string().max(256));
const image = z.string().regex(/^ami-[0-9a-f]{8,17}$/, 'must be an image id such as ami-0123456789abcdef0');
const instanceAlarms = alarmsOf(instanceAlarmKinds).default([]);

/** A customer's key. */
const key = z.strictObject({
  /** An id of one's own, where a policy names it. */
  id: z.uuid().optional(),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']).default('Enabled'),
  /** Whether selfheal's role may create grants on it, as it must to start what is encrypted under it. */
  grants: z.boolean().default(false),
  /** Whether Auto Scaling's role has the grant that it needs to launch what is encrypted under it. */
  autoScaling: z.boolean().default(true),
});

const scalingPolicy = z.union([
  /** Adds so many members, or takes them away; an alarm has it among its actions as `policy:GROUP/NAME`. */
  z.strictObject({ add: z.int().min(-100).max(100), cooldown: duration.default(60) }),
  /** Keeps the group's mean CPU at so many percent, by alarms of its own. */
  z.strictObject({ target: z.number().min(1).max(100), scaleIn: z.boolean().default(false) }),
]);
export type ScenarioScaling = z.output<typeof scalingPolicy>;

/** How long its operating system takes to answer, at every start after the fleet stands. */
const boot = duration.optional();

const instance = z.strictObject({
  /** An id of one's own, where an event from a file names it. */
  id: z
    .string()
    .regex(/^i-[0-9a-f]{8,17}$/, 'must be an instance id')
    .optional(),
  zone: zone.default('a'),
  type: z.string().min(1).default('m7i.large'),
  image: image.optional(),
  optedIn: z.boolean().default(true),
  tags: tags.default({}),
  /** Its public address: none, one that AWS lends and takes back at a stop, or an Elastic IP. */
  address: z.enum(['none', 'lent', 'elastic']).default('none'),
  /** Whether EC2 recovers it from a failed host by itself. */
  autoRecovery: z.boolean().default(true),
  volumes: volumesSchema,
  /** The service that manages it, and that alone may change it. */
  operator: z
    .string()
    .regex(/^[a-z0-9.-]{1,100}\.amazonaws\.com$/, 'must be a service such as eks.amazonaws.com')
    .optional(),
  boot,
  /** `system`, `instance` and `either` are status checks, `ebs` that of the attached volumes, `memory` is the CloudWatch agent's. */
  alarms: instanceAlarms,
  /** Alike, all with what stands here: `web-1`, `web-2` and so on. */
  count: z.int().min(1).max(200).optional(),
});

/** Delays joining or leaving members until it is answered. */
const hook = z.strictObject({
  on: z.enum(['launch', 'termination']),
  /** How long it waits for an answer, and what it takes none for. */
  timeout: duration.default(3600),
  result: z.enum(['CONTINUE', 'ABANDON']).default('ABANDON'),
  /** So long after a member came to it, it is answered with CONTINUE: what drains. Left out, it hangs until its timeout. */
  answers: duration.optional(),
});

const group = z
  .strictObject({
    min: z.int().min(0).default(1),
    desired: z.int().min(0).max(100),
    max: z.int().min(0).max(100),
    optedIn: z.boolean().default(true),
    type: z.string().min(1).default('m7i.large'),
    image: image.optional(),
    zones: z.array(zone).min(1).default(['a', 'b']),
    tags: tags.default({}),
    spot: z.boolean().default(false),
    /** Of each member. */
    volumes: volumesSchema,
    /** Of each member; as its subnet has it, where it is left out. */
    address: z.enum(['none', 'lent']).optional(),
    boot,
    /** Types that it chooses from, and how much of it isn't spot; a mixed instances policy. */
    mixed: z
      .strictObject({
        types: z.array(z.string().min(1)).min(1).max(40),
        onDemandBase: z.int().min(0).max(100).default(0),
        onDemandPercent: z.int().min(0).max(100).default(100),
      })
      .optional(),
    /** What makes a member unhealthy besides EC2's own checks. */
    healthCheck: z.enum(['EC2', 'ELB', 'EBS']).default('EC2'),
    grace: duration.default(120),
    cooldown: duration.default(60),
    /** The instance maintenance policy: percent of the desired capacity that is healthy at least, and there at most. */
    maintenance: z.strictObject({ min: z.int().min(0).max(100), max: z.int().min(100).max(200) }).optional(),
    /** Whether a member whose termination a hook gave up is kept, as `Terminating:Retained`. */
    retains: z.boolean().default(false),
    hooks: z.record(name, hook).default({}),
    warmPool: z
      .strictObject({ min: z.int().min(0).max(100).default(0), state: z.enum(['Stopped', 'Running']).default('Stopped') })
      .optional(),
    /** Scaling policies. */
    policies: z.record(name, scalingPolicy).default({}),
    /** Processes suspended before the scenario begins. */
    suspended: z.array(z.string().min(1)).default([]),
    alarms: alarmsOf(['cpu']).default([]),
    /** Of each of the members that it begins with. */
    memberAlarms: instanceAlarms,
    /** Registers its members there. */
    targetGroup: name.optional(),
  })
  .refine(({ min, desired, max }) => min <= desired && desired <= max, { error: 'min, desired and max must not decrease' });

const targetGroup = z.strictObject({
  /** Instances that are registered with it, `web` or, on a port of its own, `web:8080`; groups name it themselves. */
  instances: z.array(z.string().regex(/^[a-z][a-z0-9-]{0,31}(:\d{1,5})?$/, 'must be an instance such as web, or web:8080')).default([]),
  alarm: z.boolean().default(true),
  optedIn: z.boolean().default(false),
  /** How long a target that leaves may finish what it serves. */
  delay: duration.optional(),
  /** How often each target is checked; after five checks that it passes, one that was unhealthy is healthy. */
  checkEvery: duration.optional(),
});

const site = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()]).default('18.64.0.10'),
  body: z.string().max(1000).default('ok'),
  /** An instance that serves it; it answers all the time where it is left out. */
  behind: name.optional(),
});

export const fleetSchema = z.strictObject({
  instances: z.record(name, instance).default({}),
  groups: z.record(name, group).default({}),
  targetGroups: z.record(name, targetGroup).default({}),
  keys: z.record(name, key).default({}),
  /** Hosts of the web, by their names: what URLs of `checks` in the policy request. */
  sites: z.record(z.string().min(1).max(253), site).default({}),
  ...lookedAtSchema,
  ...certificatesSchema,
  ...containersSchema,
  queues: queuesSchema,
  /** Alarms besides those that instances, groups and target groups have, by the names that they have in CloudWatch. */
  alarms: namedAlarms,
});
export type ScenarioFleet = z.output<typeof fleetSchema>;

/** Every instance that a fleet's names stand for: `web`, or `web-1` and so on where there are several. */
export const instanceNames = (instances: ScenarioFleet['instances']): string[] =>
  Object.entries(instances).flatMap(([own, { count: many }]) =>
    many === undefined ? [own] : Array.from({ length: many }, (_, i) => `${own}-${i + 1}`),
  );
