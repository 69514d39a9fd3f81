import { lagAlarm, processAlarm, writerAlarm } from '../worlds/alarms.ts';
import type { WrittenScenario } from '../worlds/schema.ts';

/** A world with work for selfheal, and what is at stake in it: an instance, a group, or nothing in the world. */
export type Situation = Pick<WrittenScenario, 'fleet' | 'timeline'> &
  Partial<Pick<WrittenScenario, 'policy' | 'answers' | 'start' | 'watch'>> & { about: string; subject: string | null };

const oneHung: Pick<Situation, 'fleet' | 'timeline'> = {
  fleet: { instances: { web: { alarms: ['instance'] } } },
  timeline: [{ at: '0m', do: 'hang-kernel', on: 'web' }],
};

const key = '5f0e0f6e-0000-4000-8000-00000000fa11';

/** A group whose health checks are suspended: it only replaces a member on request. */
const blind = { min: 2, desired: 3, max: 5, suspended: ['HealthCheck'] };

/** The situations of the matrix: small worlds, each for one path through selfheal. A test reports calls that no situation makes. */
export const situations: Readonly<Record<string, Situation>> = {
  'hung-instance': { about: 'a lone instance hangs', subject: 'web', ...oneHung },
  'failed-host': {
    about: "a lone instance's host fails, and EC2 doesn't recover it; its volume has a key of its own, and there is a change calendar",
    subject: 'db',
    policy: { kmsKeys: [`arn:aws:kms:us-east-1:111122223333:key/${key}`], calendars: ['changes'] },
    fleet: {
      keys: { data: { id: key, grants: true } },
      instances: { db: { alarms: ['system'], autoRecovery: false, volumes: [{ key: 'data' }] } },
    },
    timeline: [
      { at: '0m', do: 'calendar', name: 'changes', open: true },
      { at: '0m', do: 'fail-host', on: 'db' },
    ],
  },
  'retiring-host': {
    about: 'a host is to be retired, and what runs there is well',
    subject: 'db',
    start: '2026-03-02T01:00:00Z',
    watch: '4h',
    fleet: { instances: { db: {} } },
    timeline: [{ at: '0m', do: 'retire', on: 'db', in: '14d' }],
  },
  'stopped-by-aws': {
    about: 'AWS stops an instance',
    subject: 'job',
    fleet: { instances: { job: {} } },
    timeline: [{ at: '0m', do: 'stop-by-aws', on: 'job' }],
  },
  'member-of-a-blind-group': {
    about: "a group doesn't see that its member's host has failed",
    subject: 'shop',
    fleet: { groups: { shop: { ...blind, memberAlarms: ['system'] } } },
    timeline: [{ at: '0m', do: 'fail-host', on: 'shop[0]' }],
  },
  'maintenance-policy': {
    about: 'a member is replaced in a group that must stay whole meanwhile',
    subject: 'shop',
    fleet: { groups: { shop: { ...blind, maintenance: { min: 100, max: 200 }, memberAlarms: ['instance'] } } },
    timeline: [{ at: '0m', do: 'hang-kernel', on: 'shop[0]' }],
  },
  'load-spike': {
    about: 'a group has more load than it can carry',
    subject: 'api',
    fleet: { groups: { api: { min: 2, desired: 2, max: 4, alarms: ['cpu'] } } },
    timeline: [{ at: '0m', do: 'add-load', on: 'api', percent: 210 }],
  },
  'drained-instance': {
    about: 'an instance that serves is drained before it is rebooted, and a URL must answer',
    subject: 'web',
    policy: {
      drain: { atMost: '1m', else: 'act' },
      playbooks: { 'application-down': 'restart-application' },
      checks: [{ when: { failure: 'application-down' }, url: 'https://shop.example.com/', within: '5m' }],
    },
    fleet: {
      instances: { web: {}, other: { count: 3 } },
      targetGroups: { shop: { instances: ['web', 'other-1', 'other-2', 'other-3'], optedIn: true, delay: '1m', alarm: false } },
      sites: { 'shop.example.com': { behind: 'web' } },
      alarms: { 'web-nginx': processAlarm('web', 'nginx') },
    },
    timeline: [{ at: '0m', do: 'kill-process', on: 'web', process: 'nginx' }],
  },
  'memory-leak': {
    about: "an instance's memory runs out",
    subject: 'web',
    fleet: { instances: { web: { alarms: ['memory', 'instance'] } } },
    timeline: [{ at: '0m', do: 'leak-memory', on: 'web' }],
  },
  'sick-target': {
    about: "a lone instance answers its load balancer's checks no more",
    subject: 'web-2',
    fleet: { instances: { web: { count: 3 } }, targetGroups: { shop: { instances: ['web-1', 'web-2', 'web-3'] } } },
    timeline: [{ at: '0m', do: 'hang-kernel', on: 'web-2' }],
  },
  'sick-member': {
    about: "a group's member answers its load balancer's checks no more",
    subject: 'shop',
    fleet: { groups: { shop: { ...blind, targetGroup: 'front' } }, targetGroups: { front: {} } },
    timeline: [{ at: '0m', do: 'hang-kernel', on: 'shop[0]' }],
  },
  'spot-interruption': {
    about: 'AWS takes a spot instance of a group away',
    subject: 'workers',
    fleet: { groups: { workers: { min: 1, desired: 2, max: 4, spot: true } } },
    timeline: [{ at: '0m', do: 'interrupt-spot', on: 'workers[0]' }],
  },
  'composite-alarm': {
    about: 'a composite alarm reports an instance that hangs',
    subject: 'web',
    fleet: {
      instances: {
        web: { alarms: [{ metric: 'instance', actions: [], okActions: [] }] },
        other: { alarms: [{ metric: 'instance', actions: [], okActions: [] }] },
      },
      alarms: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
        'checkout-down': { rule: 'ALARM("${web}-status-check-instance") OR ALARM("${other}-status-check-instance")' },
      },
    },
    timeline: [{ at: '0m', do: 'hang-kernel', on: 'web' }],
  },
  'approval-granted': {
    about: 'a person is asked, and agrees',
    subject: 'web',
    ...oneHung,
    policy: { approval: { timeout: 3600, required: [{ action: 'reboot-instance' }] } },
    answers: [{ answer: 'approve', after: '10m', by: 'Ana' }],
  },
  'approval-forgotten': {
    about: 'a person is asked, and nobody answers',
    subject: 'web',
    ...oneHung,
    policy: { approval: { timeout: 3600, required: [{ action: 'reboot-instance' }] } },
  },
  'no-playbook': {
    about: 'something fails that only a person can mend',
    subject: null,
    fleet: { instances: { web: {} } },
    timeline: [
      {
        at: '0m',
        do: 'deliver',
        event: {
          version: '0',
          id: '5f0e0f6e-0000-4000-8000-00000000fa01',
          'detail-type': 'RDS DB Instance Event',
          source: 'aws.rds',
          // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the scenario's own language
          account: '${account}',
          time: '${now}',
          region: '${region}',
          resources: ['arn:aws:rds:${region}:${account}:db:ledgers'],
          detail: {
            EventCategories: ['failure'],
            SourceType: 'DB_INSTANCE',
            SourceArn: 'arn:aws:rds:${region}:${account}:db:ledgers',
            Date: '${now}',
            // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the scenario's own language
            Message: 'DB instance put into failed state.',
            SourceIdentifier: 'ledgers',
            EventID: 'RDS-EVENT-0031',
          },
        },
      },
    ],
  },
  'dead-process': {
    about: 'a process has died, and the command that restarts it hangs',
    subject: 'web',
    policy: {
      commands: { 'restart-nginx': { document: 'Shop-RestartService', version: '3', timeout: '1m' } },
      run: [{ when: { failure: 'application-down' }, command: 'restart-nginx' }],
    },
    fleet: { instances: { web: { alarms: ['instance'] } }, alarms: { 'web-nginx': processAlarm('web', 'nginx') } },
    timeline: [
      { at: '0m', do: 'document-does', document: 'Shop-RestartService', remedies: false, seconds: 900 },
      { at: '0m', do: 'kill-process', on: 'web', process: 'nginx' },
    ],
  },
  'silent-job': {
    about: 'an alarm has no more data, which the policy takes for a failure',
    subject: 'web',
    policy: {
      classification: {
        alarms: [
          {
            alarm: 'web-nginx',
            failure: 'application-down',
            direction: 'below',
            missing: 'is-the-signal',
            subject: { type: 'instance', dimension: 'InstanceId' },
            playbook: 'restart-application',
          },
        ],
      },
    },
    fleet: { instances: { web: {} }, alarms: { 'web-nginx': { ...processAlarm('web', 'nginx'), missing: 'breaching' } } },
    timeline: [{ at: '0m', do: 'hang-kernel', on: 'web' }],
  },
  'leaking-clients': {
    about: 'the clients of a database leak its connections',
    subject: null,
    policy: {
      databases: { reboot: 'on', approval: 'waived' },
      classification: {
        alarms: [
          {
            namespace: 'AWS/RDS',
            metric: 'DatabaseConnections',
            failure: 'database-impaired',
            direction: 'above',
            subject: { type: 'database', dimension: 'DBInstanceIdentifier' },
            playbook: 'reboot-database',
          },
        ],
      },
    },
    fleet: {
      databases: { orders: {} },
      alarms: {
        'orders-connections': {
          metric: { namespace: 'AWS/RDS', name: 'DatabaseConnections', dimensions: { DBInstanceIdentifier: 'orders' } },
          statistic: 'Maximum',
          threshold: 1500,
          comparison: '>',
          period: '1m',
          periods: 3,
        },
      },
    },
    timeline: [{ at: '0m', do: 'exhaust-connections', database: 'orders' }],
  },
  'lost-writer': {
    about: "the zone of a cluster's writer is lost, and RDS doesn't fail over",
    subject: null,
    policy: {
      databases: { failover: 'on', approval: 'waived' },
      classification: {
        alarms: [writerAlarm.rule],
      },
    },
    fleet: {
      databases: { shop: { kind: 'cluster', readers: 2 } },
      alarms: {
        'shop-writer': writerAlarm.alarm(2),
      },
    },
    timeline: [{ at: '10m', do: 'lose-writer', database: 'shop', loss: 'zone', failsOver: false }],
  },
  'filling-database': {
    about: 'what a database stores grows, and RDS adds no storage by itself',
    subject: null,
    policy: { databases: { storage: { grow: 0.2, atMost: 200 } } },
    fleet: {
      databases: { orders: { storage: 100, used: 80 } },
      alarms: {
        'orders-storage': {
          metric: { namespace: 'AWS/RDS', name: 'FreeStorageSpace', dimensions: { DBInstanceIdentifier: 'orders' } },
          statistic: 'Minimum',
          threshold: 15 * 1024 ** 3,
          comparison: '<',
          period: '1m',
          periods: 3,
        },
      },
    },
    timeline: [{ at: '0m', do: 'fill-storage', database: 'orders', gibPerMinute: 0.5, for: '18m' }],
  },
  'busy-readers': {
    about: 'the readers of a cluster of databases are busy, and its writer is not',
    subject: null,
    policy: { readers: { atMost: 3 } },
    fleet: {
      databases: { shop: { kind: 'cluster', readers: 2 } },
      alarms: {
        'shop-readers': {
          metric: { namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: { DBClusterIdentifier: 'shop', Role: 'READER' } },
          statistic: 'Average',
          threshold: 70,
          comparison: '>',
          period: '1m',
          periods: 5,
        },
      },
    },
    timeline: [{ at: '0m', do: 'load-database', database: 'shop', percent: 170, role: 'readers' }],
  },
  'busy-with-reads': {
    about: 'an instance of RDS that the policy names for read replicas is busy with reads',
    subject: null,
    policy: { readers: { atMost: 3, instances: ['orders'] } },
    fleet: {
      databases: { orders: { engine: 'mysql' } },
      alarms: {
        'orders-cpu': {
          metric: { namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: { DBInstanceIdentifier: 'orders' } },
          statistic: 'Average',
          threshold: 70,
          comparison: '>',
          period: '1m',
          periods: 5,
        },
      },
    },
    timeline: [{ at: '0m', do: 'load-database', database: 'orders', percent: 85, role: 'readers' }],
  },
  'lost-source': {
    about: 'the source of a read replica is lost, and two people agree to its promotion',
    subject: null,
    policy: { databases: { promote: 'on' } },
    answers: [
      { answer: 'approve', after: '5m', by: 'Ana' },
      { answer: 'approve', after: '10m', by: 'Ben' },
    ],
    fleet: {
      databases: { orders: {}, 'orders-replica': { replicaOf: 'orders' } },
      alarms: {
        'orders-lag': lagAlarm(3),
      },
    },
    timeline: [
      { at: '0m', do: 'change-database', database: 'orders', status: 'failed', message: 'DB instance put into failed state.' },
      { at: '0m', do: 'lag-replica', database: 'orders-replica', perMinute: 60, survives: true },
    ],
  },
  'bad-deployment': {
    about: "the image of a service's new revision can't be pulled",
    subject: null,
    policy: { ecs: { rollback: 'on', restart: 'on' } },
    fleet: { services: { checkout: { cluster: 'prod', desired: 4 } } },
    timeline: [{ at: '0m', do: 'deploy-service', service: 'checkout', as: 'cannot-pull' }],
  },
  'loaded-service': {
    about: 'a service has more load than its tasks can carry',
    subject: null,
    policy: { ecs: { scale: 'on' } },
    fleet: {
      services: { checkout: { cluster: 'prod', desired: 2, scaling: { min: 2, max: 8 } } },
      alarms: {
        'checkout-load': {
          metric: { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: { ClusterName: 'prod', ServiceName: 'checkout' } },
          statistic: 'Average',
          threshold: 80,
          comparison: '>',
          period: '1m',
          periods: 3,
        },
      },
    },
    timeline: [{ at: '0m', do: 'add-service-load', service: 'checkout', percent: 200 }],
  },
  'lost-container-agent': {
    about: 'the agent of a host of ECS is gone',
    subject: 'hosts',
    policy: { ecs: { hosts: 'on' } },
    fleet: {
      groups: { hosts: { min: 1, desired: 4, max: 6 } },
      clusters: { prod: { groups: ['hosts'] } },
      services: { checkout: { cluster: 'prod', desired: 6 } },
    },
    timeline: [{ at: '0m', do: 'lose-container-agent', on: 'hosts[0]' }],
  },
  'sick-task': {
    about: 'a task answers its load balancer no more, and ECS does nothing about it',
    subject: null,
    policy: { ecs: { restart: 'on' } },
    fleet: {
      targetGroups: { web: {} },
      services: { checkout: { cluster: 'prod', desired: 4, targetGroup: 'web' } },
    },
    timeline: [{ at: '30m', do: 'sick-task', service: 'checkout' }],
  },
  'bad-function-version': {
    about: 'half of the invocations of a new version of a function fail',
    subject: null,
    policy: { lambda: { rollback: { alias: 'live' } } },
    fleet: {
      functions: { checkout: { published: 1, aliases: { live: '1' }, rates: { live: 600 } } },
      alarms: {
        'checkout-errors': {
          metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'checkout', Resource: 'checkout:live' } },
          statistic: 'Sum',
          threshold: 10,
          comparison: '>',
          period: '1m',
          periods: 1,
          missing: 'notBreaching',
        },
      },
    },
    timeline: [{ at: '10m', do: 'deploy-function', function: 'checkout', alias: 'live', errors: 0.5 }],
  },
  'throttled-function': {
    about: 'a function is throttled by its own reserved concurrency, and nobody reads its queue for it',
    subject: null,
    policy: { lambda: { concurrency: { max: 40, step: 1, calm: '1h' } } },
    watch: '4h',
    fleet: {
      functions: { checkout: { published: 1, aliases: { live: '1' }, rates: { live: 600 }, reserved: 10, mappings: { orders: {} } } },
      alarms: {
        'checkout-throttles': {
          metric: { namespace: 'AWS/Lambda', name: 'Throttles', dimensions: { FunctionName: 'checkout' } },
          statistic: 'Sum',
          threshold: 0,
          comparison: '>',
          period: '1m',
          periods: 1,
          missing: 'notBreaching',
        },
      },
    },
    timeline: [
      { at: '0m', do: 'disable-mapping', function: 'checkout' },
      { at: '10m', do: 'invoke-function', function: 'checkout', qualifier: 'live', perMinute: 9000, for: '1h' },
    ],
  },
  'dead-letters': {
    about: 'messages of a queue die while the function that processes them fails',
    subject: null,
    policy: { redrive: {} },
    fleet: {
      functions: { shop: { published: 1, aliases: { live: '1' }, mappings: { orders: { alias: 'live' } } } },
      queues: {
        orders: {
          deadLetters: 'dead',
          maxReceives: 1,
          visibility: '5s',
          consumer: { rate: 20, function: 'shop:live' },
          producer: { perSecond: 0.5 },
        },
        dead: {},
      },
      alarms: {
        'dead-letters': {
          metric: { namespace: 'AWS/SQS', name: 'ApproximateNumberOfMessagesVisible', dimensions: { QueueName: 'dead' } },
          statistic: 'Maximum',
          threshold: 0,
          comparison: '>',
          period: '1m',
          periods: 1,
        },
      },
    },
    timeline: [{ at: '0m', do: 'function-errs', function: 'shop', for: '3m' }],
  },
  'certificate-without-record': {
    about: 'the record by which ACM validates a certificate is gone, and ACM can not renew it',
    subject: null,
    policy: { certificates: { zones: ['Z0SHOP'] } },
    fleet: {
      zones: { 'shop.example': { id: 'Z0SHOP' } },
      certificates: { web: { domain: 'shop.example', expires: '45d10m', record: false } },
    },
    timeline: [{ at: '0m', do: 'switch', to: 'on' }],
  },
  'full-disk': {
    about: 'a disk fills up, and the policy lets its volume be grown',
    subject: null,
    policy: {
      disks: { atMost: 40, look: 'list-disks', extend: 'extend-disk', serial: 'Volume' },
      commands: {
        'list-disks': { document: 'Shop-ListDisks', version: '1', effects: [] },
        'extend-disk': { document: 'Shop-ExtendDisk', version: '1', effects: [], parameters: { Volume: 'none' } },
      },
    },
    fleet: {
      instances: { web: { volumes: [{ size: 20, used: 75, optedIn: true }] } },
      alarms: {
        'web-disk': {
          metric: {
            namespace: 'CWAgent',
            name: 'disk_used_percent',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario's own language
            dimensions: { InstanceId: '${web}', path: '/', device: 'nvme0n1p1', fstype: 'xfs' },
          },
          comparison: '>',
          threshold: 80,
          period: '1m',
          periods: 2,
        },
      },
    },
    timeline: [
      { at: '0m', do: 'document-does', document: 'Shop-ListDisks', lists: 'block-devices' },
      { at: '0m', do: 'document-does', document: 'Shop-ExtendDisk', extends: '{{ Volume }}' },
      { at: '0m', do: 'fill-disk', on: 'web', percentAnHour: 10 },
    ],
  },
  'dead-execution': {
    about: "somebody stops selfheal's own execution half way",
    subject: 'web',
    ...oneHung,
    timeline: [...oneHung.timeline, { at: '5m', do: 'stop-executions' }],
  },
};
