import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createClients } from '../../shared/aws/clients.ts';

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
    for (const client of Object.values(clients)) expect(await client.config.maxAttempts()).toBe(1);
  });
});
