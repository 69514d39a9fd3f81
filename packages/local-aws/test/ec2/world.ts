import { RunInstancesCommand, type RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { createWorld, type EventBridgeEvent } from '../../src/core/world.ts';
import { createEc2 } from '../../src/services/ec2/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, worldOptions } from '../harness.ts';

export const image = 'ami-0123456789abcdef0';
export const minute = 60_000;

/** A world with nothing but EC2 in it, and a real client that talks to it. */
export const ec2World = (seed = 1) => {
  const world = createWorld({ ...worldOptions, seed });
  const local = createEc2(world);
  const { ec2: client } = localClients(createGateway(world, [local.service]).handle);
  const advance = (milliseconds: number) => world.clock.advanceTo(world.clock.now() + milliseconds);
  return {
    world,
    local,
    client,
    advance,
    /** Starts an instance without the wire. */
    launch: (spec: Partial<Parameters<typeof local.launch>[0]> = {}) =>
      local.launch({ imageId: image, instanceType: 't3.micro', availabilityZone: 'us-east-1a', tags: [], ...spec }),
    /** Starts instances over the wire, and waits until the wire shows them. */
    run: async (input: Partial<RunInstancesCommandInput> = {}) => {
      const { Instances = [] } = await client.send(
        new RunInstancesCommand({ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input }),
      );
      advance(5_000);
      return Instances.map(({ InstanceId }) => InstanceId ?? '');
    },
    /** Advances until `done`, a second at a time; fails after `atMost` milliseconds. Returns how long it took. */
    until: (done: () => boolean, atMost = 60 * minute): number => {
      const start = world.clock.now();
      while (!done()) {
        if (world.clock.now() - start >= atMost) throw new Error('it did not happen in time');
        advance(1000);
      }
      return world.clock.now() - start;
    },
    events: (detailType: string): EventBridgeEvent[] =>
      world.outbox.flatMap((delivery) =>
        delivery.to === 'eventbridge' && delivery.event['detail-type'] === detailType ? [delivery.event] : [],
      ),
  };
};
