import type { Random } from '#local-aws';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import { documentName } from '../../shared/model/command.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { processAlarm } from '../worlds/alarms.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

/** A step with a numeric time, for comparisons. */
export type Drawn = { at: number; step: Undated };
export type Undated = WrittenStep extends infer One ? (One extends WrittenStep ? Omit<One, 'at'> : never) : never;

type Fleet = Required<Pick<WrittenScenario['fleet'], 'instances' | 'groups' | 'targetGroups' | 'keys'>>;
/** What a story adds to a world. */
export type Story = Partial<Fleet> & {
  alarms?: WrittenScenario['fleet']['alarms'];
  queues?: WrittenScenario['fleet']['queues'];
  clusters?: WrittenScenario['fleet']['clusters'];
  services?: WrittenScenario['fleet']['services'];
  functions?: WrittenScenario['fleet']['functions'];
  sites?: WrittenScenario['fleet']['sites'];
  steps: Drawn[];
  policy?: WrittenScenario['policy'];
};
type Stories = Fleet & Required<Pick<Story, 'steps' | 'policy'>>;

/** The random source and the beginning of a story. */
type Chance = { random: Random; at: number };

const minute = 60;
const lasting = (random: Random, least: number, most: number) => writeDuration(Math.floor(random.between(least, most)) * minute);
const sick = (random: Random): Undated['do'] & ('hang-kernel' | 'fail-host') => random.pick(['hang-kernel', 'fail-host'] as const);
/** Members fail in a group without health checks. */
const blind = { desired: 3, max: 4, suspended: ['HealthCheck'] };

/** Its volume is encrypted with a customer managed key that selfheal's role may use, may use no longer, or never could. */
const keyed = ({ random, at }: Chance): Story => {
  const named = random.chance(0.4);
  const id = '6b1f6f0e-3c1d-4c0b-9d0e-2f6f1c9a7b35';
  const steps: Drawn[] = [{ at, step: { do: 'fail-host', on: 'keyed' } }];
  if (named && random.chance(0.6)) {
    const change = random.pick([{ grants: false }, { state: 'Disabled' }] as const);
    steps.push({ at: at + random.int(15 * minute), step: { do: 'change-key', key: 'own', ...change } });
  }
  return {
    keys: { own: { id, grants: named } },
    instances: {
      keyed: {
        volumes: [{ key: 'own' }],
        autoRecovery: false,
        address: random.pick(['none', 'none', 'lent', 'elastic'] as const),
        alarms: ['system'],
      },
    },
    ...(named ? { policy: { kmsKeys: [`arn:aws:kms:us-east-1:111122223333:key/${id}`] } } : {}),
    steps,
  };
};

/** After its stop, its zone has no capacity for it; its execution may die meanwhile. */
const stranded = ({ random, at }: Chance): Story => {
  const steps: Drawn[] = [
    { at, step: { do: 'fail-host', on: 'stranded' } },
    { at: at + random.int(10 * minute), step: { do: 'exhaust-zone', zone: 'c', for: lasting(random, 15, 90) } },
  ];
  if (random.chance(0.5)) steps.push({ at: at + 8 * minute + random.int(20 * minute), step: { do: 'stop-executions' } });
  return { instances: { stranded: { zone: 'c', autoRecovery: false, alarms: ['system'] } }, steps };
};

/** Its alarm is silenced, from the beginning or later. */
const silenced = ({ random, at }: Chance): Story => {
  const enabled = random.chance(0.4);
  const alarm = `\${quiet}-status-check-instance`;
  const steps: Drawn[] = [{ at, step: { do: 'hang-kernel', on: 'quiet' } }];
  if (enabled) steps.push({ at: at + random.int(8 * minute), step: { do: 'silence-alarm', alarm, for: lasting(random, 20, 60) } });
  else if (random.chance(0.3)) steps.push({ at: at + random.int(30 * minute), step: { do: 'unsilence-alarm', alarm } });
  return { instances: { quiet: { alarms: [{ metric: 'instance', enabled }] } }, steps };
};

/** Its alarm recovers, stops or terminates it. */
const selfMade = ({ random, at }: Chance): Story => {
  const verb = random.pick(['reboot', 'reboot', 'recover', 'recover', 'stop', 'terminate'] as const);
  const metric = verb === 'recover' ? 'system' : 'instance';
  return {
    instances: { selfmade: { autoRecovery: random.chance(0.5), alarms: [{ metric, actions: ['notify', verb] }] } },
    steps: [{ at, step: { do: verb === 'recover' ? 'fail-host' : 'hang-kernel', on: 'selfmade' } }],
  };
};

/** Its alarm has a scaling policy, which may not be enough. */
const scaled = ({ random, at }: Chance): Story => {
  const cooldown = random.pick(['1m', '3m', '5m']);
  return {
    groups: {
      scaled: {
        desired: 2,
        max: 6,
        cooldown,
        policies: { out: { add: 1, cooldown } },
        alarms: [{ metric: 'cpu', period: '1m', periods: 2, actions: ['notify', 'policy:scaled/out'] }],
      },
    },
    steps: [{ at, step: { do: 'add-load', on: 'scaled', percent: 250 + random.int(500), for: lasting(random, 30, 60) } }],
  };
};

/** Another controller owns it. */
const owned = ({ random, at }: Chance): Story => {
  const owner = random.pick([
    { tags: { 'karpenter.sh/nodepool': 'default' } },
    { tags: { 'eks:cluster-name': 'prod' } },
    { tags: { 'kubernetes.io/cluster/prod': 'owned' } },
    { tags: { AmazonECSManaged: 'true' } },
    { operator: 'eks.amazonaws.com' },
  ]);
  return { instances: { node: { ...owner, alarms: ['instance', 'system'] } }, steps: [{ at, step: { do: sick(random), on: 'node' } }] };
};

/** Its new members fail some minutes after they join. */
const badRelease = ({ random, at }: Chance): Story => ({
  targetGroups: { front: {} },
  groups: { release: { ...blind, targetGroup: 'front' } },
  steps: [
    { at: 0, step: { do: 'bad-release', on: 'release', after: lasting(random, 4, 12) } },
    { at, step: { do: 'hang-kernel', on: 'release[0]' } },
  ],
});

/** A group without a launch source, without a subnet, or without registrations, and a failing member. */
const barren = ({ random, at }: Chance): Story => {
  const fails: Drawn = { at: at + 4 * minute, step: { do: sick(random), on: 'barren[1]' } };
  const memberAlarms = ['system', 'instance'] as const;
  const alone = { barren: { ...blind, zones: ['c' as const], memberAlarms: [...memberAlarms] } };
  switch (random.pick(['template', 'image', 'zone', 'unregistered'] as const)) {
    case 'template':
      return { groups: alone, steps: [{ at, step: { do: 'break-template', on: 'barren' } }, fails] };
    case 'image':
      return {
        groups: alone,
        steps: [{ at, step: { do: 'break-image', on: 'barren', for: lasting(random, 20, 60) } }, fails],
      };
    case 'zone':
      return {
        groups: alone,
        steps: [
          { at, step: { do: 'exhaust-zone', zone: 'c', for: lasting(random, 20, 60) } },
          { at: at + minute, step: { do: 'resize', on: 'barren', desired: blind.max } },
          fails,
        ],
      };
    case 'unregistered':
      return {
        targetGroups: { back: {} },
        groups: {
          barren: { ...blind, suspended: [...blind.suspended, 'AddToLoadBalancer'], targetGroup: 'back', memberAlarms: [...memberAlarms] },
        },
        steps: [fails],
      };
  }
};

/** Lifecycle hooks delay its new members, or drain leaving ones for long. */
const hooked = ({ random, at }: Chance): Story => {
  const into = { on: 'launch', timeout: lasting(random, 5, 20), result: 'CONTINUE' } as const;
  const out = { on: 'termination', timeout: '2h', result: 'CONTINUE', answers: lasting(random, 5, 60) } as const;
  const hooks = random.pick([{ into }, { out }, { into, out }]);
  return {
    groups: { hooked: { ...blind, hooks, memberAlarms: ['system', 'instance'] } },
    steps: [{ at, step: { do: sick(random), on: 'hooked[0]' } }],
  };
};

/** A member on standby fails. */
const aside = ({ random, at }: Chance): Story => ({
  groups: { aside: { ...blind, min: 0, memberAlarms: ['system', 'instance'] } },
  steps: [
    { at, step: { do: random.pick(['enter-standby', 'detach'] as const), on: 'aside[0]', decrement: random.chance(0.5) } },
    { at: at + 3 * minute, step: { do: sick(random), on: 'aside[0]' } },
    ...(random.chance(0.3) ? [{ at: at + 20 * minute, step: { do: 'exit-standby' as const, on: 'aside[0]' } }] : []),
  ],
});

/** On the share of a disk that is used. */
const diskAlarm = (instance: string): NonNullable<Story['alarms']>[string] => ({
  metric: {
    namespace: 'CWAgent',
    name: 'disk_used_percent',
    dimensions: { InstanceId: `\${${instance}}`, path: '/', device: 'nvme0n1p1', fstype: 'xfs' },
  },
  comparison: '>',
  threshold: 85,
  period: '1m',
  periods: 2,
});

/**
 * A dead process, and a command of its owner that starts it again, fails, succeeds without effect, or doesn't end; its answer may be lost,
 * with or without effect. Null for most worlds: it is a rare policy.
 */
export const drawCommanded = (random: Random, span: number): Story | null => {
  if (!random.chance(0.25)) return null;
  const at = Math.floor(random.between(0, span * 0.4));
  const document = 'Shop-RestartService';
  const effect = random.pick([
    null,
    null,
    { fails: 1, stderr: 'Job for app.service failed' },
    { remedies: false },
    { seconds: 600 },
    { seconds: 900, ignoresCancel: true },
  ]);
  const steps: Drawn[] = [{ at, step: { do: 'kill-process', on: 'commanded', process: 'app' } }];
  if (effect) steps.push({ at: 0, step: { do: 'document-does', document, ...effect } });
  const fail = (operation: string, code: string, status: number, when: 'before' | 'after') =>
    steps.push({ at: 0, step: { do: 'fail-calls', service: 'ssm', operation, code, status, when, rate: random.pick([0.5, 1]) } });
  if (random.chance(0.5)) fail('SendCommand', 'InternalServerError', 500, random.pick(['before', 'after', 'after'] as const));
  if (random.chance(0.3)) fail('ListCommandInvocations', 'ThrottlingException', 400, 'before');
  if (random.chance(0.15)) steps.push({ at: Math.max(0, at - 12 * minute), step: { do: 'lose-agent', on: 'commanded' } });
  return {
    policy: {
      commands: { 'restart-app': { document, version: '3', parameters: { Service: ['app'] }, timeout: '1m' } },
      run: [{ when: { failure: 'application-down' }, command: 'restart-app' }],
    },
    instances: { commanded: { alarms: ['instance'] } },
    alarms: { 'commanded-app': processAlarm('commanded', 'app') },
    steps,
  };
};

/**
 * An alarm on a metric that has never had data, which somebody lets treat that as breaching; a rule takes missing data for the signal. Null
 * for most worlds: it is a rare mistake.
 */
export const drawSilent = (random: Random, span: number): Story | null => {
  if (!random.chance(0.25)) return null;
  return {
    policy: {
      classification: {
        alarms: [
          {
            alarm: 'silent-beats',
            failure: 'application-down',
            direction: 'below',
            missing: 'is-the-signal',
            subject: { type: 'instance', dimension: 'InstanceId' },
            playbook: 'restart-application',
          },
        ],
      },
    },
    instances: { silent: { alarms: ['instance'] } },
    alarms: {
      'silent-beats': {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
        metric: { namespace: 'Shop', name: 'Beats', dimensions: { InstanceId: '${silent}' } },
        comparison: '<',
        threshold: 1,
        statistic: 'Sum',
        period: '1m',
        periods: 1,
      },
    },
    steps: [{ at: Math.floor(random.between(0, span * 0.4)), step: { do: 'treat-missing', alarm: 'silent-beats', as: 'breaching' } }],
  };
};

/** What a document of a team's own may do instead of what its alarm needs. */
const mishaps = [{ fails: 1, stderr: 'it failed' }, { remedies: false }, { seconds: 600 }, { seconds: 900, ignoresCancel: true }] as const;

/**
 * What a team's own policy treats: processes that die and disks that fill up, on instances alone, where the policy remediates that; and its
 * commands, which help, fail, succeed without effect, or don't end. Every world of that policy has it.
 */
export const drawOwn = (random: Random, span: number, own: Partial<Policy>): Story => {
  const { remedies } = rulesOf(policySchema.parse(own));
  const steps: Drawn[] = [];
  const instances: Story['instances'] = {};
  const alarms: NonNullable<Story['alarms']> = {};
  const soon = () => Math.floor(random.between(0, span * 0.5));
  const one = (name: string, alarm: NonNullable<Story['alarms']>[string], step: (at: number) => void): void => {
    instances[name] = { alarms: ['instance'] };
    alarms[`${name}-alarm`] = alarm;
    step(soon());
  };
  if (remedies['application-down'] !== undefined)
    for (const name of ['own-1', 'own-2'])
      one(name, processAlarm(name, 'app'), (at) => {
        steps.push({ at, step: { do: 'kill-process', on: name, process: 'app' } });
        if (random.chance(0.2)) steps.push({ at, step: { do: 'process-wont-start', on: name, process: 'app', for: '30m' } });
        if (random.chance(0.2)) steps.push({ at: Math.max(0, at - 12 * minute), step: { do: 'lose-agent', on: name } });
      });
  if (remedies['disk-full'] !== undefined)
    one('own-disk', diskAlarm('own-disk'), (at) => steps.push({ at, step: { do: 'fill-disk', on: 'own-disk' } }));
  for (const document of new Set(Object.values(own.commands ?? {}).map((command) => documentName(command.document))))
    if (random.chance(0.5)) steps.push({ at: 0, step: { do: 'document-does', document, ...random.pick(mishaps) } });
  return { policy: {}, instances, alarms, steps };
};

/**
 * Instances that serve requests are drained before they are rebooted, where enough others serve; calls may fail meanwhile, and the execution
 * may be stopped. Null for most worlds: it is a rare policy.
 */
export const drawServed = (random: Random, span: number): Story | null => {
  if (!random.chance(0.2)) return null;
  const at = Math.floor(random.between(0, span * 0.4));
  const names = ['served-1', 'served-2', 'served-3', 'served-4'];
  const steps: Drawn[] = [{ at, step: { do: 'kill-process', on: 'served-1', process: 'worker' } }];
  const few = random.pick([0, 0, 2, 3]);
  for (const on of names.slice(1, 1 + few)) steps.push({ at: at + random.int(minute), step: { do: 'sick-target', on, for: '40m' } });
  if (random.chance(0.3)) steps.push({ at: at + (3 + random.int(8)) * minute, step: { do: 'stop-executions' } });
  if (random.chance(0.4)) {
    const operation = random.pick(['DeregisterTargets', 'RegisterTargets', 'DescribeTargetHealth'] as const);
    const [code, status] = random.pick([
      ['Throttling', 400],
      ['InternalFailure', 500],
      ['AccessDenied', 403],
    ] as const);
    const fault = { service: 'elb', operation, code, status, when: random.pick(['before', 'after'] as const) } as const;
    steps.push({ at, step: { do: 'fail-calls', ...fault, rate: random.pick([0.5, 1]), for: lasting(random, 5, 40) } });
  }
  return {
    policy: {
      drain: { atMost: '5m', else: random.pick(['person', 'act'] as const) },
      playbooks: { 'application-down': 'restart-application' },
      checks: [{ when: { failure: 'application-down' }, url: 'https://served.example.com/health', within: '1m', times: 2 }],
    },
    sites: {
      'served.example.com': {
        address: random.pick(['18.64.0.10', '18.64.0.10', '2600:9000::1', '10.0.3.7', '169.254.169.254', 'fd00:ec2::254']),
      },
    },
    instances: Object.fromEntries(names.map((name) => [name, {}])),
    alarms: { 'served-worker': processAlarm('served-1', 'worker') },
    targetGroups: { served: { instances: names, optedIn: true, delay: lasting(random, 1, 6), alarm: false } },
    steps,
  };
};

const tellers = [keyed, stranded, silenced, selfMade, scaled, owned, badRelease, barren, hooked, aside] as const;

/**
 * One or two small stories about decisions and resources of others; each has its own part of the fleet, so that it doesn't affect the rest.
 */
export const drawStories = (random: Random, span: number): Stories => {
  const first = random.int(tellers.length);
  const second = (first + 1 + random.int(tellers.length - 1)) % tellers.length;
  const chosen = tellers.filter((_, i) => i === first || (i === second && random.chance(0.5)));
  const drawn = chosen.map((tell) => tell({ random, at: Math.floor(random.between(0, span * 0.4)) }));
  return {
    instances: Object.assign({}, ...drawn.map(({ instances }) => instances)),
    groups: Object.assign({}, ...drawn.map(({ groups }) => groups)),
    targetGroups: Object.assign({}, ...drawn.map(({ targetGroups }) => targetGroups)),
    keys: Object.assign({}, ...drawn.map(({ keys }) => keys)),
    policy: Object.assign({}, ...drawn.map(({ policy }) => policy)),
    steps: drawn.flatMap(({ steps }) => steps).filter(({ at }) => at < span),
  };
};

/** On the number of messages in a queue. */
const depthAlarm = (QueueName: string): NonNullable<Story['alarms']>[string] => ({
  metric: { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName } },
  statistic: 'Maximum',
  threshold: 0,
  comparison: '>',
  period: '1m',
  periods: 1,
});

/** A queue whose consumer fails for a while, or gets messages that nothing can process. Null for most worlds: it is a rare policy. */
export const drawDeadLetters = (random: Random, span: number): Story | null => {
  if (!random.chance(0.12)) return null;
  const at = Math.floor(random.between(0, span * 0.3));
  const steps: Drawn[] = [
    random.chance(0.5)
      ? { at, step: { do: 'fail-consumer', queue: 'orders', for: lasting(random, 5, 30) } }
      : { at, step: { do: 'poison-messages', queue: 'orders', count: 5 + random.int(60), ...(random.chance(0.4) ? { for: '6m' } : {}) } },
  ];
  if (random.chance(0.4))
    steps.push({ at: 0, step: { do: 'fail-calls', service: 'sqs', operation: 'StartMessageMoveTask', when: 'after', count: 1 } });
  return {
    policy: { redrive: { atMost: 100_000 }, consumers: { queues: { orders: 'group/workers' } } },
    groups: { workers: { desired: 2, max: 3, memberAlarms: [] } },
    queues: {
      orders: { deadLetters: 'dead', maxReceives: 2, consumer: { rate: 5, group: 'workers' }, producer: { perSecond: 0.5 } },
      dead: { optedIn: random.chance(0.9) },
    },
    alarms: { 'dead-letters': depthAlarm('dead') },
    steps,
  };
};

/** Hosts of a cluster whose agents are lost: one, several or all. Null for most worlds: it is a rare policy. */
export const drawLostAgents = (random: Random, span: number): Story | null => {
  if (!random.chance(0.12)) return null;
  const at = Math.floor(random.between(0, span * 0.4));
  const how = random.pick(['dies', 'cut-off'] as const);
  const lost = random.pick([1, 1, 2, 4]);
  const ends = random.chance(0.3) ? { for: lasting(random, 2, 40) } : {};
  const hosts = Array.from({ length: lost }, (_, i) => `hosts[${i}]`);
  return {
    policy: { ecs: { hosts: 'on' } },
    groups: { hosts: { ...blind, desired: 4, max: 6 } },
    clusters: { prod: { groups: ['hosts'] } },
    services: { checkout: { cluster: 'prod', desired: 6 } },
    steps: hosts.map((on, i) => ({ at: at + i * random.int(3 * minute), step: { do: 'lose-container-agent', on, how, ...ends } })),
  };
};

/** A service whose tasks leak memory, and which may be restarted: where enough of it goes on. Null for most worlds: it is a rare policy. */
export const drawLeakingService = (random: Random, span: number): Story | null => {
  if (!random.chance(0.1)) return null;
  return {
    policy: {
      ecs: { restart: 'on' },
      classification: {
        alarms: [
          {
            namespace: 'AWS/ECS',
            metric: 'MemoryUtilization',
            failure: 'memory-exhausted',
            direction: 'above',
            subject: { type: 'service', id: 'apps/leaking' },
            playbook: 'heal-service',
          },
        ],
      },
    },
    services: {
      leaking: { cluster: 'apps', desired: random.pick([1, 4]), percent: { min: random.pick([0, 50, 100]), max: 200 } },
    },
    alarms: {
      'leaking-memory': {
        metric: { namespace: 'AWS/ECS', name: 'MemoryUtilization', dimensions: { ClusterName: 'apps', ServiceName: 'leaking' } },
        statistic: 'Average',
        threshold: 80,
        comparison: '>',
        period: '1m',
        periods: 3,
      },
    },
    steps: [
      {
        at: Math.floor(random.between(0, span * 0.4)),
        step: { do: 'add-service-load', service: 'leaking', of: 'memory', percent: 260, for: lasting(random, 20, 60) },
      },
    ],
  };
};
