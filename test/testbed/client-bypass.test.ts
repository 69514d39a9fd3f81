import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { bypassHttp, createLocalAws, inProcess } from '#local-aws';
import { type Clients, createClients } from '../../shared/aws/clients.ts';

const start = Date.parse('2026-03-02T09:00:00Z');

/** The same world, reached by the SDK's whole way or by the short one. */
const world = (short: boolean) => {
  const aws = createLocalAws({ seed: 3, start, account: '111122223333', region: 'us-east-1' });
  const config = {
    region: 'us-east-1',
    endpoint: 'http://local',
    credentials: { accessKeyId: 'selfheal', secretAccessKey: 'local' },
    requestHandler: inProcess(aws.handle),
  };
  const clients = createClients(config, (client) => (short ? bypassHttp(client, aws.handle) : client));
  return { aws, clients };
};

/** The answer or the error, as selfheal sees it: without what the SDK adds of its own retries. */
const told = async (call: Promise<object>): Promise<unknown> => {
  try {
    const { $metadata: _, ...answer } = (await call) as { $metadata?: unknown };
    return answer;
  } catch (error) {
    const { name, message, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
    return { name, message, code, status: $metadata?.httpStatusCode };
  }
};

const story = async ({ ec2, ssm, dynamodb, sns, cloudWatch }: Clients): Promise<unknown[]> => {
  const said: unknown[] = [];
  const say = async (call: Promise<object>) => said.push(await told(call));
  const launch = { ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large', MinCount: 1, MaxCount: 1, ClientToken: 'once' } as const;
  await say(ec2.send(new RunInstancesCommand(launch)));
  await say(ec2.send(new DescribeInstancesCommand({})));
  await say(ec2.send(new StopInstancesCommand({ InstanceIds: ['i-00000000000000000'] })));
  await say(ssm.send(new PutParameterCommand({ Name: '/a', Value: 'é <&>', Type: 'String' })));
  await say(ssm.send(new GetParameterCommand({ Name: '/a' })));
  await say(ssm.send(new GetParameterCommand({ Name: '/b' })));
  await say(cloudWatch.send(new DescribeAlarmsCommand({ MaxRecords: 0 })));
  const TableName = 'table';
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const Item = { pk: { S: 'a' }, list: { SS: ['b'] } };
  const once = new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' });
  await say(dynamodb.send(once));
  await say(dynamodb.send(once));
  await say(dynamodb.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } })));
  await say(sns.send(new CreateTopicCommand({ Name: 'topic' })));
  await say(sns.send(new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:111122223333:none', Message: 'm' })));
  return said;
};

describe('the short way from a client to the local AWS', () => {
  test('brings the answers and the errors that the whole way brings', async () => {
    const [long, short] = [world(false), world(true)];
    const [asked, answered] = [await story(long.clients), await story(short.clients)];
    expect(answered).toEqual(asked);
    expect(answered[2]).toMatchObject({ name: 'InvalidInstanceID.NotFound', status: 400 });
    const calls = ({ aws }: typeof long) => aws.world.calls.map(({ userAgent: _, ...call }) => call);
    expect(calls(short)).toEqual(calls(long));
    await long.aws.close();
    await short.aws.close();
  });

  test('says in whose name a call is made, as the client is set up to', async () => {
    const { aws, clients } = world(true);
    await clients.ec2.send(new DescribeInstancesCommand({}));
    expect(aws.world.calls[0]).toMatchObject({ accessKey: 'selfheal', userAgent: expect.stringContaining('app/selfheal') });
    await aws.close();
  });

  test('loses an answer as a connection does that is cut', async () => {
    const { aws, clients } = world(true);
    aws.faults.inject({ fault: 'fail-call', service: 'ec2', operation: '*', code: 'x', status: 500, rate: 1, when: 'after' });
    expect(await told(clients.ec2.send(new DescribeInstancesCommand({})))).toEqual({
      name: 'Error',
      message: 'socket hang up',
      code: 'ECONNRESET',
      status: undefined,
    });
    await aws.close();
  });
});
