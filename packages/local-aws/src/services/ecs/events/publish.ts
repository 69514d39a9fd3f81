import type { World } from '../../../core/world.ts';
import type { Shapes } from '../model/shapes.ts';
import type { ContainerInstance, EcsService, Rollout, State, Task } from '../model/state.ts';

/** Times are seconds in an API's answer, and text in an event. */
const inEvent = (shape: object): Record<string, unknown> => JSON.parse(JSON.stringify(shape)) as Record<string, unknown>;

/**
 * What ECS sends to EventBridge. A container instance's event is sent for its status and its agent, not for each task that is placed on
 * it. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
 */
export const createPublisher = (world: World, { arn }: State, shapes: Shapes) => {
  const put = (detailType: string, resource: string, detail: Record<string, unknown>) =>
    world.putEvent({ source: 'aws.ecs', detailType, resources: [resource], detail });
  const now = () => new Date(world.clock.now()).toISOString();

  return {
    task: (task: Task): void => {
      task.version++;
      put('ECS Task State Change', arn.task(task), { ...inEvent(shapes.task(task)), updatedAt: now() });
    },
    host: (host: ContainerInstance): void => {
      host.version++;
      put('ECS Container Instance State Change', arn.host(host), {
        ...inEvent(shapes.host(host)),
        clusterArn: arn.cluster(host.cluster),
        updatedAt: now(),
      });
    },
    deployment: (service: EcsService, { id, reason }: Rollout, eventName: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'): void =>
      put('ECS Deployment State Change', arn.service(service), {
        eventType: eventName === 'FAILED' ? 'ERROR' : 'INFO',
        eventName: `SERVICE_DEPLOYMENT_${eventName}`,
        clusterArn: arn.cluster(service.cluster),
        deploymentId: id,
        updatedAt: now(),
        reason,
      }),
    action: (service: EcsService, eventType: 'INFO' | 'WARN' | 'ERROR', eventName: string, more: Record<string, unknown> = {}): void =>
      put('ECS Service Action', arn.service(service), {
        eventType,
        eventName,
        clusterArn: arn.cluster(service.cluster),
        ...more,
        createdAt: now(),
      }),
  };
};
export type Publisher = ReturnType<typeof createPublisher>;
