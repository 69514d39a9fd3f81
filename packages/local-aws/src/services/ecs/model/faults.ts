import type { Ec2, EcsFaults, LoadBalancing } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { agentProcess, type ContainerInstances } from './container-instances.ts';
import type { Defect, Defects } from './defects.ts';
import type { Shapes } from './shapes.ts';
import { type EcsService, isLive, type State } from './state.ts';
import type { Tasks } from './tasks.ts';

type Parts = {
  world: World;
  ec2: Ec2;
  loadBalancing: Pick<LoadBalancing, 'sickenTarget' | 'updateErrors'>;
  state: State;
  shapes: Shapes;
  tasks: Tasks;
  hosts: ContainerInstances;
  defects: Defects;
};

/** What can be broken in ECS. */
export const createEcsFaults = ({ world, ec2, loadBalancing, state, shapes, tasks, hosts, defects }: Parts): EcsFaults => {
  const serviceOf = (text: string): EcsService => {
    const [cluster = '', name = ''] = text.split('/');
    const found = state.clusters.get(cluster)?.services.get(name);
    if (!found) throw new RangeError(`There is no ECS service ${text}; name it as CLUSTER/SERVICE`);
    return found;
  };
  const all = (ends: readonly (() => void)[]) => () => {
    for (const end of ends) end();
  };

  return {
    badTaskDefinition: (definition, { kind, after, ratio }) => {
      const family = definition.replace(/:\d+$/, '');
      if (!state.definition(family)) throw new RangeError(`There is no task definition ${family}`);
      const defect: Defect =
        kind === 'exits'
          ? { kind, after }
          : kind === 'errors'
            ? { kind, ratio }
            : { kind, reason: definition === family ? 'unreachable' : 'not-found' };
      const mend = defects.add(definition, defect);
      loadBalancing.updateErrors();
      return all([mend, loadBalancing.updateErrors]);
    },
    loseAgents: (target, how) => {
      const cluster = state.clusters.get(target);
      const ids = cluster
        ? [...cluster.hosts.values()].filter(({ status }) => status !== 'INACTIVE').map(({ instanceId }) => instanceId)
        : [target];
      const unknown = ids.find((id) => !hosts.of(id));
      if (unknown !== undefined) throw new RangeError(`There is no cluster ${unknown}, and no container instance`);
      return all(ids.map((id) => (how === 'dies' ? ec2.software.kill(id, agentProcess) : hosts.cutOff(id))));
    },
    addLoad: (text, percent, { of, untilDeployed }) => {
      const service = serviceOf(text);
      const load = service.load[of];
      let left = percent;
      const end = () => {
        load.set(world.clock.now(), load.now - left);
        left = 0;
      };
      load.set(world.clock.now(), load.now + percent);
      if (untilDeployed) service.untilDeployed.push(end);
      return end;
    },
    slowStart: (text, seconds) => tasks.slowStart(serviceOf(text), seconds),
    sickTask: (text, overlooked) => {
      const service = serviceOf(text);
      const task = shapes.tasksOf(service).find((one) => one.last === 'RUNNING' && isLive(one) && tasks.targetOf(one));
      const target = task && tasks.targetOf(task);
      if (!task || !target) throw new RangeError(`No task of ${text} is registered with a target group`);
      task.overlooked = overlooked;
      return loadBalancing.sickenTarget({ instanceId: target.id, port: target.port, targetGroup: target.arn });
    },
  };
};
