import { describe, expect, test } from '@jest/globals';
import { createInbox } from '../../shared/aws/inbox.ts';
import { createPostedStart } from '../../shared/aws/starter.ts';
import { type Brief, briefOf, type Incident, successorOf } from '../../shared/incident/incident.ts';
import { createJournal } from '../../shared/incident/journal.ts';
import { closeLetters, openLetters } from '../../shared/incident/letters.ts';
import { simpleEngine } from '../incident/engine.ts';
import { incident, noon } from '../incident/examples.ts';
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
  return { inbox, start, started, logged };
};

const opened = async (inbox: Awaited<ReturnType<typeof setUp>>['inbox'], later?: () => Promise<unknown>) => {
  const engine = simpleEngine({ start: noon });
  const journal = createJournal(
    { ...engine.durable, wait: async (...given) => void (await Promise.all([later?.(), engine.durable.wait(...given)])) },
    { now: engine.now, random: () => 0.5 },
  );
  return { heard: await openLetters(briefOf(poor), journal, inbox), waits: engine.waits(), journal };
};

describe('an inbox', () => {
  test('keeps each copy once, and what every start carries is the same', async () => {
    const { inbox, start, started } = await setUp();
    for (const copy of [poor, rich, poor, rich, rich]) await start(copy);
    expect(await inbox.letters(poor.key)).toHaveLength(2);
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

  test('waits a moment for a richer copy where only a person would be told, and no longer', async () => {
    const { inbox, start } = await setUp();
    await start(poor);
    expect(await opened(inbox)).toMatchObject({ heard: poor, waits: [20] });
    expect((await opened(inbox, () => start(rich))).heard).toEqual(rich);
    await start(telling);
    expect((await opened(inbox)).heard).toMatchObject({ disposition: 'remediate', alarm: { actions: telling.alarm?.actions } });
  });

  test('that has been read to an end in which nothing was done lets what may act begin anew, once', async () => {
    const { inbox, start, started } = await setUp();
    await start(poor);
    const { heard, journal } = await opened(inbox);
    await closeLetters(heard, journal, inbox);
    await start(poor);
    await start(rich);
    await start(rich);
    expect(started.map(({ key }) => key)).toEqual([poor.key, poor.key, successorOf(poor.key), poor.key]);
    expect(await inbox.letters(successorOf(poor.key))).toMatchObject([{ disposition: 'remediate', key: successorOf(poor.key) }]);
  });

  test('is done without where it can not be written: the start carries what was heard', async () => {
    const { start, started, logged } = await setUp(() => Promise.reject(sdkError('AccessDeniedException', 400)));
    await start(poor);
    expect(started).toEqual([poor]);
    expect(logged).toMatchObject([{ level: 'WARN' }]);
  });

  test('that can not be read is told to a person, with what every copy had in common', async () => {
    const { inbox } = await setUp();
    const { heard } = await opened({ ...inbox, letters: () => Promise.reject(sdkError('AccessDeniedException', 400)) });
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
    expect(await inbox.letters(rich.key)).toHaveLength(8);
  });
});
