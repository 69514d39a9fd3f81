import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { expect, test } from '@jest/globals';
import type { Host } from '../../local/testbed/host.ts';
import { checkScenario } from '../../local/worlds/check.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { readScenario } from '../../local/worlds/read.ts';

const minute = 60_000;

const scenario = (databases: string, timeline: string, alarms = '{}') =>
  readScenario(
    `name: n\nhypothesis: h\nwatch: 65m\npolicy: { mode: 'off' }\nfleet: { databases: ${databases}, alarms: ${alarms} }\ntimeline: ${timeline}\nexpect: {}\n`,
    'world.yml',
  );

/** Looks at a world at these minutes after its first step. */
const looks = async <T>(read: ReturnType<typeof scenario>, minutes: readonly number[], look: (host: Host) => T): Promise<T[]> => {
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const seen: T[] = [];
  await playScenario(read.scenario, {
    onReady: (host) => {
      for (const at of minutes) host.aws.world.clock.after(at * minute, () => void seen.push(look(host)));
    },
  });
  return seen;
};
const get = (kind: 'instance' | 'cluster', id: string) => (host: Host) => host.aws.rds.get(kind, id);

test('storage fills, an alarm says so, and a person gives it more', async () => {
  const read = scenario(
    '{ orders: { storage: 100, used: 70 } }',
    '[{ at: 0s, do: fill-storage, database: orders, gibPerMinute: 1, for: 25m }, { at: 40m, do: grow-database, database: orders, storage: 200 }]',
    `{ orders-storage: { metric: { namespace: AWS/RDS, name: FreeStorageSpace, dimensions: { DBInstanceIdentifier: orders } }, statistic: Minimum, threshold: 10737418240, comparison: '<', period: 1m, periods: 3 } }`,
  );
  const alarm = async (host: Host) => {
    const { MetricAlarms } = await host.operator.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['orders-storage'] }));
    return MetricAlarms?.[0]?.StateValue;
  };
  const seen = await looks(read, [5, 35, 60], (host) => ({ view: get('instance', 'orders')(host), state: alarm(host) }));
  expect(seen.map(({ view }) => [view?.allocated, Math.round(view?.used ?? 0), view?.status])).toEqual([
    [100, 75, 'available'],
    [100, 95, 'available'],
    [200, 95, 'storage-optimization'],
  ]);
  expect(await Promise.all(seen.map(({ state }) => state))).toEqual(['OK', 'ALARM', 'OK']);
});

test('a cluster has readers, loses its writer, and is failed over by whoever does it', async () => {
  const databases = '{ shop: { kind: cluster, readers: 2 } }';
  const bySelf = await looks(scenario(databases, '[{ at: 0s, do: lose-writer, database: shop }]'), [3], get('cluster', 'shop'));
  expect(bySelf).toMatchObject([{ writer: 'shop-1', serves: true }]);
  const timeline =
    '[{ at: 0s, do: lose-writer, database: shop, loss: zone, failsOver: false }, { at: 10m, do: fail-over, database: shop, to: shop-2 }]';
  const byPerson = await looks(scenario(databases, timeline), [9, 12], get('cluster', 'shop'));
  expect(byPerson).toMatchObject([
    { writer: 'shop-0', serves: false },
    { writer: 'shop-2', serves: true },
  ]);
});

test('replicas fall behind, parameters are bad, and maintenance comes', async () => {
  const read = scenario(
    '{ orders: {}, orders-r1: { replicaOf: orders, multiAz: false, zone: b }, carts: {}, bills: { tags: { team: shop } } }',
    `[{ at: 0s, do: lag-replica, database: orders-r1, seconds: 30, perMinute: 30, for: 20m },
      { at: 0s, do: break-parameters, database: carts },
      { at: 0s, do: load-database, database: orders, percent: 70 },
      { at: 0s, do: maintain-database, database: bills, in: 5m, takes: 10m }]`,
  );
  const of = (host: Host) => ['orders-r1', 'carts', 'bills'].map((id) => get('instance', id)(host));
  const [early, late] = await looks(read, [10, 40], of);
  expect(early).toMatchObject([{ lag: 330 }, { status: 'incompatible-parameters' }, { status: 'maintenance', serves: false }]);
  expect(late).toMatchObject([{ lag: 0 }, { status: 'incompatible-parameters' }, { status: 'available', serves: true }]);
});

test.each([
  ["{ orders: { replicaOf: 'sales' } }", '[{ at: 0s, do: fill-storage, database: orders, gibPerMinute: 1 }]', /there is no database sales/],
  ['{ shop: { kind: cluster, readers: 1 } }', '[{ at: 0s, do: lag-replica, database: shop-2 }]', /no database shop-2.*did you mean shop-/],
  ['{ shop: { kind: cluster, readers: 1 } }', '[{ at: 0s, do: fail-over, database: shop, to: shop-7 }]', /there is no database shop-7/],
])('names that stand for nothing are told: %s, %s', (databases, timeline, words) => {
  const read = scenario(databases, timeline);
  expect('problems' in read ? read.problems.join('\n') : '').toMatch(words);
});

test('what becomes of databases can be expected', async () => {
  const written = (expected: string) =>
    readScenario(
      `name: n\nhypothesis: h\nwatch: 90m\npolicy: { mode: 'off' }\nfleet: { databases: { shop: { kind: cluster, readers: 2 }, orders: { used: 60 } } }\n` +
        `timeline: [{ at: 0s, do: lose-writer, database: shop }, { at: 0s, do: fill-storage, database: orders, gibPerMinute: 1 }]\n` +
        `expect: { databases: ${expected} }\n`,
      'world.yml',
    );
  const expectation = (expected: string) => {
    const read = written(expected);
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    return read.scenario;
  };
  const right =
    '{ shop: { status: available, serves: true, writer: shop-1, zone: b, readers: 2 }, orders: { status: storage-full, filled: true } }';
  const played = await playScenario(expectation(right));
  const verdict = (expected: string) =>
    checkScenario(expectation(expected).expect, played)
      .filter(({ holds }) => !holds)
      .map(({ seen }) => seen);
  expect(verdict(right)).toEqual([]);
  expect(verdict('{ shop: { writer: shop-0 }, orders: { storage: 100, filled: false } }')).toEqual([
    'writer shop-1',
    'storage 100, filled true',
  ]);
  const unknown = written('{ sales: { status: available } }');
  expect('problems' in unknown ? unknown.problems.join() : '').toMatch(/there is no database sales/);
});
