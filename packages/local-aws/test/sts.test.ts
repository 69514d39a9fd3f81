import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { createWorld } from '../src/core/world.ts';
import { createSts } from '../src/services/sts/index.ts';
import { createGateway } from '../src/wire/gateway.ts';
import { localClients, worldOptions } from './harness.ts';

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
test('STS says which account the caller is in, and who he is by his key', async () => {
  const world = createWorld(worldOptions);
  const { handle } = createGateway(world, [createSts(world).service]);
  const { sts } = localClients(handle, { accessKeyId: 'ALICE' });
  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/ALICE',
    UserId: 'AIDAALICE',
  });
});
