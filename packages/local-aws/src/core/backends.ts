import { createDynamoDb, type DynamoDb, type DynamoDbOptions } from '../services/dynamodb/index.ts';
import type { Neighbour, Neighbours } from '../services/eventbridge/model/neighbours.ts';
import { type Identity, identityOf } from '../services/iam/model/identity.ts';
import { createMessaging } from '../services/messaging/index.ts';
import type { Backend } from '../wire/gateway.ts';
import type { Queues } from './service-interfaces.ts';
import type { World } from './world.ts';

/** The services that others implement, in memory. Nothing is loaded before the first request that needs it. */
export type Backends = {
  all: readonly Backend[];
  sns: Backend;
  sqs: Backend;
  /** The same as `sns`, for whoever has not signed the request himself. */
  serveTopic: Neighbour['serveTopic'];
  queues: Queues;
  dynamoDb: DynamoDb;
  close(): Promise<void>;
};

type BackendOptions = DynamoDbOptions & { identity?: Identity; neighbours?: Neighbours | undefined };

export const createBackends = (world: World, { identity = identityOf(world), neighbours, ...options }: BackendOptions = {}): Backends => {
  const dynamoDb = createDynamoDb(world, options);
  const { sns, sqs, serveTopic, queues, close } = createMessaging(world, { identity, neighbours });
  return { all: [dynamoDb, sns, sqs], dynamoDb, sns, sqs, serveTopic, queues, close };
};
