import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalOrganization, inProcess } from '#local-aws';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { partOf, standalone } from '../../local/testbed/template-parts.ts';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { parseEnvironment } from '../../shared/compose/environment.ts';
import { composeWatch, watchVariables } from '../../shared/compose/watch.ts';
import { place } from './place.ts';

const [account, here, there] = ['111111111111', 'us-east-1', 'eu-west-1'];
const minute = 60_000;
const sweep = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: { sweep: 'out-of-service' } };
const context = {
  invokedFunctionArn: `arn:aws:lambda:${here}:${account}:function:selfheal-local-watch`,
  getRemainingTimeInMillis: () => 60_000,
};

/** selfheal in one region, watched from another. */
const setUp = async () => {
  const { seed, start } = worldOptions;
  const org = createLocalOrganization({ seed, start, accounts: [account], regions: [here, there] });
  const client = (region: string) => localClients(org.handle, { accessKeyId: account, region });
  const [home, abroad] = [client(here), client(there)];
  const { table } = deployedLedger();
  await home.dynamoDb.send(new CreateTableCommand(table));
  const config = { region: here, endpoint: 'http://local', maxAttempts: 1, requestHandler: inProcess(org.handle) };
  const clients = createClients({ ...config, credentials: { accessKeyId: account, secretAccessKey: 'local' } } as object);
  const logged: { message: string; level: string }[] = [];
  const { clock } = org.aws.world;
  const watch = composeWatch(
    parseEnvironment(watchVariables, {
      LEDGER_TABLE: table.TableName,
      OUTCOME_TOPIC_ARN: `arn:aws:sns:${here}:${account}:selfheal-local-outcomes`,
      REMEDIATE_FUNCTION: 'selfheal-local-remediate',
      DEPLOYMENT: 'selfheal-local',
      WATCH_REGION: there,
    }),
    {
      ...clients,
      dynamodb: home.dynamoDb,
      own: { ...clients, ...home },
      log: (entry: (typeof logged)[number]) => logged.push(entry),
      write: () => {},
      now: clock.now,
    } as never,
  );
  const part = await partOf('sign-of-life.cjs', {
    'param:watchRegion': there,
    'self:provider.region': here,
    'self:service': 'selfheal',
    'sls:stage': 'local',
    'param:permissionsBoundary': '',
  });
  await place(org.world(account, here), { ...part, Conditions: { HasBoundary: { 'Fn::Equals': ['a', 'b'] } } });
  const { arnOf } = await place(org.world(account, there), standalone('watch.yml'), {
    Deployment: 'selfheal-local',
    Region: here,
    Email: 'you@example.com',
  });
  await abroad.sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
  const QueueUrl = `http://sqs.${there}.localhost/${account}/inbox`;
  const Endpoint = org.world(account, there).world.arn('sqs', 'inbox');
  await abroad.sns.send(new SubscribeCommand({ TopicArn: arnOf('SilenceTopic'), Protocol: 'sqs', Endpoint }));
  /** So many minutes, with a sweep every second one, as the rule of the deployment has it. */
  const pass = async (minutes: number, { sweeps = true } = {}) => {
    for (let passed = 0; passed < minutes; passed += 2) {
      if (sweeps)
        await Promise.resolve(watch(sweep as never, context as never)).catch((error: Error) =>
          logged.push({ level: 'ERROR', message: error.name }),
        );
      await org.advanceTo(clock.now() + 2 * minute);
    }
  };
  /** What people have been told since the last look: the states of the alarm. */
  const told = async (): Promise<string[]> => {
    const { Messages = [] } = await abroad.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages) await abroad.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body = '' }) => JSON.parse(JSON.parse(Body).Message).NewStateValue);
  };
  return { org, pass, told, logged, home, table };
};

describe('a deployment that is watched from another region', () => {
  let bed: Awaited<ReturnType<typeof setUp>>;
  beforeEach(async () => {
    bed = await setUp();
  });
  afterEach(() => bed.org.close());

  test('is told as silent within 20 minutes of its last sign, once, and once as back', async () => {
    const { pass, told } = bed;
    await pass(30);
    await told();
    await pass(180);
    expect(await told()).toEqual([]);
    await pass(14, { sweeps: false });
    expect(await told()).toEqual([]);
    await pass(6, { sweeps: false });
    expect(await told()).toEqual(['ALARM']);
    await pass(180, { sweeps: false });
    expect(await told()).toEqual([]);
    await pass(16);
    expect(await told()).toEqual(['OK']);
    await pass(60);
    expect(await told()).toEqual([]);
  });

  test('is told where it has never given one', async () => {
    const { pass, told } = bed;
    await pass(30, { sweeps: false });
    expect(await told()).toEqual(['ALARM']);
  });

  test('is told as silent where it runs and its ledger can not be reached', async () => {
    const { org, pass, told, logged } = bed;
    await pass(30);
    await told();
    org
      .world(account, here)
      .faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: 'Query', code: 'InternalServerError', status: 500 } as never);
    await pass(30);
    expect(logged.some(({ level }) => level === 'ERROR')).toBe(true);
    expect(await told()).toEqual(['ALARM']);
  });
});
