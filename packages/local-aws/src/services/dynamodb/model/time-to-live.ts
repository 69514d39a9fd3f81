import * as z from 'zod';
import type { Clock } from '../../../core/clock.ts';
import { textOf } from '../../../wire/body.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../wire/protocol/http.ts';
import { also, type Handle, inputOf, operationOf } from './dynalite.ts';

const day = 24 * 3600 * 1000;
/** Seconds: what is older than that is taken for a mistake. */
const oldest = 5 * 365 * 24 * 3600;

const specificationSchema = z.object({ AttributeName: z.string().min(1).max(255), Enabled: z.boolean() });
const updateSchema = z.object({ TableName: z.string(), TimeToLiveSpecification: specificationSchema });

type Limited = { attribute: string; keys: string[]; sweepAt: number };
type Table = { KeySchema: { AttributeName: string }[] };
type Scanned = { Items?: Record<string, unknown>[]; LastEvaluatedKey?: Record<string, unknown> };

const bodyOf = <T>(answer: HttpResponse): T => JSON.parse(textOf(answer)) as T;
const answerOf = (body: object): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

/**
 * A store with time to live: once a day of the world's, before the next request, what has expired is deleted. DynamoDB takes "a few
 * days" for it, and until then reads still show it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export const withTimeToLive = (store: Handle, clock: Pick<Clock, 'now'>): Handle => {
  const limited = new Map<string, Limited>();
  let sweeping: Promise<void> = Promise.resolve();

  /** The table, or what DynamoDB says where there is none. */
  const describe = async (request: HttpRequest, TableName: unknown): Promise<Table | HttpResponse> => {
    const answer = await store(also(request, 'DescribeTable', { TableName }));
    return answer.status === 200 ? bodyOf<{ Table: Table }>(answer).Table : answer;
  };

  const update = async (request: HttpRequest): Promise<HttpResponse> => {
    const read = updateSchema.safeParse(inputOf(request));
    if (!read.success)
      throw new AwsError('ValidationException', `${read.error.issues[0]?.path.join('.')}: ${read.error.issues[0]?.message}`);
    const { TableName, TimeToLiveSpecification } = read.data;
    const table = await describe(request, TableName);
    if (!('KeySchema' in table)) return table;
    const { AttributeName: attribute, Enabled } = TimeToLiveSpecification;
    if (Enabled === limited.has(TableName))
      throw new AwsError('ValidationException', `TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
    const keys = table.KeySchema.map(({ AttributeName }) => AttributeName);
    if (Enabled) limited.set(TableName, { attribute, keys, sweepAt: clock.now() + day });
    else limited.delete(TableName);
    return answerOf({ TimeToLiveSpecification });
  };

  const describeTimeToLive = async (request: HttpRequest): Promise<HttpResponse> => {
    const { TableName } = inputOf(request);
    const table = await describe(request, TableName);
    if (!('KeySchema' in table)) return table;
    const found = limited.get(String(TableName));
    return answerOf({
      TimeToLiveDescription: found ? { TimeToLiveStatus: 'ENABLED', AttributeName: found.attribute } : { TimeToLiveStatus: 'DISABLED' },
    });
  };

  /** On condition also where an item is deleted: one that has been renewed meanwhile stays. */
  const sweep = async (request: HttpRequest, TableName: string, { attribute, keys }: Limited): Promise<void> => {
    const now = Math.floor(clock.now() / 1000);
    const expired = {
      ExpressionAttributeNames: { '#expiry': attribute },
      ExpressionAttributeValues: { ':oldest': { N: String(now - oldest) }, ':newest': { N: String(now - 1) } },
    };
    const FilterExpression = '#expiry BETWEEN :oldest AND :newest';
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const scan = { TableName, ConsistentRead: true, FilterExpression, ...expired, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) };
      const { Items = [], LastEvaluatedKey } = bodyOf<Scanned>(await store(also(request, 'Scan', scan)));
      for (const item of Items) {
        const Key = Object.fromEntries(keys.map((key) => [key, item[key]]));
        await store(also(request, 'DeleteItem', { TableName, Key, ConditionExpression: FilterExpression, ...expired }));
      }
      ExclusiveStartKey = LastEvaluatedKey;
    } while (ExclusiveStartKey);
  };

  return async (request) => {
    const operation = operationOf(request);
    if (operation === 'UpdateTimeToLive') return update(request);
    if (operation === 'DescribeTimeToLive') return describeTimeToLive(request);
    for (const [TableName, table] of limited) {
      if (clock.now() < table.sweepAt) continue;
      table.sweepAt = clock.now() + day;
      sweeping = sweeping.then(() => sweep(request, TableName, table));
    }
    await sweeping;
    const answer = await store(request);
    if (operation === 'DeleteTable' && answer.status === 200) limited.delete(String(inputOf(request).TableName));
    return answer;
  };
};
