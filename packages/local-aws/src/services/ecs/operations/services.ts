import type * as Sdk from '@aws-sdk/client-ecs';
import { ecsParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Scheduler } from '../model/scheduler.ts';
import type { Shapes } from '../model/shapes.ts';
import { type EcsService, lastOf, type State, type TaskDefinition } from '../model/state.ts';
import { expectService, invalid, paged, sorted, within } from './arguments.ts';

type Placing = {
  place(of: {
    cluster: string;
    name: string;
    definition: TaskDefinition;
    desired: number;
    launchType: 'EC2' | 'FARGATE';
    controller: Sdk.DeploymentControllerType;
    targetGroupArn: string | undefined;
    graceSeconds: number;
  }): EcsService;
};

export const serviceOperations = (
  world: World,
  state: State,
  { shapes, scheduler, place }: { shapes: Shapes; scheduler: Scheduler } & Placing,
): Service['operations'] => {
  const definitionOf = (text: string): TaskDefinition => {
    const found = state.definition(text);
    if (!found) throw new AwsError('ClientException', 'TaskDefinition not found.');
    return found;
  };

  const configure = (service: EcsService, { deploymentConfiguration: wanted, ...input }: Partial<Sdk.UpdateServiceCommandInput>): void => {
    const { minimumHealthyPercent: least = service.minimumHealthyPercent, maximumPercent: most = service.maximumPercent } = wanted ?? {};
    if (least < 0 || most < least || (most <= 100 && least >= 100))
      throw invalid('Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.');
    service.minimumHealthyPercent = least;
    service.maximumPercent = most;
    const { enable = false, rollback = false } = wanted?.deploymentCircuitBreaker ?? service.circuitBreaker;
    if (enable && service.controller !== 'ECS')
      throw invalid('Deployment circuit breaker is only supported for the ECS deployment controller.');
    service.circuitBreaker = { enable, rollback };
    if (wanted?.alarms) {
      const { alarmNames: names = [], enable: on = false, rollback: back = false } = wanted.alarms;
      service.alarms = { names, enable: on, rollback: back };
    }
    service.graceSeconds = input.healthCheckGracePeriodSeconds ?? service.graceSeconds;
  };

  const count = (desired: number): number => {
    if (desired < 0) throw invalid('desiredCount must be greater than or equal to 0.');
    return desired;
  };

  const update = (input: Sdk.UpdateServiceCommandInput): Omit<Sdk.UpdateServiceCommandOutput, '$metadata'> => {
    const service = expectService(state.expectCluster(input.cluster), input.service);
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
    const deploys = input.taskDefinition !== undefined || input.forceNewDeployment === true;
    if (deploys && service.controller === 'CODE_DEPLOY')
      throw invalid(
        input.taskDefinition === undefined
          ? 'Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.'
          : 'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
      );
    if (deploys && service.controller === 'EXTERNAL')
      throw invalid('Unable to update task definition on services with an EXTERNAL deployment controller. Use CreateTaskSet instead.');
    const now = scheduler.primaryOf(service)?.revision.definition;
    const definition = input.taskDefinition === undefined ? now : definitionOf(input.taskDefinition);
    const desired = count(input.desiredCount ?? service.desired);
    configure(service, input);
    if (desired !== service.desired) service.steady = false;
    service.desired = desired;
    // Nothing is deployed where the task definition is the one that it has.
    if (definition && (input.forceNewDeployment === true || definition !== now)) scheduler.deploy(service, definition);
    scheduler.poke(service);
    return { service: shapes.service(service) };
  };

  const create = (input: Sdk.CreateServiceCommandInput): Omit<Sdk.CreateServiceCommandOutput, '$metadata'> => {
    const cluster = state.expectCluster(input.cluster);
    const { serviceName: name = '', tags = [] } = input;
    if (!/^[a-zA-Z0-9_-]{1,255}$/.test(name)) throw invalid('Invalid service name.');
    if (cluster.services.get(name)?.status === 'ACTIVE') throw invalid('Creation of service was not idempotent.');
    if (input.taskDefinition === undefined) throw invalid('TaskDefinition can not be blank.');
    if (input.desiredCount === undefined) throw invalid('desiredCount can not be blank.');
    const service = place({
      cluster: cluster.name,
      name,
      definition: definitionOf(input.taskDefinition),
      desired: count(input.desiredCount),
      launchType: input.launchType === 'FARGATE' ? 'FARGATE' : 'EC2',
      controller: input.deploymentController?.type ?? 'ECS',
      targetGroupArn: input.loadBalancers?.[0]?.targetGroupArn,
      graceSeconds: input.healthCheckGracePeriodSeconds ?? 0,
    });
    configure(service, input);
    for (const { key = '', value = '' } of tags) service.tags.set(key, value);
    return { service: shapes.service(service) };
  };

  const remove = (input: Sdk.DeleteServiceCommandInput): Omit<Sdk.DeleteServiceCommandOutput, '$metadata'> => {
    const service = expectService(state.expectCluster(input.cluster), input.service);
    if (service.status !== 'ACTIVE') throw new AwsError('ServiceNotFoundException', 'Service not found.');
    if (service.desired > 0 && input.force !== true) throw invalid('The service cannot be stopped while it is scaled above 0.');
    service.desired = 0;
    service.status = 'DRAINING';
    scheduler.poke(service);
    return { service: shapes.service(service) };
  };

  return {
    CreateService: operation<Sdk.CreateServiceCommandInput, Sdk.CreateServiceCommandOutput>(() => sdk.ecs().CreateService$, create),
    DeleteService: operation<Sdk.DeleteServiceCommandInput, Sdk.DeleteServiceCommandOutput>(() => sdk.ecs().DeleteService$, remove),
    UpdateService: operation<Sdk.UpdateServiceCommandInput, Sdk.UpdateServiceCommandOutput>(() => sdk.ecs().UpdateService$, update),
    DescribeServices: operation<Sdk.DescribeServicesCommandInput, Sdk.DescribeServicesCommandOutput>(
      () => sdk.ecs().DescribeServices$,
      ({ cluster: named, services: names, include = [] }) => {
        const cluster = state.expectCluster(named);
        const arnOf = (name: string) => world.arn('ecs', `service/${cluster.name}/${name}`);
        const { found, failures } = sorted(within(names, 'Services', 10), (name) => cluster.services.get(lastOf(name)), arnOf);
        return { services: found.map((one) => shapes.service(one, include)), failures };
      },
    ),
    ListServices: operation<Sdk.ListServicesCommandInput, Sdk.ListServicesCommandOutput>(
      () => sdk.ecs().ListServices$,
      (input) => {
        const { services } = state.expectCluster(input.cluster);
        const { launchType } = input;
        const all = [...services.values()].filter((one) => one.status !== 'INACTIVE' && (launchType ?? one.launchType) === one.launchType);
        const { items, next } = paged(all, input, 10);
        return { serviceArns: items.map(state.arn.service), ...next };
      },
    ),
    RegisterTaskDefinition: operation<Sdk.RegisterTaskDefinitionCommandInput, Sdk.RegisterTaskDefinitionCommandOutput>(
      () => sdk.ecs().RegisterTaskDefinition$,
      ({ family = '', containerDefinitions = [] }) => {
        if (!/^[a-zA-Z0-9_-]{1,255}$/.test(family)) throw new AwsError('ClientException', 'Family contains invalid characters.');
        const [container] = containerDefinitions;
        if (!container?.image) throw new AwsError('ClientException', 'Container.image should not be null or empty.');
        return { taskDefinition: shapes.definition(state.register(family, container.image)) };
      },
    ),
    DescribeTaskDefinition: operation<Sdk.DescribeTaskDefinitionCommandInput, Sdk.DescribeTaskDefinitionCommandOutput>(
      () => sdk.ecs().DescribeTaskDefinition$,
      ({ taskDefinition = '' }) => {
        const found = state.definition(taskDefinition);
        if (!found) throw new AwsError('ClientException', 'Unable to describe task definition.');
        return { taskDefinition: shapes.definition(found) };
      },
    ),
  };
};

/** What a service has where nobody says anything else. */
export const usualDeployment = () => ({
  ...ecsParameters.deployment,
  circuitBreaker: { enable: false, rollback: false },
  alarms: { enable: false, rollback: false, names: [] },
});
