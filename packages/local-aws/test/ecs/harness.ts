import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type Service,
} from '@aws-sdk/client-ecs';
import type { EventBridgeEvent } from '../../src/core/world.ts';
import { createLocalAws } from '../../src/local-aws.ts';
import type { PlacedService } from '../../src/services/ecs/index.ts';
import { inProcess } from '../../src/wire/in-process-transport.ts';
import { worldOptions } from '../harness.ts';

export const { start, region, account } = worldOptions;
export const minute = 60_000;

/** An AWS with the cluster `prod`, and clients of it. */
export const setUp = () => {
  const aws = createLocalAws({ ...worldOptions, throttle: 'off' });
  const config = {
    region,
    credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: inProcess(aws.handle),
  } as const;
  const ecs = new ECSClient(config as never);
  const events: EventBridgeEvent[] = [];
  const pass = async (minutes: number): Promise<void> => {
    await aws.advanceTo(aws.world.clock.now() + minutes * minute);
  };
  const { putEvent } = aws.world;
  aws.world.putEvent = (event) => {
    putEvent(event);
    const last = aws.world.outbox.at(-1);
    if (last?.to === 'eventbridge' && last.event.source === 'aws.ecs') events.push(last.event);
  };
  aws.ecs.placeCluster({ name: 'prod' });
  const cluster = 'prod';

  return {
    aws,
    ecs,
    scaling: new ApplicationAutoScalingClient(config as never),
    config,
    events,
    pass,
    cluster,
    place: (name: string, more: Partial<PlacedService> = {}) => aws.ecs.place({ cluster, name, ...more }),
    /** So many instances in the cluster, up and registered. */
    hosts: async (count: number): Promise<string[]> => {
      const made = Array.from({ length: count }, (_, i) =>
        aws.ec2.launch({
          imageId: 'ami-0123456789abcdef0',
          instanceType: 'm7i.large',
          availabilityZone: `${region}${'ab'[i % 2]}`,
          tags: [],
          groupName: 'hosts',
        }),
      );
      aws.ecs.placeCluster({ name: cluster, groups: ['hosts'] });
      await pass(5);
      return made.map(({ id }) => id);
    },
    service: async (name: string): Promise<Service> => {
      const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name], include: ['TAGS'] }));
      return services[0] as Service;
    },
    /** Its newest service deployment. */
    deployment: async (service: string) => {
      const { serviceDeployments: [newest] = [] } = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service }));
      const arns = [newest?.serviceDeploymentArn ?? ''];
      const { serviceDeployments: [found] = [] } = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: arns }));
      return found;
    },
    named: (detailType: string) =>
      events
        .filter((event) => event['detail-type'] === detailType)
        .map(({ detail }) => String(detail.eventName ?? detail.lastStatus ?? '')),
  };
};
