import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { appId } from '../../shared/aws/client.ts';
import { createClients } from '../../shared/aws/clients.ts';

/** Every client, one that is made when it is asked for among them. */
const all = ({ of, ...clients }: ReturnType<typeof createClients>) => [...Object.values(clients), of(LambdaClient)];

describe('clients', () => {
  test('never retry by themselves, so that the driver sees every try', async () => {
    let requests = 0;
    const requestHandler = {
      handle: async () => {
        requests++;
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
      },
    };
    const clients = createClients({
      region: 'us-east-1',
      credentials: { accessKeyId: 'k', secretAccessKey: 's' },
      requestHandler,
      maxAttempts: 5,
    } as Parameters<typeof createClients>[0]);
    await expect(clients.ec2.send(new RebootInstancesCommand({ InstanceIds: ['i-0a1b2c3d4e5f60718'] }))).rejects.toThrow('hang up');
    expect(requests).toBe(1);
    for (const client of all(clients)) expect(await client.config.maxAttempts()).toBe(1);
  });

  test('of a service that few incidents are about are made once, when they are asked for, and adapted like the others', () => {
    const adapted: object[] = [];
    const clients = createClients({ region: 'us-east-1' }, (client) => {
      adapted.push(client);
      return client;
    });
    const before = adapted.length;
    const first = clients.of(LambdaClient);
    expect(clients.of(LambdaClient)).toBe(first);
    expect(adapted.slice(before)).toEqual([first]);
  });

  test('give up on a call that hangs, and say so with an error', async () => {
    const clients = createClients({ region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } });
    for (const client of all(clients)) {
      const handler = client.config.requestHandler as unknown as { configProvider: Promise<Record<string, unknown>> };
      expect(await handler.configProvider).toMatchObject({
        connectionTimeout: 3000,
        requestTimeout: 10_000,
        throwOnRequestTimeout: true,
      });
      client.destroy();
    }
  });

  test('are told from everybody else by their agent, unless they are somebody else', async () => {
    const agents: string[] = [];
    const requestHandler = {
      handle: async ({ headers }: { headers: Record<string, string> }) => {
        agents.push(headers['user-agent'] ?? '');
        throw new Error('not sent');
      },
    };
    const config = { region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' }, requestHandler };
    for (const more of [{}, { userAgentAppId: 'operator' }]) {
      const { ec2 } = createClients({ ...config, ...more } as Parameters<typeof createClients>[0]);
      await expect(ec2.send(new RebootInstancesCommand({ InstanceIds: ['i-0a1b2c3d4e5f60718'] }))).rejects.toThrow('not sent');
    }
    expect(agents.map((agent) => agent.split(' ').filter((part) => part.startsWith('app/')))).toEqual([[`app/${appId}`], ['app/operator']]);
  });
});
