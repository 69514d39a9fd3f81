import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { classifyError } from '../../shared/aws/call.ts';
import { createClient } from '../../shared/aws/client.ts';
import { boundedBy } from '../../shared/aws/deadline.ts';

/** An AWS that answers nothing, and says when it is asked. */
let silent: Server;
let onRequest: () => void = () => {};
let requests = 0;
const configOf = () => ({
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
  credentials: { accessKeyId: 'k', secretAccessKey: 's' },
});
beforeAll(async () => {
  silent = createServer(() => {
    requests++;
    onRequest();
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  silent.closeAllConnections();
  silent.close();
});

const read = (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'x' } } }));
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => classifyError(error),
  );

describe('a client', () => {
  test('has time limits and tries once, unless it is told otherwise', async () => {
    for (const [config, tries] of [[{}, 1] as const, [{ maxAttempts: 4 }, 4] as const]) {
      const client = createClient(DynamoDBClient, { ...configOf(), ...config });
      expect(await client.config.maxAttempts()).toBe(tries);
      const handler = client.config.requestHandler as unknown as { configProvider: Promise<Record<string, unknown>> };
      expect(await handler.configProvider).toMatchObject({ connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true });
    }
  });

  test('gives up a call that hangs with the deadline of its caller, as one of which nobody knows whether it took effect', async () => {
    const client = createClient(DynamoDBClient, { ...configOf(), maxAttempts: 3 });
    const over = new AbortController();
    onRequest = () => over.abort();
    requests = 0;
    const bounded = boundedBy(20_000, () => over.signal);
    expect(await failureOf(bounded(() => read(client)))).toMatchObject({ kind: 'uncertain' });
    expect(requests).toBe(1);
  });

  test('begins no call once the deadline of its caller is over, and those of nobody else end with it', async () => {
    const client = createClient(DynamoDBClient, configOf());
    const [over, other] = [new AbortController(), new AbortController()];
    onRequest = () => {};
    requests = 0;
    over.abort();
    expect(await failureOf(boundedBy(1, () => over.signal)(() => read(client)))).toMatchObject({ kind: 'uncertain' });
    expect(requests).toBe(0);
    const waiting = new Promise<void>((resolve) => {
      onRequest = resolve;
    });
    const going = failureOf(boundedBy(1, () => other.signal)(() => read(client)));
    await waiting;
    expect(requests).toBe(1);
    other.abort();
    expect(await going).toMatchObject({ kind: 'uncertain' });
  });
});
