import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';

/** A service as a world has it; ECS runs nothing here. Times in milliseconds since the epoch. */
export type PlacedService = {
  cluster: string;
  name: string;
  createdAt?: number;
  desired?: number;
  running?: number;
  /** Of its task definition. */
  revision?: number;
};

/** A task as a world has it. */
export type PlacedTask = {
  cluster: string;
  id: string;
  createdAt?: number;
  /** The service that runs it. */
  service?: string;
  stopped?: { at: number; code: string; reason: string; exitCode?: number };
};

export type Deployment = {
  at: number;
  revision: number;
  state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  reason: string;
  failedTasks: number;
};
export type EcsService = Required<PlacedService> & { deployments: Deployment[]; events: { at: number; message: string }[] };

/** An ARN's last part, or the name itself. */
export const lastOf = (text: string): string => text.slice(text.lastIndexOf('/') + 1);

export const createClusters = ({ clock }: World) => {
  const services = new Map<string, EcsService>();
  const tasks = new Map<string, PlacedTask & { createdAt: number }>();
  const clusters = new Set<string>();

  const clusterOf = (text = 'default'): string => {
    const name = lastOf(text);
    if (!clusters.has(name)) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return name;
  };

  return {
    services,
    tasks,
    clusterOf,
    /** Puts a service there; the same name again changes nothing. */
    place: ({ cluster, name, createdAt = clock.now(), desired = 2, running = desired, revision = 1 }: PlacedService): void => {
      clusters.add(cluster);
      if (services.has(`${cluster}/${name}`)) return;
      const done = { state: 'COMPLETED', reason: 'ECS deployment completed.', failedTasks: 0 } as const;
      const deployments: Deployment[] = [{ at: createdAt, revision, ...done }];
      services.set(`${cluster}/${name}`, { cluster, name, createdAt, desired, running, revision, deployments, events: [] });
    },
    placeTask: (placed: PlacedTask): void => {
      clusters.add(placed.cluster);
      const key = `${placed.cluster}/${placed.id}`;
      if (!tasks.has(key)) tasks.set(key, { createdAt: clock.now(), ...placed });
    },
    /** Throws a RangeError for a service that doesn't exist. */
    change: (cluster: string, name: string, { running, message }: { running: number; message: string }): void => {
      const found = services.get(`${cluster}/${name}`);
      if (!found) throw new RangeError(`There is no service ${name} in cluster ${cluster}`);
      found.running = running;
      found.events.push({ at: clock.now(), message });
    },
  };
};
export type Clusters = ReturnType<typeof createClusters>;
