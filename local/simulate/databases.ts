import type { Random } from '#local-aws';
import { writerAlarm } from '../worlds/alarms.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

type Incident = Pick<WrittenScenario, 'policy' | 'fleet' | 'timeline' | 'watch'> & Pick<WrittenScenario, 'answers'>;

const minute = 60;

const call = (service: 'rds' | 'cloudwatch', operation: string) => ({ at: '0s', do: 'fail-calls', service, operation }) as const;

/** What goes wrong beside it. `action`: the call that matters most. */
const troubles: readonly ((random: Random, action: string) => WrittenStep)[] = [
  (_, action) => ({ ...call('rds', action), when: 'after', count: 1 }),
  (_, action) => ({ ...call('rds', action), code: 'Throttling', status: 400, count: 1 }),
  (random) => ({ ...call('rds', 'DescribeDBInstances'), code: 'Throttling', status: 400, rate: random.pick([0.3, 0.7]) }),
  () => ({ ...call('rds', 'DescribeEvents'), code: 'AccessDenied', status: 403 }),
  (random) => ({ ...call('cloudwatch', 'GetMetricData'), code: 'Throttling', status: 400, rate: random.pick([0.3, 0.7]) }),
  () => ({ at: '0s', do: 'deliveries', how: 'duplicate', rate: 1, for: '30m' }),
  () => ({ at: '0s', do: 'switch', to: 'off' }),
  (random) => ({ at: writeDuration(12 * minute + random.int(4 * minute)), do: 'stop-executions' }),
];
const troubled = (random: Random, action: string): WrittenStep[] => (random.chance(0.4) ? [random.pick(troubles)(random, action)] : []);
const ends = (at: string): WrittenStep[] => [
  { at, do: 'all-clear' },
  { at, do: 'switch', to: 'on' },
];

/** A cluster without a writer, and what tempts to let the wrong one take over; and how often each is drawn. */
const losses = {
  behind: 5,
  'one-behind': 5,
  unreadable: 3,
  'own-failover': 2,
  'own-zone': 3,
  well: 2,
  plain: 4,
  'person-first': 1,
} as const;
const lost: readonly (keyof typeof losses)[] = (Object.keys(losses) as (keyof typeof losses)[]).flatMap((one) =>
  Array<keyof typeof losses>(losses[one]).fill(one),
);

const drawFailover = (random: Random): Incident => {
  const course = random.pick(lost);
  const readers = course === 'own-zone' ? 0 : 1 + random.int(3);
  const lag = (of: number): WrittenStep => ({
    at: '0s',
    do: 'lag-replica',
    database: `shop-${of}`,
    seconds: course === 'unreadable' ? 0 : 2 + random.int(600),
    state: course === 'unreadable' ? 'unreadable' : 'replicating',
    survives: true,
  });
  const behind = course === 'one-behind' ? [1] : Array.from({ length: readers }, (_, i) => i + 1);
  const lagging = ['behind', 'one-behind', 'unreadable'].includes(course) ? behind.map(lag) : [];
  const loss = random.pick(
    course === 'one-behind' || course === 'behind' ? (['process', 'storage'] as const) : (['process', 'zone', 'storage'] as const),
  );
  const at = writeDuration(9 * minute + random.int(2 * minute));
  const gone: WrittenStep[] =
    course === 'well'
      ? [{ at, do: 'force-alarm', alarm: 'shop-writer' }]
      : [{ at, do: 'lose-writer', database: 'shop', loss, failsOver: course === 'own-failover' }];
  const asks = random.chance(0.3);
  return {
    watch: '1h',
    policy: {
      databases: { failover: 'on', approval: asks ? 'required' : 'waived' },
      classification: {
        alarms: [writerAlarm.rule],
      },
      ...(random.chance(0.05) ? { mode: 'dry-run' } : {}),
    },
    fleet: {
      databases: { shop: { kind: 'cluster', readers, optedIn: random.chance(0.9) } },
      alarms: {
        'shop-writer': writerAlarm.alarm(1 + random.int(2)),
      },
    },
    ...(asks ? { answers: [{ answer: random.chance(0.7) ? 'approve' : 'reject', after: '4m', by: 'Ana' }] } : {}),
    timeline: [
      ...troubled(random, 'FailoverDBCluster'),
      ...lagging,
      ...gone,
      ...(course === 'person-first' ? [{ at: '12m', do: 'fail-over', database: 'shop' } as const] : []),
      ...ends('50m'),
    ],
  };
};

/** A database that fills up, and what tempts to make it larger than it may be, or again. */
const drawStorage = (random: Random): Incident => {
  const course = random.pick(['again', 'again', 'again', 'once', 'at-most', 'by-itself', 'person', 'person'] as const);
  const storage = 100;
  const used = 78 + random.int(6);
  const atMost = course === 'at-most' ? random.pick([100, 105]) : random.pick([110, 400, 400]);
  const gibPerMinute = random.pick([0.5, 1]);
  return {
    watch: '3h',
    policy: { databases: { storage: { grow: random.pick([0.1, 0.2]), atMost } }, ...(random.chance(0.05) ? { mode: 'dry-run' } : {}) },
    fleet: {
      databases: { orders: { storage, used, optedIn: random.chance(0.9), ...(course === 'by-itself' ? { growsTo: 200 } : {}) } },
      alarms: {
        'orders-storage': {
          metric: { namespace: 'AWS/RDS', name: 'FreeStorageSpace', dimensions: { DBInstanceIdentifier: 'orders' } },
          statistic: 'Minimum',
          threshold: 15 * 1024 ** 3,
          comparison: '<',
          period: '1m',
          periods: 1 + random.int(3),
        },
      },
    },
    timeline: [
      ...troubled(random, 'ModifyDBInstance'),
      ...(course === 'person' ? [{ at: '0s', do: 'grow-database', database: 'orders', storage: 110 } as const] : []),
      {
        ...{ at: course === 'person' ? '20m' : '0s', do: 'fill-storage', database: 'orders', gibPerMinute },
        for: writeDuration((course === 'again' || course === 'person' ? 60 : 15) * minute),
      },
      ...ends('140m'),
    ],
  };
};

/** A database that loses its writer or fills up. */
export const drawDatabasesIncident = (random: Random): Incident => (random.chance(0.5) ? drawFailover(random) : drawStorage(random));
