import type { Backend } from '../gateway.ts';
import { AwsError } from '../protocol/errors.ts';
import type { Clock } from '../world/clock.ts';
import { createDynalite, targetPrefix } from './dynalite.ts';
import { textOf } from './http.ts';
import { withStaleReads } from './stale-reads.ts';
import { withTimeToLive } from './time-to-live.ts';

export type DynamoDbOptions = {
  /**
   * Milliseconds by which a read that doesn't ask for consistency is behind; none where it is left out. DynamoDB's usually are by less
   * than a second, but no bound is promised.
   */
  staleReads?: number;
};

/** DynamoDB by dynalite, in memory. It has no TransactWriteItems and no PartiQL. Loaded at the first request. */
export const createDynamoDb = (clock: Pick<Clock, 'now'>, { staleReads }: DynamoDbOptions = {}): Backend => {
  const primary = createDynalite();
  const handle = withTimeToLive(staleReads === undefined ? primary : withStaleReads(primary, createDynalite(), clock, staleReads), clock);
  return {
    signingName: 'dynamodb',
    protocols: ['json'],
    targetPrefix,
    forward: async (request) => {
      // dynalite takes for granted that a body which is JSON is an object.
      const body = textOf(request);
      if (body !== '' && !body.trimStart().startsWith('{'))
        throw new AwsError('SerializationException', 'The request body is not a JSON object');
      return handle(request);
    },
  };
};
