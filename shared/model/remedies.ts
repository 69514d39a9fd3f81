import * as z from 'zod';
import { commandName, commandSchemas } from './command.ts';
import { customPlaybookSchemas } from './custom-playbook.ts';
import { limitOrSeconds } from './duration.ts';
import { type FailureId, failureIds } from './failure-id.ts';
import { type BuiltInPlaybookId, type PlaybookId, playbookId } from './playbook-id.ts';
import { oneOf, settings, settingsFor } from './settings.ts';

const onOff = oneOf(['off', 'on']).default('off');

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html: not only digits, which name a version. */
const aliasName = z
  .string()
  .regex(/^(?!\d+$)[a-zA-Z0-9_-]{1,128}$/, 'must be the name of an alias: letters, digits, hyphens and underscores, and not only digits');

/** What processes the messages of a queue, as the policy or a tag names it. */
export const consumerName = z
  .string()
  .regex(
    /^(group\/[!-9;-~]{1,255}|service\/[\w-]{1,255}\/[\w-]{1,255})$/,
    'must be group/NAME, or service/CLUSTER/NAME for a service of ECS',
  );

/** The parts of the policy that name a remedy for a class of failure. Kept apart so that `intake` need not parse the others. */
export const remedySchemas = {
  playbooks: settingsFor(failureIds, playbookId).default({}).describe('Overrides the playbook of a failure class; none only reports it'),
  ...commandSchemas,
  ...customPlaybookSchemas,
  databases: settings({
    reboot: oneOf(['off', 'on']).default('off').describe('Whether one that an alarm shows as impaired may be rebooted'),
    approval: oneOf(['required', 'waived']).default('required').describe('Whether a person is asked before a database is interrupted'),
    promote: onOff.describe(
      'Whether two people may be asked to promote a read replica whose source is lost, which neither alone can decide',
    ),
    failover: onOff.describe('Whether a cluster without a writer may be failed over to a reader that is not behind'),
    storage: settings({
      grow: z.number().min(0.1).max(1).default(0.1).describe('This share of what is allocated is added, but at least 10 GiB'),
      atMost: z.int().min(20).max(65_536).describe('The most that may be allocated to one instance, in GiB'),
    })
      .optional()
      .describe('The storage of one that is filling up may be grown, which asks nobody: it can not be made smaller again'),
  })
    .prefault({})
    .describe('What may be done to database instances of RDS that are opted in; nothing that is not named here'),
  readers: settings({
    atMost: z
      .int()
      .min(1)
      .max(15)
      .default(3)
      .describe('With so many readers no other is added to a cluster, or to an instance, whoever has added them'),
    calm: limitOrSeconds('1h', '30d').default('24h').describe('After so long without need of it a reader that was added is taken away'),
    instances: z
      .array(z.string().regex(/^[a-z](?:-?[a-z0-9]){0,62}$/, 'must be the name of an instance of RDS, in lower case'))
      .max(50)
      .default([])
      .describe(
        'Instances of MySQL, MariaDB or PostgreSQL, no clusters, that get read replicas: their clients must find replicas by themselves',
      ),
  })
    .optional()
    .describe(
      'A reader may be added to a cluster of Aurora that is opted in and whose readers are busy, or to an instance, which asks nobody',
    ),
  lambda: settings({
    rollback: settings({
      alias: aliasName
        .optional()
        .describe('The alias that serves, for alarms that name a function alone; without one, a person gets those'),
      aliases: z
        .record(z.string().regex(/^[\w-]{1,140}$/, 'must be the name of a function'), aliasName)
        .default({})
        .describe('The aliases of functions that serve by another one, by the name of the function'),
      within: limitOrSeconds('1m', '24h').default('1h').describe('How long before the failure the alias must have been moved'),
    })
      .optional()
      .describe('An alias may be moved back to the version before, where the version that it was moved to is what fails'),
    concurrency: settings({
      max: z.int().min(1).max(100_000).describe('The most that may be reserved for one function'),
      step: z.number().min(0.01).max(1).default(0.5).describe('This share of what is reserved is added, but at least one'),
      calm: limitOrSeconds('1h', '30d').default('24h').describe('After so long without throttles what was added is taken back'),
    })
      .optional()
      .describe('The reserved concurrency of a function that is throttled may be raised'),
  })
    .prefault({})
    .describe('What may be done to functions of Lambda that are opted in; nothing that is not named here'),
  redrive: settings({
    perSecond: z.int().min(1).max(500).default(10).describe('How many messages are moved in a second'),
    atMost: z.int().min(1).max(1_000_000).default(1000).describe('With more messages than this a person decides'),
    onceIn: limitOrSeconds('1h', '30d').default('24h').describe('How often the messages of one queue may be moved: once in this time'),
  })
    .optional()
    .describe('Dead letters may be moved back to their queue, once its consumer is healthy'),
  consumers: settings({
    queues: z
      .record(z.string().regex(/^[\w-]{1,80}(\.fifo)?$/, 'must be the name of a queue'), consumerName)
      .default({})
      .describe('What processes which queue, by the name of the queue: group/NAME or service/CLUSTER/NAME'),
    tags: onOff.describe('Whether the tag selfheal:consumer of a queue names what processes it'),
  })
    .prefault({})
    .describe('What is scaled out if a queue fills up; only what is opted in itself'),
  disks: settings({
    grow: z.number().min(0.01).max(1).default(0.25).describe('This share of its size is added to a volume, but at least 1 GiB'),
    atMost: z.int().min(1).max(65_536).describe('The size in GiB above which no volume is ever grown'),
    times: z.int().min(1).max(4).default(2).describe('How often volumes of one instance may be grown in the time of within'),
    within: limitOrSeconds('1h', '30d').default('7d').describe('The time that times counts in'),
    snapshot: z.boolean().default(true).describe('Whether a snapshot of the volume is begun first, which stays'),
    look: commandName.describe(
      'The command that prints block devices as lsblk --json --bytes -o NAME,SERIAL,SIZE,FSSIZE,MOUNTPOINT does, and changes nothing',
    ),
    extend: commandName.describe('The command that gives a file system all of its volume, as growpart and xfs_growfs or resize2fs do'),
    serial: z
      .string()
      .regex(/^\w{1,64}$/, 'must be the name of a parameter')
      .optional()
      .describe("The parameter of extend's document that gets the volume's serial number, such as vol0a1b2c3d4e5f60718"),
  })
    .optional()
    .describe('Volumes of instances with Linux may be grown; only those that have the opt-in tag, besides their instance'),
  ecs: settings({
    hosts: onOff.describe('Whether the host of a disconnected agent may be drained and replaced'),
    rollback: onOff.describe('Whether a deployment that fails may be rolled back'),
    scale: onOff.describe('Whether tasks may be added to a service, up to the maximum of its scalable target'),
    restart: onOff.describe('Whether a service, or a task that fails the health checks of its target group, may be restarted'),
    within: limitOrSeconds('1m', '24h').default('1h').describe('How long before the failure a deployment must have begun to be its cause'),
  })
    .prefault({})
    .describe('What may be done to services and hosts of ECS that are opted in; nothing that is not named here'),
  certificates: settings({
    zones: z
      .array(z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'must be the id of a hosted zone, such as Z0123456789ABCDEFGHIJ'))
      .max(50)
      .default([])
      .describe('The hosted zones in which the record that validates a certificate may be restored'),
  })
    .prefault({})
    .describe('What may be done about certificates of ACM that are opted in; nothing that is not named here'),
};
export type RemedySettings = z.infer<z.ZodObject<typeof remedySchemas>>;

/** Those of a policy that names none. */
export const noRemedies: RemedySettings = z.object(remedySchemas).parse({});

/** The playbooks that the policy names for classes; null: none, whatever else would be one. */
export type Remedies = Readonly<Partial<Record<FailureId, PlaybookId | null>>>;

/** The playbooks that a command of the owner is a remedy by, for classes that have none without. */
const byCommand: Remedies = { 'application-down': 'restart-application', 'disk-full': 'clean-disk' };

/** Whether something may be scaled out for its queue. */
const namesConsumers = ({ queues, tags }: RemedySettings['consumers']): boolean => tags === 'on' || Object.keys(queues).length > 0;

/**
 * Settings of their own without which some playbooks never run. `failure`: the playbook is the remedy for the whole class; without it, only
 * for the signals of a class that say so. `besides`: the playbook has other remedies than this one.
 */
const apart: readonly {
  setting: string;
  isOn: (given: RemedySettings) => boolean;
  failure?: FailureId;
  playbook: BuiltInPlaybookId;
  besides?: true;
}[] = [
  { setting: 'disks', isOn: ({ disks }) => disks !== undefined, failure: 'disk-full', playbook: 'clean-disk', besides: true },
  {
    setting: 'databases.reboot',
    isOn: ({ databases }) => databases.reboot === 'on',
    failure: 'database-impaired',
    playbook: 'reboot-database',
  },
  {
    setting: 'databases.reboot',
    isOn: ({ databases }) => databases.reboot === 'on',
    failure: 'replica-behind',
    playbook: 'catch-up-replica',
  },
  {
    setting: 'databases.promote',
    isOn: ({ databases }) => databases.promote === 'on',
    failure: 'replica-behind',
    playbook: 'catch-up-replica',
  },
  { setting: 'databases.failover', isOn: ({ databases }) => databases.failover === 'on', playbook: 'fail-over-cluster' },
  { setting: 'readers', isOn: ({ readers }) => readers !== undefined, playbook: 'add-reader' },
  { setting: 'databases.storage', isOn: ({ databases }) => databases.storage !== undefined, playbook: 'grow-storage' },
  { setting: 'redrive', isOn: ({ redrive }) => redrive !== undefined, playbook: 'relieve-queue' },
  {
    setting: 'consumers',
    isOn: ({ consumers }) => namesConsumers(consumers),
    playbook: 'relieve-queue',
  },
  { setting: 'ecs.hosts', isOn: ({ ecs }) => ecs.hosts === 'on', failure: 'agent-lost', playbook: 'restore-agent' },
  { setting: 'ecs.rollback', isOn: ({ ecs }) => ecs.rollback === 'on', playbook: 'heal-service' },
  { setting: 'ecs.restart', isOn: ({ ecs }) => ecs.restart === 'on', playbook: 'heal-service' },
  { setting: 'ecs.scale', isOn: ({ ecs }) => ecs.scale === 'on', playbook: 'scale-service' },
  { setting: 'lambda.rollback', isOn: ({ lambda }) => lambda.rollback !== undefined, playbook: 'rollback-alias' },
  {
    setting: 'certificates.zones',
    isOn: ({ certificates }) => certificates.zones.length > 0,
    failure: 'certificate-expiring',
    playbook: 'renew-certificate',
  },
  { setting: 'lambda.concurrency', isOn: ({ lambda }) => lambda.concurrency !== undefined, playbook: 'raise-concurrency' },
];

/** Whether anything may be done about queues. */
export const namesQueues = ({ redrive, consumers }: Pick<RemedySettings, 'redrive' | 'consumers'>): boolean =>
  redrive !== undefined || namesConsumers(consumers);

/** Whether anything may be done about functions of Lambda. */
export const namesFunctions = ({ lambda }: Pick<RemedySettings, 'lambda'>): boolean =>
  lambda.rollback !== undefined || lambda.concurrency !== undefined;

/** Whether anything may be done about services or hosts of ECS. */
export const namesContainers = ({ ecs }: Pick<RemedySettings, 'ecs'>): boolean =>
  [ecs.hosts, ecs.rollback, ecs.restart, ecs.scale].includes('on');

/** The alias that the policy names for a function alone. */
export const servingAlias = (rollback: RemedySettings['lambda']['rollback'], name: string): string | undefined =>
  Object.hasOwn(rollback?.aliases ?? {}, name) ? rollback?.aliases[name] : rollback?.alias;

/** The settings without which some playbooks never run. */
export const allSettings: readonly string[] = [...new Set(apart.map(({ setting }) => setting))];

/** The remedy that a setting is, for a whole class; none if it is one for some of its signals. */
export const remediesBy = (setting: string): Remedies =>
  Object.fromEntries(apart.flatMap((one) => (one.setting === setting && one.failure !== undefined ? [[one.failure, one.playbook]] : [])));

/** The settings that are off. */
export const settingsOff = (given: RemedySettings): string[] => [
  ...new Set(apart.flatMap(({ setting, isOn }) => (isOn(given) ? [] : [setting]))),
];

/** What a policy names for which class: a setting of its own, a command for all its resources, or a playbook. */
export const remediesIn = (given: RemedySettings): Remedies => {
  const remedies: Partial<Record<FailureId, PlaybookId | null>> = {};
  for (const { isOn, failure, playbook } of apart) if (failure !== undefined && isOn(given)) remedies[failure] = playbook;
  for (const { when } of given.run) {
    const playbook = when.tag === undefined ? byCommand[when.failure] : undefined;
    if (playbook) remedies[when.failure] = playbook;
  }
  for (const [failure, playbook] of Object.entries(given.playbooks) as [FailureId, PlaybookId][]) {
    const settingsOfIt = apart.filter((one) => one.playbook === playbook && !one.besides);
    if (playbook === 'none') remedies[failure] = null;
    else if (settingsOfIt.length === 0 || settingsOfIt.some(({ isOn }) => isOn(given))) remedies[failure] = playbook;
  }
  return remedies;
};
