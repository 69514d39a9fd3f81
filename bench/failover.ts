import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { createRandom } from '#local-aws/random';
import type { Host } from '../local/testbed/host.ts';
import { databaseStateOf } from '../local/worlds/databases.ts';
import { playScenario } from '../local/worlds/play.ts';
import { scenarioSchema } from '../local/worlds/schema.ts';
import { secondMs } from '../shared/model/duration.ts';
import { type Measurement, timesTaken } from './measurement.ts';

/** What tells that nobody can write, by its resolution in seconds: RDS's own metric, which has no data then, and one of its clients'. */
const signals = {
  60: {
    metric: { namespace: 'AWS/RDS', name: 'DatabaseConnections', dimensions: { DBClusterIdentifier: 'shop', Role: 'WRITER' } },
    alarm: { statistic: 'Minimum', comparison: '<', threshold: 0, missing: 'breaching' },
    rule: { direction: 'below', missing: 'is-the-signal' },
  },
  10: {
    metric: { namespace: 'Shop', name: 'FailedWrites', dimensions: { DBClusterIdentifier: 'shop' } },
    alarm: { statistic: 'Maximum', comparison: '>', threshold: 0, missing: 'notBreaching' },
    rule: { direction: 'above' },
  },
} as const;
type Resolution = keyof typeof signals;

/** A cluster whose writer is lost, with an alarm on a metric of this resolution in seconds. In every other world a person is asked. */
const worldOf = (seed: number, resolution: Resolution) => {
  const random = createRandom(seed).fork('failover');
  const asks = seed % 2 === 0;
  const { metric, alarm, rule } = signals[resolution];
  return scenarioSchema.parse({
    name: 'A lost writer',
    hypothesis: 'A reader takes over.',
    seed,
    watch: '40m',
    policy: {
      databases: { failover: 'on', approval: asks ? 'required' : 'waived' },
      classification: {
        alarms: [
          {
            namespace: metric.namespace,
            metric: metric.name,
            failure: 'database-impaired',
            ...rule,
            subject: { type: 'database', dimension: 'DBClusterIdentifier' },
            playbook: 'fail-over-cluster',
          },
        ],
      },
    },
    fleet: {
      databases: { shop: { kind: 'cluster', readers: 2 } },
      alarms: {
        'shop-writer': { metric, ...alarm, period: `${resolution}s`, periods: 2 },
      },
    },
    timeline: [{ at: `${600 + random.int(60)}s`, do: 'lose-writer', database: 'shop', loss: 'zone', failsOver: false }],
    answers: asks ? [{ answer: 'approve', after: `${30 + random.int(300)}s`, by: 'Ana' }] : [],
    expect: {},
  });
};

/** Its clients tell every ten seconds whether they could write. */
const publishWrites = (host: Host): void => {
  const { clock } = host.aws.world;
  clock.every(10 * secondMs, () => {
    const Value = databaseStateOf(host, 'shop')?.serves === true ? 0 : 1;
    const Dimensions = [{ Name: 'DBClusterIdentifier', Value: 'shop' }];
    const MetricData = [{ MetricName: 'FailedWrites', Dimensions, Value, Timestamp: new Date(clock.now()), StorageResolution: 1 }];
    void host.operator.of(CloudWatchClient).send(new PutMetricDataCommand({ Namespace: 'Shop', MetricData }));
  });
};

/** From the failover of a cluster, which follows at once on a person's yes, to the proof that it has healed, in simulated time. */
export const benchFailover = async (quick = false, resolutions: readonly Resolution[] = [60, 10]): Promise<Measurement[]> => {
  const seeds = Array.from({ length: quick ? 4 : 60 }, (_, i) => i + 1);
  const figures: Measurement[] = [];
  for (const resolution of resolutions) {
    const taken: number[] = [];
    for (const seed of seeds) {
      let began: number | undefined;
      const { outcomes } = await playScenario(worldOf(seed, resolution), {
        onReady: resolution === 10 ? publishWrites : () => {},
        host: {
          interceptors: [
            {
              after: ({ operation, context }) => {
                if (operation === 'FailoverDBCluster') began ??= context.now;
                return undefined;
              },
            },
          ],
        },
      });
      const outcome = outcomes.find(({ actions }) => actions.length > 0);
      if (outcome?.status !== 'healed' || began === undefined)
        throw new Error(`seed ${seed}: ${outcome?.status}: ${outcome?.reason ?? outcomes.map(({ reason }) => reason).join('; ')}`);
      taken.push((Date.parse(outcome.endedAt) - began) / secondMs);
    }
    figures.push(...timesTaken(`failover.metric_${resolution}s.healed`, taken));
  }
  return figures;
};
