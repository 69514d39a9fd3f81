import type { Call, LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';
import { serviceOf } from './releases.ts';

const endOf = (text: unknown): string => String(text).split('/').at(-1) ?? '';

/** An agent that has come back in the last minute may not have been seen. */
const grace = minuteMs;

/** What selfheal does to the hosts of clusters, and to the tasks of services. */
export const createContainerHosts = (
  the: () => LocalAws,
  share: number,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  /** When each agent was last seen to connect again: at the beginning of all time where it never was away, and null while it is. */
  const connected = new Map<string, number | null>();
  const now = () => the().world.clock.now();
  /** For how long it has been back, as far as that was looked at. */
  const backFor = (id: string): number => now() - (connected.get(id) ?? now());

  return {
    look: (clusters: Iterable<string>): void => {
      for (const cluster of clusters)
        for (const host of the().ecs.hosts(cluster)) {
          if (!host.connected) connected.set(host.id, null);
          else if ((connected.get(host.id) ?? null) === null) connected.set(host.id, connected.has(host.id) ? now() : 0);
        }
    },
    /** selfheal changes the state of hosts. Returns the instances that they are. */
    changed: ({ input }: Call): string[] => {
      const cluster = endOf(input.cluster ?? 'default');
      const ids = ((input.containerInstances ?? []) as unknown[]).map(endOf);
      const hosts = the().ecs.hosts(cluster);
      const own = hosts.filter(({ id }) => ids.includes(id));
      if (input.status === 'DRAINING') {
        const most = Math.max(1, Math.floor(hosts.length * share));
        const draining = hosts.filter(({ status }) => status === 'DRAINING').length;
        if (draining > most) object('cluster-share', cluster, `${draining} of ${hosts.length} hosts are draining, of at most ${most}`);
        for (const { id, instanceId } of own)
          if (backFor(id) > grace) object('cluster-share', instanceId, 'drained though its agent is connected');
      }
      return own.map(({ instanceId }) => instanceId);
    },
    /** Whether an instance is a host whose agent is gone, or was just now; status checks don't show that. */
    isLost: (instance: string): boolean =>
      [...the().ecs.clusters()].some((cluster) =>
        the()
          .ecs.hosts(cluster)
          .some((host) => host.instanceId === instance && (!host.connected || (connected.has(host.id) && backFor(host.id) <= grace))),
      ),
    /** selfheal restarts a service. */
    restarted: (call: Call): void => {
      const view = the().ecs.view(serviceOf(call));
      if (!view) return;
      if (view.minimumHealthyPercent < 50 || view.running < 2)
        object('goes-on', serviceOf(call), `restarted with ${view.running} tasks, of which ${view.minimumHealthyPercent} % go on`);
    },
  };
};
