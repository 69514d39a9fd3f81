import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from '@jest/globals';
import { digestSchema, learnedSchema } from '../../shared/digest/schema.ts';
import { selfheal } from '../cli/io.ts';
import { closeServed, scenarioOf, servedHost, servedScenario } from './served.ts';

afterEach(closeServed);

const TableName = 'selfheal-local-ledger';

/** What a queue gets from the topic of outcomes about past incidents. */
const digestsOn = async ({ clients, env, aws }: Awaited<ReturnType<typeof servedHost>>) => {
  const { account, region } = aws().world;
  const sqs = new SQSClient({ endpoint: env.AWS_ENDPOINT_URL, region, credentials: { accessKeyId: 'me', secretAccessKey: 'any' } });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'digests' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const TopicArn = `arn:aws:sns:${region}:${account}:selfheal-local-outcomes`;
  const filter = { FilterPolicy: JSON.stringify({ kind: ['digest'] }), RawMessageDelivery: 'true' };
  await clients.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn, Attributes: filter }));
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(Body ?? ''));
  };
};

test('the digest and what was learned are told of what selfheal did, by the command line and once by the stack', async () => {
  const demo = scenarioOf('demo');
  const served = await servedScenario({ ...demo, policy: { ...demo.policy, digest: { on: 'monday', hour: 10 } } });
  const { advance, run, json, clients } = served;
  const received = await digestsOn(served);
  expect((await run('digest')).stdout).toMatch(/^2026-02-23 \d\d:\d\d to 2026-03-02 \d\d:\d\d UTC.*\n {2}0 incidents; before: 0\n/);
  await advance(3 * 3600);
  const [digest] = await json('digest');
  const ended = await json('incidents --since 7d');
  expect(digestSchema.parse(digest).now.incidents).toBe(ended.length);
  expect(digest.now.ended.healed).toBe(ended.filter(({ status }) => status === 'healed').length);
  // It is a Monday. Of the three times at which the stack has counted, one was told.
  const [sent, ...others] = await received();
  expect(others).toEqual([]);
  expect(digestSchema.parse(sent).now).toMatchObject({ incidents: digest.now.incidents, pagesAvoided: 3 });
  // The stack has counted by itself, within an hour.
  const [learned] = await json('playbooks --learned');
  expect(learnedSchema.parse(digest.learned).rows.length).toBeGreaterThan(0);
  expect(learnedSchema.parse(learned).rows).toEqual(digest.learned.rows);
  const [{ step }] = learned.rows;
  expect((await json(`playbooks ${step} --learned`))[0].rows.map((row: { step: string }) => row.step)).toEqual([step]);
  const told = await run('digest');
  for (const part of [
    'Healed by an action: 3 of 4 (75 %, 30 to 95)',
    'Pages avoided: 3',
    'That each would have paged a person is assumed',
    'by prices of',
  ])
    expect(told.stdout).toContain(part);
  expect((await run('playbooks --learned')).stdout).toContain('helped in 1 of 1 (100 %, 21 to 100)');

  for (const columns of [50, 80])
    for (const args of ['digest', 'playbooks --learned', 'digest --help']) {
      const { stdout } = await run(args, { isTTY: true, columns });
      const said = stdout.split(/^Examples?:$/m)[0] ?? '';
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
      for (const line of said.replace(/\u001b\[\d+m/g, '').split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  expect(told.stdout).not.toContain('\u001b');

  // What can't be read is said, and keeps nothing else from being told.
  const day = { day: { S: '2026-03-02' }, openedAt: { N: String(Date.parse('2026-03-02T09:40:00Z')) } };
  await clients.dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: 'v1#incident#x' }, ...day, outcome: { S: '{' } } }));
  await clients.dynamodb.send(new DeleteItemCommand({ TableName, Key: { pk: { S: 'v1#digest#learned' } } }));
  const { stdout } = await run('digest');
  expect(stdout).toContain('1 incident of this time can not be read in the ledger and is in no figure.');
  expect(stdout).toContain('Nothing is counted yet: selfheal counts once a day.');
  expect((await run('playbooks --learned')).stdout).toContain('1 incident could not be read and is not counted.');
});

test.each([
  ['digest --since 2y', 'selfheal digest: --since must be a duration up to 90d, such as 90m, 24h or 7d, not "2y"\n'],
  ['playbooks --stage local', 'selfheal playbooks: --stage goes with --learned: playbooks are the same for all stages\n'],
  ['playbooks no-such --learned', 'selfheal playbooks: there is no failure class or step "no-such"\n'],
  ['playbooks a b --learned', 'selfheal playbooks: one ID at a time\n'],
])('%s ends with one line and exit code 2', async (args, stderr) => {
  const { env } = await servedHost();
  expect(await selfheal(args.split(' '), { env })).toEqual({ code: 2, stdout: '', stderr });
});
