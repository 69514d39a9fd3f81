import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../../src/core/world.ts';
import { createEc2 } from '../../src/services/ec2/index.ts';
import { createSsm } from '../../src/services/ssm/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const setUp = () => {
  const world = createWorld(worldOptions);
  const ssm = createSsm(world, createEc2(world));
  const client = localClients(createGateway(world, [ssm.service]).handle).ssm;
  return { ssm, client };
};

// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
describe('Parameter Store', () => {
  test('keeps versions of a parameter, and gives the latest unless asked for another', async () => {
    const { client } = setUp();
    expect((await client.send(new PutParameterCommand({ Name: '/selfheal/mode', Value: 'on', Type: 'String' }))).Version).toBe(1);
    expect((await client.send(new PutParameterCommand({ Name: '/selfheal/mode', Value: 'off', Overwrite: true }))).Version).toBe(2);
    expect((await client.send(new GetParameterCommand({ Name: '/selfheal/mode' }))).Parameter).toMatchObject({
      Name: '/selfheal/mode',
      Type: 'String',
      Value: 'off',
      Version: 2,
      ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/selfheal/mode',
      DataType: 'text',
    });
    expect((await client.send(new GetParameterCommand({ Name: '/selfheal/mode:1' }))).Parameter?.Value).toBe('on');
    expect(await refusal(client.send(new GetParameterCommand({ Name: '/selfheal/mode:3' })))).toMatchObject({
      code: 'ParameterVersionNotFound',
    });
  });

  test('finds a parameter by its ARN', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('mode', 'on');
    const Name = 'arn:aws:ssm:us-east-1:123456789012:parameter/mode';
    expect((await client.send(new GetParameterCommand({ Name }))).Parameter?.Value).toBe('on');
  });

  test('gives a secret only to who asks for its decryption', async () => {
    const { client } = setUp();
    await client.send(new PutParameterCommand({ Name: 'token', Value: 'secret', Type: 'SecureString' }));
    expect((await client.send(new GetParameterCommand({ Name: 'token' }))).Parameter?.Value).not.toContain('secret');
    expect((await client.send(new GetParameterCommand({ Name: 'token', WithDecryption: true }))).Parameter?.Value).toBe('secret');
  });

  test('gives many at once, and names those that it does not have', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('/a', '1');
    const answer = await client.send(new GetParametersCommand({ Names: ['/a', '/b', '/a:9'] }));
    expect(answer.Parameters?.map(({ Value }) => Value)).toEqual(['1']);
    expect(answer.InvalidParameters).toEqual(['/b', '/a:9']);
  });

  test('forgets what is deleted', async () => {
    const { client, ssm } = setUp();
    ssm.putParameter('/a', '1');
    await client.send(new DeleteParameterCommand({ Name: '/a' }));
    expect(await refusal(client.send(new GetParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'ParameterNotFound', status: 400 });
    expect(await refusal(client.send(new DeleteParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'ParameterNotFound' });
  });

  test.each<[PutParameterCommandInput, string]>([
    [{ Name: '/there', Value: 'x' }, 'ParameterAlreadyExists'],
    [{ Name: '/new', Value: 'x' }, 'ValidationException'],
    [{ Name: '/new', Value: 'x'.repeat(4097), Type: 'String' }, 'ValidationException'],
    [{ Name: '/aws/mine', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: 'not/absolute', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: 'bad name', Value: 'x', Type: 'String' }, 'ValidationException'],
    [{ Name: '/new', Value: 'x', Type: 'Number' as 'String' }, 'UnsupportedParameterType'],
  ])('refuses to put case %#', async (input, code) => {
    const { client, ssm } = setUp();
    ssm.putParameter('/there', 'x');
    expect(await refusal(client.send(new PutParameterCommand(input)))).toMatchObject({ code, status: 400 });
  });

  test('refuses a request without its required parameter', async () => {
    const { client } = setUp();
    expect(await refusal(client.send(new GetParameterCommand({ Name: undefined })))).toMatchObject({ code: 'ValidationException' });
  });
});
