import type * as Sdk from '@aws-sdk/client-ecs';
import type { World } from '../../../core/world.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { ContainerInstances } from '../model/container-instances.ts';
import type { Shapes } from '../model/shapes.ts';
import { type Cluster, lastOf, type State } from '../model/state.ts';
import { invalid, paged, sorted, within } from './arguments.ts';

export const containerInstanceOperations = (
  world: World,
  state: State,
  shapes: Shapes,
  hosts: ContainerInstances,
): Service['operations'] => {
  const asked = (cluster: Cluster, names: readonly string[] | undefined, most: number) => {
    state.tidy(cluster);
    const arnOf = (name: string) => world.arn('ecs', `container-instance/${cluster.name}/${name}`);
    return sorted(within(names, 'Container instances', most), (name) => cluster.hosts.get(lastOf(name)), arnOf);
  };

  return {
    ListContainerInstances: operation<Sdk.ListContainerInstancesCommandInput, Sdk.ListContainerInstancesCommandOutput>(
      () => sdk.ecs().ListContainerInstances$,
      (input) => {
        const cluster = state.expectCluster(input.cluster);
        if (input.filter !== undefined && input.filter !== '') throw invalid('The local AWS has no cluster query language.');
        const all = [...cluster.hosts.values()].filter(({ status }) => status !== 'INACTIVE' && (input.status ?? status) === status);
        const { items, next } = paged(all, input, 100);
        return { containerInstanceArns: items.map(state.arn.host), ...next };
      },
    ),
    DescribeContainerInstances: operation<Sdk.DescribeContainerInstancesCommandInput, Sdk.DescribeContainerInstancesCommandOutput>(
      () => sdk.ecs().DescribeContainerInstances$,
      ({ cluster, containerInstances, include = [] }) => {
        const { found, failures } = asked(state.expectCluster(cluster), containerInstances, 100);
        return { containerInstances: found.map((one) => shapes.host(one, include)), failures };
      },
    ),
    UpdateContainerInstancesState: operation<Sdk.UpdateContainerInstancesStateCommandInput, Sdk.UpdateContainerInstancesStateCommandOutput>(
      () => sdk.ecs().UpdateContainerInstancesState$,
      ({ cluster, containerInstances, status }) => {
        const { found, failures } = asked(state.expectCluster(cluster), containerInstances, 10);
        if (status !== 'ACTIVE' && status !== 'DRAINING') throw invalid('Container instances state should be one of ACTIVE, DRAINING.');
        // "If the instance is in any other status, an error will be received."
        if (found.some((host) => host.status === 'INACTIVE')) throw invalid('The container instance is not ACTIVE or DRAINING.');
        for (const host of found) hosts.setStatus(host, status);
        return { containerInstances: found.map((one) => shapes.host(one)), failures };
      },
    ),
  };
};
