import { CreateTableCommand, DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { createLocalAws, inProcess } from '#local-aws';
import { createClients } from '../../shared/aws/clients.ts';
import { keyOf } from '../../shared/aws/ledger-keys.ts';
import { type Answer, failedWith } from './answer.ts';

type Command = Parameters<DynamoDBClient['send']>[0];
export type Item = Record<string, { S?: string; N?: string; BOOL?: boolean }>;

/** One command to the table. Every command of the ledger that is modelled is about one item. */
export type TableCommand = { id: number; pk: string; name: string; command: Command };

/** What a command came to: the number of the content afterwards, and the answer. */
type Came = { content: number; answer: Answer };

const tableName = 'ledger';

/**
 * A table whose contents are numbered, so that one can be returned to at no cost. The embedded DynamoDB carries out each command once for
 * each item that it meets; after that, what it came to is known.
 */
export const createTable = async (start: number) => {
  const aws = createLocalAws({ seed: 1, start, account: '111122223333', region: 'us-east-1', exempt: ['model'] });
  const { dynamodb } = createClients({
    ...{ region: 'us-east-1', endpoint: 'http://local', requestHandler: inProcess(aws.handle) },
    credentials: { accessKeyId: 'model', secretAccessKey: 'local' },
  } as object);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: tableName,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );

  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  };
  /** An item's number is that of its text; 0 is none. */
  const items: (Item | null)[] = [];
  const itemOf = (item: Item | null): number => {
    const number = numberOf(JSON.stringify(item));
    items[number] ??= item;
    return number;
  };
  const none = itemOf(null);

  /** Contents by number: the number of the item under each key. */
  const contents: ReadonlyMap<string, number>[] = [new Map()];
  const contentNumbers = new Map<string, number>([['', 0]]);
  const changed = new Map<string, number>();
  const withItem = (content: number, pk: string, item: number): number => {
    const name = `${content} ${item} ${pk}`;
    const known = changed.get(name);
    if (known !== undefined) return known;
    const next = new Map(contents[content]);
    if (item === none) next.delete(pk);
    else next.set(pk, item);
    const text = JSON.stringify([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
    const number = next.size === 0 ? 0 : (contentNumbers.get(text) ?? contents.length);
    contentNumbers.set(text, number);
    contents[number] ??= next;
    changed.set(name, number);
    return number;
  };

  const commands = new Map<string, TableCommand>();
  const results = new Map<string, { item: number; answer: Answer }>();

  const carryOut = async ({ pk, command }: TableCommand, before: number) => {
    const Key = { pk: { S: pk } };
    const old = items[before];
    if (old) await dynamodb.send(new PutItemCommand({ TableName: tableName, Item: old as never }));
    else await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key }));
    const answer: Answer = await dynamodb.send(command as GetItemCommand).then(
      ({ $metadata: _, ...value }) => ({ value }),
      (error: unknown) => failedWith(error),
    );
    const { Item: after } = await dynamodb.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
    const sorted = after ? (Object.fromEntries(Object.entries(after).sort(([a], [b]) => (a < b ? -1 : 1))) as Item) : null;
    return { item: itemOf(sorted), answer };
  };

  const mark = keyOf('layout', 'keys');
  return {
    name: tableName,
    /** Nothing in it but the mark that its keys are of this version, as after the first incident of a deployment. */
    empty: withItem(0, mark.pk.S, itemOf(mark)),
    /** @throws {Error} for a command that isn't about one item */
    commandOf: (command: Command): TableCommand => {
      const input = command.input as { Key?: Item; Item?: Item };
      const pk = (input.Key ?? input.Item)?.pk?.S;
      const { name } = command.constructor;
      if (pk === undefined) throw new Error(`${name} is not about one item`);
      const text = `${name} ${JSON.stringify(input)}`;
      const known = commands.get(text) ?? { id: commands.size, pk, name, command };
      commands.set(text, known);
      return known;
    },
    /** A promise only where this command meets this item for the first time. */
    send: (content: number, command: TableCommand): Came | Promise<Came> => {
      const before = contents[content]?.get(command.pk) ?? none;
      const known = results.get(`${command.id} ${before}`);
      if (known) return { content: withItem(content, command.pk, known.item), answer: known.answer };
      return carryOut(command, before).then((result) => {
        results.set(`${command.id} ${before}`, result);
        return { content: withItem(content, command.pk, result.item), answer: result.answer };
      });
    },
    /** The content without what has expired. */
    expire: (content: number, now: number): number => {
      let left = content;
      for (const [pk, item] of contents[content] ?? []) {
        if (Number(items[item]?.expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1000 < now) left = withItem(left, pk, none);
      }
      return left;
    },
    item: (content: number, pk: string): Item | null => items[contents[content]?.get(pk) ?? none] ?? null,
    keys: (content: number): string[] => [...(contents[content]?.keys() ?? [])],
  };
};

export type Table = Awaited<ReturnType<typeof createTable>>;
