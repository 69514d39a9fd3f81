import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from '@jest/globals';
import { closeServed, scenarioOf, servedScenario } from './served.ts';

afterEach(closeServed);

const asking = async () => {
  const served = await servedScenario(scenarioOf('approval-granted'));
  await served.advance(1200);
  const [{ incident, waits }] = await served.json('incidents --open');
  const [question] = waits.questions;
  return { ...served, incident, question };
};

test('an approval by the command line lets the action go on, in the name of the caller', async () => {
  const { run, json, advance, incident, question } = await asking();
  expect((await run(`show ${incident}`)).stdout).toContain(`question ${question.id}, for reboot-instance`);
  expect(await run(`approve ${incident.slice(0, 30)} --because tested`)).toEqual({
    code: 0,
    stdout: `approved: ${question.what}\n`,
    stderr: '',
  });
  await advance(1200);
  const [outcome] = await json(`show ${incident}`);
  expect(outcome).toMatchObject({ status: 'healed', actions: [{ action: 'reboot-instance', result: 'done' }] });
  const [{ by }] = outcome.acts;
  expect(outcome.acts).toMatchObject([{ kind: 'approve', what: question.what, because: 'tested', incident, done: true }]);
  expect(outcome.timeline.map(({ text }: { text: string }) => text)).toContain(`${by} said approve`);
  expect(await run(`approve ${incident}`)).toEqual({
    code: 2,
    stdout: '',
    stderr: `selfheal approve: incident ${incident} asks nothing: it has ended\n`,
  });
});

test('what two people have to agree to is only approved by their links, and may be rejected', async () => {
  const { run, json, advance } = await servedScenario({ ...scenarioOf('replica-promotion-with-one-yes'), answers: [] });
  await advance(1500);
  const [{ incident, waits }] = await json('incidents --open --resource orders-replica');
  const [{ id }, second] = waits.questions;
  expect(second).toBeDefined();
  expect(await run(`approve ${incident} --question ${id}`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('two people have to agree'),
  });
  expect((await run(`reject ${incident} --question ${id}`)).code).toBe(0);
  await advance(120);
  expect(await json(`show ${incident}`)).toMatchObject([{ status: 'held', actions: [] }]);
});

test('a rejection ends the incident without the action', async () => {
  const { run, json, advance, incident } = await asking();
  expect((await run(`reject ${incident}`)).code).toBe(0);
  await advance(60);
  expect(await json(`show ${incident}`)).toMatchObject([
    { status: 'held', actions: [], reason: expect.stringMatching(/^arn:aws:iam::\S+ decided not to reboot instance/) },
  ]);
});

test('a question that is not open, and one of two that is not named, are asked for', async () => {
  const { run, incident, question, clients } = await asking();
  expect((await run(`approve ${incident} --question zzz`)).stderr).toContain(
    `no such open question:\nselfheal approve:   --question ${question.id}: whether to`,
  );
  // A second one, as an incident with two asks.
  const table = 'selfheal-local-ledger';
  const { Item } = await clients.dynamodb.send(new GetItemCommand({ TableName: table, Key: { pk: { S: `v1#approval#${question.id}` } } }));
  const second = JSON.stringify({ ...JSON.parse(Item?.approval?.S ?? ''), id: 'second-question' });
  await clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: 'v1#approval#second-question' } },
      UpdateExpression: 'SET approval = :a, deadline = :d',
      ExpressionAttributeValues: { ':a': { S: second }, ':d': Item?.deadline as never },
    }),
  );
  await clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: `v1#incident#${incident}` } },
      UpdateExpression: 'ADD asked :a',
      ExpressionAttributeValues: { ':a': { SS: ['second-question'] } },
    }),
  );
  const said = await run(`approve ${incident}`);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain('asks 2 questions, name one:\n');
  expect(said.stderr).toContain('--question second-question: whether to');
  expect((await run(`reject ${incident} --question ${question.id.slice(0, 8)}`)).code).toBe(0);
});

test('an answer in the ledger that nobody has sealed is not taken for one', async () => {
  const { run, incident, question, clients } = await asking();
  await clients.dynamodb.send(
    new UpdateItemCommand({
      TableName: 'selfheal-local-ledger',
      Key: { pk: { S: `v1#approval#${question.id}` } },
      UpdateExpression: 'SET decision = :d',
      ExpressionAttributeValues: { ':d': { S: JSON.stringify({ decision: 'approve', name: null, from: 'x', at: 1 }) } },
    }),
  );
  expect((await run(`approve ${incident}`)).code).toBe(2);
});
