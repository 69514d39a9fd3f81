import { createDynamoDb, type DynamoDb, type DynamoDbOptions } from '../services/dynamodb/index.ts';
import { createMessaging } from '../services/messaging/index.ts';
import type { Backend } from '../wire/gateway.ts';
import type { Queues } from './service-interfaces.ts';
import type { World } from './world.ts';

/** The services that others implement, in memory. Nothing is loaded before the first request that needs it. */
export type Backends = { all: readonly Backend[]; sns: Backend; sqs: Backend; queues: Queues; dynamoDb: DynamoDb; close(): Promise<void> };

export const createBackends = (world: World, options: DynamoDbOptions = {}): Backends => {
  const dynamoDb = createDynamoDb(world, options);
  const { sns, sqs, queues, close } = createMessaging(world);
  return { all: [dynamoDb, sns, sqs], dynamoDb, sns, sqs, queues, close };
};
