import type { World } from '../../core/world.ts';
import { textOf } from '../../wire/body.ts';
import type { Backend } from '../../wire/gateway.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { createDynalite, inputOf, operationOf, targetPrefix } from './model/dynalite.ts';
import { withStaleReads } from './model/stale-reads.ts';
import { withTimeToLive } from './model/time-to-live.ts';
import { operations } from './operations.ts';

export type DynamoDbOptions = {
  /**
   * Milliseconds by which a read that doesn't ask for consistency is behind; none where it is left out. DynamoDB's usually are by less
   * than a second, but no bound is promised.
   */
  staleReads?: number;
};

export type DynamoDb = Backend & {
  /** The name of a table's partition key; undefined for a table that nobody has created. */
  hashKey(table: string): string | undefined;
};

type Created = { TableName?: string; KeySchema?: { AttributeName: string; KeyType: string }[] };

/** DynamoDB by dynalite, in memory. It has no TransactWriteItems and no PartiQL. Loaded at the first request. */
export const createDynamoDb = (world: Pick<World, 'clock' | 'random'>, { staleReads }: DynamoDbOptions = {}): DynamoDb => {
  const { clock } = world;
  const primary = createDynalite(world);
  const handle = withTimeToLive(
    staleReads === undefined ? primary : withStaleReads(primary, createDynalite(world), clock, staleReads),
    clock,
  );
  const hashKeys = new Map<string, string | undefined>();
  return {
    hashKey: (table) => hashKeys.get(table),
    signingName: 'dynamodb',
    protocols: ['json'],
    operations,
    targetPrefix,
    forward: async (request) => {
      const operation = operationOf(request);
      if (!operations.includes(operation)) throw new AwsError('UnknownOperationException', `There is no ${operation.slice(0, 128)}`);
      // dynalite takes for granted that a body which is JSON is an object.
      const body = textOf(request);
      if (body !== '' && !body.trimStart().startsWith('{'))
        throw new AwsError('SerializationException', 'The request body is not a JSON object');
      if (operationOf(request) === 'CreateTable') {
        const { TableName = '', KeySchema = [] } = inputOf(request) as Created;
        hashKeys.set(TableName, KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName);
      }
      return handle(request);
    },
  };
};
