import type { createServer } from 'node:http';
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

/** A table on dynalite, another reading of DynamoDB than the embedded one: what the ledger asks of it, both must understand. */
export const dynaliteTable = async (TableName: string) => {
  // dynalite has no type declarations.
  // @ts-expect-error TS7016
  const { default: dynalite } = (await import('dynalite')) as { default: (options: object) => ReturnType<typeof createServer> };
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  });
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  // The table is there a tick after the answer: ask until it answers.
  for (;;) {
    const answer = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'x' } } })).catch((error: Error) => error.name);
    if (answer !== 'ResourceNotFoundException') break;
  }
  const close = async (): Promise<void> => {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client, close };
};
