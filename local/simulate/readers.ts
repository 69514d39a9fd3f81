import type { Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

type Step = WrittenScenario['timeline'][number];

const minute = 60;

const call = (service: 'rds' | 'cloudwatch' | 'dynamodb', operation: string, more: object): Step =>
  ({ at: '0s', do: 'fail-calls', service, operation, ...more }) as Step;

/** What goes wrong beside it. */
const faultsOf = (random: Random, adds: string): Step[] =>
  random.pick<Step[]>([
    [],
    [],
    [call('rds', adds, { when: random.chance(0.5) ? 'after' : 'before', count: 1 + random.int(2) })],
    [call('rds', 'DeleteDBInstance', { when: random.chance(0.5) ? 'after' : 'before', count: 1 + random.int(2) })],
    [call('rds', 'DescribeDBInstances', { code: 'Throttling', status: 400, rate: random.pick([0.3, 0.7]) })],
    [call('cloudwatch', 'GetMetricData', { code: 'Throttling', status: 400, rate: random.pick([0.3, 0.7]) })],
    [call('dynamodb', 'UpdateItem', { when: 'after', count: 2 })],
    [{ at: writeDuration(12 * minute + random.int(10 * minute)), do: 'stop-executions' }],
    [{ at: writeDuration((60 + random.int(90)) * minute), do: 'switch', to: 'off' }],
  ]);

type Incident = Pick<WrittenScenario, 'policy' | 'fleet' | 'timeline' | 'watch'>;

/** An instance that is read from or written to for a while, with replicas that people have made. */
const drawInstance = (random: Random): Incident => {
  const replicas = random.pick([0, 0, 1, 2]);
  const busy = writeDuration((20 + random.int(60)) * minute);
  const load = (role: 'writer' | 'readers' | 'reads', percent: number): Step => ({
    ...{ at: '5m', do: 'load-database', database: 'orders', role, percent, for: busy },
  });
  // Reads of clients that know of no replica stay where they are, and so does what is written.
  const course = random.pick(['reads', 'reads', 'reads', 'here', 'here', 'writes', 'both', 'both'] as const);
  const percent = 70 + random.int(40);
  return {
    policy: {
      readers: { atMost: 1 + random.int(3), calm: '1h', instances: random.chance(0.9) ? ['orders'] : [] },
      ...(random.chance(0.05) ? { mode: 'dry-run' } : {}),
    },
    fleet: {
      databases: {
        orders: {
          engine: random.pick(['postgres', 'mysql', 'mariadb', 'postgres', 'mysql', 'sqlserver-ee']),
          optedIn: random.chance(0.9),
          public: random.chance(0.3),
          ...(random.chance(0.1) ? { backupDays: 0 } : {}),
          ...(random.chance(0.1) ? { pending: { DBInstanceClass: 'db.r7g.4xlarge' } } : {}),
        },
        ...Object.fromEntries(Array.from({ length: replicas }, (_, i) => [`orders-r${i}`, { replicaOf: 'orders' }])),
      },
      alarms: {
        'orders-cpu': {
          metric: { namespace: 'AWS/RDS', name: 'CPUUtilization', dimensions: { DBInstanceIdentifier: 'orders' } },
          statistic: 'Average',
          threshold: random.pick([40, 65]),
          comparison: '>',
          period: '1m',
          periods: 3 + random.int(3),
        },
      },
    },
    timeline: [
      ...faultsOf(random, 'CreateDBInstanceReadReplica'),
      ...(course === 'writes' ? [load('writer', percent)] : []),
      ...(course === 'here' || course === 'both' ? [load('reads', percent)] : []),
      ...(course === 'reads' || course === 'both' ? [load('readers', percent * Math.max(1, replicas))] : []),
      { at: '170m', do: 'all-clear' },
      { at: '170m', do: 'switch', to: 'on' },
    ],
    watch: '5h',
  };
};

/** A cluster whose readers are busy, or whose writer is, for a while; and people who have readers of their own there. */
const drawCluster = (random: Random): Incident => {
  const readers = 1 + random.int(3);
  const busy = writeDuration((20 + random.int(60)) * minute);
  const load = (of: object, percent: number): Step =>
    ({ at: '5m', do: 'load-database', database: 'shop', percent, for: busy, ...of }) as Step;
  // As the readers are most of the time, which is the temptation to take away any of them.
  const course = random.pick(['reads', 'reads', 'reads', 'reads', 'both', 'writes', 'fails-over', 'again'] as const);
  const perReader = 75 + random.int(40);
  return {
    policy: {
      readers: { atMost: 1 + random.int(4), calm: '1h' },
      ...(random.chance(0.05) ? { mode: 'dry-run' } : {}),
    },
    fleet: {
      databases: { shop: { kind: 'cluster', readers, optedIn: random.chance(0.9), ...(random.chance(0.1) ? { scalesTo: 5 } : {}) } },
      alarms: {
        'shop-readers': {
          metric: {
            namespace: 'AWS/RDS',
            name: 'CPUUtilization',
            dimensions: random.chance(0.7) ? { DBClusterIdentifier: 'shop', Role: 'READER' } : { DBInstanceIdentifier: 'shop-1' },
          },
          statistic: 'Average',
          threshold: 70,
          comparison: '>',
          period: '1m',
          periods: 2 + random.int(4),
        },
      },
    },
    timeline: [
      ...faultsOf(random, 'CreateDBInstance'),
      ...(course === 'writes' ? [] : [load({ role: 'readers' }, perReader * readers)]),
      ...(course === 'both' || course === 'writes' ? [load({}, 90)] : []),
      ...(course === 'again' ? [{ ...load({ role: 'readers' }, perReader * (readers + 1)), at: '110m' } as Step] : []),
      ...(course === 'fails-over' ? [{ at: '40m', do: 'fail-over', database: 'shop' } as Step] : []),
      { at: '170m', do: 'all-clear' },
      { at: '170m', do: 'switch', to: 'on' },
    ],
    watch: '5h',
  };
};

/** A cluster or an instance that is read from more than it bears. */
export const drawReadersIncident = (random: Random): Incident => (random.chance(0.6) ? drawCluster(random) : drawInstance(random));
