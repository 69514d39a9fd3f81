import { ssmParameters } from '../../../core/model-parameters.ts';
import type { Ec2, InstanceView } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';

/** The process that carries out commands. */
const agent = 'amazon-ssm-agent';

export type Ping = { readonly status: 'Online' | 'ConnectionLost'; readonly at: number };

/** The agents on instances. Every instance has one, which registers itself when it first boots, unless somebody says otherwise. */
export const createAgents = (world: World, ec2: Ec2) => {
  const unregistered = new Set<string>();

  const isManaged = ({ id, state, lastHeard }: InstanceView): boolean =>
    lastHeard !== null && state !== 'shutting-down' && state !== 'terminated' && !unregistered.has(id);

  /** When the agent was last there; null where it never was. */
  const lastThere = ({ id, lastHeard }: InstanceView): number | null => {
    if (lastHeard === null) return null;
    const { runs, since } = ec2.software.process(id, agent);
    return runs ? lastHeard : Math.min(lastHeard, since);
  };

  return {
    isManaged,

    /** Whether a command reaches the instance now. */
    answers: (instanceId: string): boolean => {
      const instance = ec2.get(instanceId);
      return instance !== undefined && isManaged(instance) && instance.reachable && ec2.software.process(instanceId, agent).runs;
    },

    /** What Systems Manager knows of an instance's agent, which it believes to be there until some time after its last sign. */
    ping: (instance: InstanceView): Ping => {
      const now = world.clock.now();
      const there = lastThere(instance) ?? now;
      const every = ssmParameters.pingEverySeconds * 1000;
      return {
        status: now - there < ssmParameters.connectionLostAfterSeconds * 1000 ? 'Online' : 'ConnectionLost',
        at: Math.max(Math.min(instance.launchedAt, there), Math.floor(there / every) * every),
      };
    },

    /** The agent dies, or was never registered; returns what brings it back. */
    lose: (instanceId: string, registered: boolean): (() => void) => {
      const revive = ec2.software.kill(instanceId, agent);
      if (!registered) unregistered.add(instanceId);
      return () => {
        unregistered.delete(instanceId);
        revive();
      };
    },
  };
};

export type Agents = ReturnType<typeof createAgents>;
