import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createClusters, type PlacedService, type PlacedTask } from './model.ts';
import { clusterOperations } from './operations.ts';

export type Ecs = {
  service: Service;
  place(placed: PlacedService): void;
  placeTask(placed: PlacedTask): void;
  /** How many tasks of a service run, by `CLUSTER/NAME`; undefined where there is no such service. */
  running(clusterAndName: string): number | undefined;
  /** So many of a service's tasks run from now on, and ECS says something about it. Throws a RangeError for one that doesn't exist. */
  change(cluster: string, name: string, change: { running: number; message: string }): void;
};

/**
 * Services and tasks of ECS as they are described and deployed.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
 */
export const createEcs = (world: World): Ecs => {
  const clusters = createClusters(world);
  return {
    place: clusters.place,
    placeTask: clusters.placeTask,
    running: (name) => clusters.services.get(name)?.running,
    change: clusters.change,
    service: {
      signingName: 'ecs',
      protocols: ['json'],
      targetPrefix: 'AmazonEC2ContainerServiceV20141113',
      missingParameter: 'InvalidParameterException',
      operations: clusterOperations(world, clusters),
    },
  };
};
