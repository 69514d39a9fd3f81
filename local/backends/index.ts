import type { Backend } from '../gateway.ts';
import type { World } from '../world/world.ts';
import { createDynamoDb, type DynamoDbOptions } from './dynamodb.ts';
import { createMessaging } from './messaging.ts';

/** The services that others implement, in memory. Nothing is loaded before the first request that needs it. */
export type Backends = { all: readonly Backend[]; sns: Backend; sqs: Backend; dynamoDb: Backend; close(): Promise<void> };

export const createBackends = (world: World, options: DynamoDbOptions = {}): Backends => {
  const dynamoDb = createDynamoDb(world, options);
  const { sns, sqs, close } = createMessaging(world);
  return { all: [dynamoDb, sns, sqs], dynamoDb, sns, sqs, close };
};
