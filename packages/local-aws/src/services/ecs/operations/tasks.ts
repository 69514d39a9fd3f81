import type * as Sdk from '@aws-sdk/client-ecs';
import type { World } from '../../../core/world.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Shapes } from '../model/shapes.ts';
import { type Cluster, lastOf, type State, type Task } from '../model/state.ts';
import type { Tasks } from '../model/tasks.ts';
import { expectService, invalid, paged, sorted, within } from './arguments.ts';

export const taskOperations = (world: World, state: State, shapes: Shapes, tasks: Tasks): Service['operations'] => {
  /** Those that there still are. */
  const known = (named: string | undefined): Cluster => {
    const cluster = state.expectCluster(named);
    state.tidy(cluster);
    return cluster;
  };

  const list = (input: Sdk.ListTasksCommandInput): Omit<Sdk.ListTasksCommandOutput, '$metadata'> => {
    const cluster = known(input.cluster);
    const { containerInstance, serviceName, family, startedBy, launchType, desiredStatus = 'RUNNING' } = input;
    const service = serviceName === undefined ? undefined : expectService(cluster, serviceName);
    const host = containerInstance === undefined ? undefined : cluster.hosts.get(lastOf(containerInstance));
    if (containerInstance !== undefined && !host) throw invalid('Container instance not found.');
    const fits = (task: Task): boolean =>
      task.desired === desiredStatus &&
      (service === undefined || task.service === service) &&
      (host === undefined || task.host === host) &&
      (family === undefined || task.definition.family === family) &&
      (startedBy === undefined || task.rollout?.id === startedBy) &&
      (launchType === undefined || (task.host ? 'EC2' : 'FARGATE') === launchType);
    const { items, next } = paged([...cluster.tasks.values()].filter(fits), input, 100);
    return { taskArns: items.map(state.arn.task), ...next };
  };

  return {
    ListTasks: operation<Sdk.ListTasksCommandInput, Sdk.ListTasksCommandOutput>(() => sdk.ecs().ListTasks$, list),
    DescribeTasks: operation<Sdk.DescribeTasksCommandInput, Sdk.DescribeTasksCommandOutput>(
      () => sdk.ecs().DescribeTasks$,
      ({ cluster: named, tasks: names, include = [] }) => {
        const cluster = known(named);
        const arnOf = (name: string) => world.arn('ecs', `task/${cluster.name}/${name}`);
        const { found, failures } = sorted(within(names, 'Tasks', 100), (name) => cluster.tasks.get(lastOf(name)), arnOf);
        return { tasks: found.map((one) => shapes.task(one, include)), failures };
      },
    ),
    StopTask: operation<Sdk.StopTaskCommandInput, Sdk.StopTaskCommandOutput>(
      () => sdk.ecs().StopTask$,
      ({ cluster: named, task: name = '', reason = 'Task stopped by user' }) => {
        const task = known(named).tasks.get(lastOf(name));
        if (!task) throw invalid('The referenced task was not found.');
        tasks.stop(task, { code: 'UserInitiated', reason });
        return { task: shapes.task(task) };
      },
    ),
  };
};
