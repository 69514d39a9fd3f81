import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Decision } from '../../shared/model/approval.ts';
import { noon } from '../remediation/examples.ts';
import { approval, localStore } from './examples.ts';

const yes: Decision = { decision: 'approve', name: 'Ana', from: '203.0.113.7', at: noon + 1000 };
const no: Decision = { ...yes, decision: 'reject', name: null, at: noon + 2000 };

describe('questions in the ledger', () => {
  let local: Awaited<ReturnType<typeof localStore>>;
  beforeAll(async () => {
    local = await localStore();
  });
  afterAll(() => local.close());
  let made = 0;
  const added = async () => {
    const question = approval({ id: `question-${++made}`.padEnd(22, '0') });
    await local.store.add(question);
    return question;
  };

  test('are read as they were asked', async () => {
    const question = await added();
    expect(await local.store.read(question.id)).toEqual({ approval: question, decision: null, delivery: null });
    expect(await local.store.read('unknown')).toBeNull();
  });

  test('are asked once: asking again forgets no decision', async () => {
    const question = await added();
    await local.store.decide(question.id, yes);
    await local.store.add({ ...question, what: 'something else' });
    expect(await local.store.read(question.id)).toEqual({ approval: question, decision: yes, delivery: null });
  });

  test('are decided once, by the first', async () => {
    const { id } = await added();
    expect(await local.store.decide(id, yes)).toBe(true);
    expect(await local.store.decide(id, no)).toBe(false);
    expect((await local.store.read(id))?.decision).toEqual(yes);
  });

  test('are decided once, by one of many at the same time', async () => {
    const { id } = await added();
    const won = await Promise.all([yes, no, yes, no].map((decision, i) => local.store.decide(id, { ...decision, name: `person ${i}` })));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await local.store.read(id))?.decision?.name).toBe(`person ${won.indexOf(true)}`);
  });

  test('are not decided from their deadline on', async () => {
    const { id, expiresAt } = await added();
    expect(await local.store.decide(id, { ...yes, at: expiresAt })).toBe(false);
    expect(await local.store.decide(id, { ...yes, at: expiresAt - 1 })).toBe(true);
  });

  test('are not made by deciding them', async () => {
    expect(await local.store.decide('nobody-asked', yes)).toBe(false);
    await local.store.noteNotified('nobody-asked', 'delivered');
    expect(await local.store.read('nobody-asked')).toBeNull();
  });

  test('keep what came first of telling the incident', async () => {
    const { id } = await added();
    await local.store.noteNotified(id, 'delivered');
    expect((await local.store.read(id))?.delivery).toBeNull();
    await local.store.decide(id, yes);
    await local.store.noteNotified(id, 'over');
    await local.store.noteNotified(id, 'delivered');
    expect((await local.store.read(id))?.delivery).toBe('over');
  });

  test('go away by themselves three months after their deadline', async () => {
    const { id, expiresAt } = await added();
    const { Item } = await local.dynamoDb.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: `v1#approval#${id}` } } }));
    expect(Number(Item?.expiresAt?.N)).toBe(expiresAt / 1000 + 90 * 86_400);
  });
});
