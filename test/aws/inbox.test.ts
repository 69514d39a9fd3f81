import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { createInbox } from '../../shared/aws/inbox.ts';
import { createPostedStart } from '../../shared/aws/starter.ts';
import { type Brief, briefOf, type Incident, successorOf } from '../../shared/model/incident.ts';
import { openInbox } from '../../shared/remediation/inbox-reader.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { simpleEngine } from '../remediation/engine.ts';
import { incident, noon } from '../remediation/examples.ts';
import { sdkError } from './recorder.ts';
import { emptyTable } from './table.ts';

/** By EventBridge, which tells no operator; by SNS, which tells what the alarm does, too. */
const poor = incident({ disposition: 'escalate', playbook: null, reason: 'the side is not told', evidence: { metric: 'a' } });
const rich = incident({ evidence: { metric: 'a', threshold: '1' } });
const telling = incident({ ...poor, alarm: { name: 'web-status', arn: null, actions: ['arn:aws:sns:us-east-1:123456789012:a'] } });

const setUp = async (post?: () => Promise<boolean>) => {
  const { client, TableName } = await emptyTable();
  const inbox = createInbox(client, TableName);
  const started: (Incident | Brief)[] = [];
  const logged: unknown[] = [];
  const starter = async (one: Incident | Brief) => {
    started.push(one);
    return 'started' as const;
  };
  const start = createPostedStart(starter, post ? { post } : inbox, { now: () => noon, log: (line) => logged.push(line) });
  return { inbox, start, started, logged, client, TableName };
};

const opened = async (inbox: Awaited<ReturnType<typeof setUp>>['inbox'], later?: () => Promise<unknown>) => {
  const engine = simpleEngine({ start: noon });
  const journal = createJournal(
    { ...engine.durable, wait: async (...given) => void (await Promise.all([later?.(), engine.durable.wait(...given)])) },
    { now: engine.now, random: () => 0.5 },
  );
  const { incident: heard, opened } = await openInbox(briefOf(poor), journal, { ...inbox, open: async () => null });
  return { heard, opened, waits: engine.waits() };
};

describe('an inbox', () => {
  test('keeps each copy once, and what every start carries is the same', async () => {
    const { inbox, start, started } = await setUp();
    const redelivered = Array.from({ length: 12 }, () => poor);
    for (const copy of [...redelivered, rich, poor, rich, rich]) await start(copy);
    expect(await inbox.copies(poor.key)).toHaveLength(2);
    expect(new Set(started.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(started[0]).toEqual(briefOf(rich));
  });

  test('is read by the richest copy, in whatever order they came', async () => {
    for (const copies of [
      [poor, rich],
      [rich, poor],
    ]) {
      const { inbox, start } = await setUp();
      for (const copy of copies) await start(copy);
      expect((await opened(inbox)).heard).toEqual(rich);
    }
  });

  test('is opened with the incident where no other copy could be better, in one step, and only then', async () => {
    const good = await setUp();
    await good.start(rich);
    expect((await opened(good.inbox)).opened?.value).toEqual({ ok: true, value: null });
    const bad = await setUp();
    await bad.start(poor);
    expect((await opened(bad.inbox)).opened).toBeUndefined();
  });

  test('waits a moment for a richer copy where only a person would be told, and no longer', async () => {
    const { inbox, start } = await setUp();
    await start(poor);
    expect(await opened(inbox)).toMatchObject({ heard: poor, waits: [20] });
    const other = await setUp();
    await other.start(poor);
    expect((await opened(other.inbox, () => other.start(rich))).heard).toEqual(rich);
  });

  test('tells what the alarm does by itself by whichever copy says so', async () => {
    const { inbox, start } = await setUp();
    for (const copy of [rich, telling]) await start(copy);
    expect((await opened(inbox)).heard).toMatchObject({ disposition: 'remediate', alarm: { actions: telling.alarm?.actions } });
  });

  test('in which somebody else has written is read without that', async () => {
    const { inbox, start, client, TableName } = await setUp();
    await start(poor);
    const foreign = { ...rich, resource: { ...rich.resource, id: 'i-0ffffffffffffffff' } };
    for (const [name, S] of Object.entries({ 'copy no-json': '{', 'copy foreign': JSON.stringify(foreign), 'copy null': 'null' })) {
      await client.send(
        new UpdateItemCommand({
          ...{ TableName, Key: { pk: { S: `v1#inbox#${poor.key}` } }, UpdateExpression: 'SET #a = :s' },
          ...{ ExpressionAttributeNames: { '#a': name }, ExpressionAttributeValues: { ':s': { S } } },
        }),
      );
    }
    expect((await opened(inbox)).heard).toEqual(poor);
  });

  test('that was closed over what may not act lets what may begin anew, however often it is delivered', async () => {
    const { inbox, start, started } = await setUp();
    await start(poor);
    expect((await opened(inbox)).heard).toEqual(poor);
    for (const copy of [poor, rich, rich]) await start(copy);
    expect(started.map(({ key }) => key)).toEqual([poor.key, poor.key, successorOf(poor.key), successorOf(poor.key)]);
    expect(await inbox.copies(successorOf(poor.key))).toMatchObject([{ disposition: 'remediate', key: successorOf(poor.key) }]);
  });

  test('lets what may act begin anew when the successor could not be started at the first delivery', async () => {
    const { inbox, start: _, started } = await setUp();
    let refusals = 1;
    const starter = async (one: Incident | Brief) => {
      if (one.key !== poor.key && refusals-- > 0) throw sdkError('TooManyRequestsException', 429);
      started.push(one);
      return 'started' as const;
    };
    const start = createPostedStart(starter, inbox, { now: () => noon, log: () => {} });
    await start(poor);
    await opened(inbox);
    await expect(start(rich)).rejects.toThrow();
    await start(rich);
    expect(started.map(({ key }) => key)).toEqual([poor.key, successorOf(poor.key)]);
  });

  test('loses nothing that comes between its last reading and the end', async () => {
    const { inbox, start, started } = await setUp();
    await start(poor);
    await opened(inbox);
    await start(rich);
    expect(started.at(-1)).toMatchObject({ key: successorOf(poor.key) });
  });

  test('is done without where it can not be written: the start carries what was heard', async () => {
    const { start, started, logged } = await setUp(() => Promise.reject(sdkError('AccessDeniedException', 400)));
    await start(poor);
    expect(started).toEqual([poor]);
    expect(logged).toMatchObject([{ level: 'WARN' }]);
  });

  test('that can not be read is told to a person, with what every copy had in common', async () => {
    const { inbox } = await setUp();
    const no = () => Promise.reject(sdkError('AccessDeniedException', 400));
    const { heard } = await opened({ ...inbox, copies: no, closeInbox: no });
    expect(heard).toMatchObject({
      key: poor.key,
      disposition: 'escalate',
      playbook: null,
      reason: expect.stringContaining('AccessDenied'),
    });
  });

  test('takes no more copies than anybody needs, and fits', async () => {
    const { inbox } = await setUp();
    const long = 'x'.repeat(500);
    for (let i = 0; i < 12; i++) await inbox.post(incident({ reason: `${i}${long}`, evidence: { a: long, b: long } }), noon);
    expect(await inbox.copies(rich.key)).toHaveLength(8);
  });
});
