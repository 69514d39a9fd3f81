import { expect, test } from '@jest/globals';
import { createDigests } from '../../shared/aws/digests.ts';
import { learn } from '../../shared/digest/learn.ts';
import { isDue, weeklySchema } from '../../shared/model/weekly.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { createReporter } from '../../shared/notifications/reporter.ts';
import type { Past } from '../../shared/ports/past.ts';
import type { Bulletin } from '../../shared/ports/reporter.ts';
import { tellWeek } from '../../shared/recovery/digest.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyTable } from '../aws/table.ts';
import { deploymentOf, topicArn } from '../notifications/channels/open.ts';
import { pastItem, pastOf } from './past.ts';

const hour = 3_600_000;
const day = 24 * hour;
const monday = Date.UTC(2026, 10, 23, 8, 10);
const weekly = weeklySchema.parse({ on: 'monday' });

test.each([
  ['UTC', '2026-11-23T07:59:00Z', 8, false],
  ['UTC', '2026-11-23T08:00:00Z', 8, true],
  ['UTC', '2026-11-23T23:59:00Z', 8, true],
  ['UTC', '2026-11-24T05:59:00Z', 8, true],
  ['UTC', '2026-11-24T06:00:00Z', 8, false],
  ['UTC', '2026-11-22T12:00:00Z', 8, false],
  ['Asia/Tokyo', '2026-11-22T23:00:00Z', 8, true],
  ['America/New_York', '2026-11-23T12:59:00Z', 8, false],
  ['America/New_York', '2026-11-23T13:00:00Z', 8, true],
  // An hour before midnight, of which a schedule may only see the next day.
  ['UTC', '2026-11-24T00:30:00Z', 23, true],
])('in %s, %s is due for Monday %s: %s', (timeZone, at, on, due) => {
  expect(isDue({ ...weekly, timeZone, hour: on }, Date.parse(at))).toBe(due);
});

test('an hour that a clock change leaves out counts as the next one', () => {
  const sunday = { on: 'sunday', hour: 2, timeZone: 'Europe/Berlin' } as const;
  expect([isDue(sunday, Date.parse('2026-03-29T00:59:00Z')), isDue(sunday, Date.parse('2026-03-29T01:00:00Z'))]).toEqual([false, true]);
});

const items = [pastItem('a', monday - 2 * day, monday - 2 * day + hour), pastItem('b', monday - 3 * day, null)];

const setUp = async (past: Past = pastOf(items)) => {
  const { client, TableName } = await emptyTable();
  const digests = createDigests(client, TableName);
  const told: Bulletin[] = [];
  const failing: Error[] = [];
  const reporter = {
    digest: async (bulletin: Bulletin) => {
      const error = failing.shift();
      if (error) throw error;
      told.push(bulletin);
    },
  };
  const deps = { past, digests, reporter, weekly, now: () => monday };
  return {
    deps,
    digests,
    told,
    failing,
    at: (time: number) => tellWeek({ ...deps, now: () => time }),
  };
};

test('people are told once a week, however often the schedule fires, and at once', async () => {
  const { at, told } = await setUp();
  const results = await Promise.all([at(monday), at(monday), at(monday + 1)]);
  expect(results.filter((one) => one.sent)).toHaveLength(1);
  for (let hours = 1; hours < 7 * 24; hours++) await at(monday + hours * hour);
  expect(told).toHaveLength(1);
  expect(told[0]?.headline).toBe('2 incidents, 1 of 1 healed, 1 page avoided');
  await at(monday + 7 * day - hour / 6);
  expect(told).toHaveLength(2);
});

test('nobody is told unless the policy says when', async () => {
  const { deps, told } = await setUp();
  expect(await tellWeek({ ...deps, weekly: undefined })).toEqual({ learned: 2, sent: false });
  expect(told).toEqual([]);
});

test('one that nobody got is tried again in an hour; one that may have arrived is not', async () => {
  const { at, told, failing } = await setUp();
  failing.push(sdkError('AuthorizationError', 403) as Error, sdkError('Throttling', 400) as Error);
  await expect(at(monday)).rejects.toThrow('the digest of the week could not be sent: AuthorizationError');
  await expect(at(monday + hour)).rejects.toThrow('Throttling');
  expect(await at(monday + 2 * hour)).toMatchObject({ sent: true });
  failing.push(sdkError('InternalError', 500) as Error);
  await expect(at(monday + 7 * day)).rejects.toThrow('InternalError');
  expect(await at(monday + 7 * day + hour)).toMatchObject({ sent: false });
  expect(told).toHaveLength(1);
});

test('where the ledger can not be counted nobody is told, until it can', async () => {
  let broken = true;
  const past: Past = {
    pages: async function* (range) {
      if (broken) throw sdkError('AccessDeniedException', 400);
      yield* pastOf(items).pages(range);
    },
  };
  const { at, told } = await setUp(past);
  await expect(at(monday)).rejects.toThrow('AccessDeniedException');
  expect(told).toEqual([]);
  broken = false;
  expect(await at(monday + hour)).toEqual({ learned: 2, sent: true });
});

test('where no time is left to count, nobody is told, and the next one may', async () => {
  const { deps, told } = await setUp();
  await expect(tellWeek({ ...deps, mayGoOn: () => false })).rejects.toThrow('more incidents than can be counted');
  expect(await tellWeek(deps)).toMatchObject({ sent: true });
  expect(told).toHaveLength(1);
});

test('where past incidents were is noted with what was learned, each place once, and nothing that is none', async () => {
  const at = (key: string, where: object) => ({ ...pastItem(key, monday - day, null), opened: JSON.stringify(where) });
  const [home, member] = [
    { account: '111111111111', region: 'us-east-1' },
    { account: '222222222222', region: 'eu-west-1' },
  ];
  const odd = [{ account: '1', region: 'us-east-1' }, { account: '111111111111', region: 'x.evil.example' }, {}];
  const { deps, digests } = await setUp(
    pastOf([home, member, home, ...odd].map((where, i) => at(String(i), { key: String(i), ...where }))),
  );
  expect(await digests.places()).toEqual([]);
  await tellWeek(deps);
  expect((await digests.places()).sort((a, b) => a.account.localeCompare(b.account))).toEqual([home, member]);
});

test('what was learned is counted once a day', async () => {
  let counted = 0;
  const past: Past = {
    pages: (range) => {
      counted++;
      return pastOf(items).pages(range);
    },
  };
  const { at, digests } = await setUp(past);
  const tuesday = monday + 30 * hour;
  for (let hours = 0; hours < 48; hours++) await at(tuesday + hours * hour);
  expect(counted).toBe(2);
  expect(JSON.parse((await digests.learned()) ?? '')).toEqual(await learn(pastOf(items), tuesday + 24 * hour));
});

test('it goes to people and to the chat, without links, mentions or an address that anybody has chosen', async () => {
  const { deployment, calls } = deploymentOf();
  const hostile = 'https://evil.example/x @here <b>\u0000\n[x](http://a.b)';
  const bulletin: Bulletin = {
    headline: `7 incidents ${hostile}`,
    sections: [{ title: hostile, lines: [hostile.repeat(50)] }],
    data: { kind: 'digest' },
  };
  const routes = [
    { when: { outcome: 'healed' as const }, topicArn: `${topicArn}-healed` },
    { when: { severity: 'low' as const }, topicArn: `${topicArn}-low` },
  ];
  await createReporter({ ...deployment, routes, chatTopicArn: `${topicArn}-chat` }).digest(bulletin);
  expect(calls.map(({ permission, input }) => `${permission} ${input.TopicArn}`)).toEqual([
    `sns:Publish ${topicArn}-low`,
    `sns:Publish ${topicArn}-chat`,
  ]);
  const { Message, Subject, MessageAttributes } = (calls[0]?.input ?? {}) as Record<string, string>;
  const { default: data, email, sms } = JSON.parse(Message ?? '');
  expect(JSON.parse(data)).toEqual({ kind: 'digest' });
  expect(MessageAttributes).toEqual({
    kind: { DataType: 'String', StringValue: 'digest' },
    severity: { DataType: 'String', StringValue: 'low' },
  });
  expect((Subject ?? '').length).toBeLessThan(100);
  expect(sms.length).toBeLessThan(160);
  const chat = chatSchema.parse(JSON.parse(calls[1]?.input.Message as string));
  for (const text of [Subject, email, sms, chat.content.title, chat.content.description]) expect(text).not.toMatch(/https?:\/\/|@here/);
});

test('a chat that fails does not make people hear it again', async () => {
  const { deployment, calls } = deploymentOf((_, input) =>
    String(input.TopicArn).endsWith('-chat') ? sdkError('InternalError', 500) : { output: {} },
  );
  await createReporter({ ...deployment, chatTopicArn: `${topicArn}-chat` }).digest({ headline: 'x', sections: [], data: {} });
  expect(calls).toHaveLength(2);
});
