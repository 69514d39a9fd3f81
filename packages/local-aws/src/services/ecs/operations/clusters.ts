import type * as Sdk from '@aws-sdk/client-ecs';
import type { World } from '../../../core/world.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Shapes } from '../model/shapes.ts';
import { lastOf, type State } from '../model/state.ts';
import { invalid, paged, sorted, within } from './arguments.ts';

export const clusterOperations = (world: World, state: State, shapes: Shapes): Service['operations'] => ({
  CreateCluster: operation<Sdk.CreateClusterCommandInput, Sdk.CreateClusterCommandOutput>(
    () => sdk.ecs().CreateCluster$,
    ({ clusterName = 'default', tags = [] }) => {
      if (!/^[a-zA-Z0-9_-]{1,255}$/.test(clusterName)) throw invalid('Invalid cluster name.');
      const cluster = state.cluster(clusterName);
      for (const { key = '', value = '' } of tags) cluster.tags.set(key, value);
      return { cluster: shapes.cluster(cluster) };
    },
  ),
  DescribeClusters: operation<Sdk.DescribeClustersCommandInput, Sdk.DescribeClustersCommandOutput>(
    () => sdk.ecs().DescribeClusters$,
    ({ clusters = ['default'], include = [] }) => {
      const arnOf = (name: string) => world.arn('ecs', `cluster/${name}`);
      const { found, failures } = sorted(within(clusters, 'Clusters', 100), (name) => state.clusters.get(lastOf(name)), arnOf);
      return { clusters: found.map((one) => shapes.cluster(one, include)), failures };
    },
  ),
  ListClusters: operation<Sdk.ListClustersCommandInput, Sdk.ListClustersCommandOutput>(
    () => sdk.ecs().ListClusters$,
    (input) => {
      const { items, next } = paged([...state.clusters.values()], input, 100);
      return { clusterArns: items.map(state.arn.cluster), ...next };
    },
  ),
});
