import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from '@jest/globals';
import { createActs } from '../../shared/aws/acts.ts';
import { createLedger, noteAsked } from '../../shared/aws/ledger.ts';
import { createPast } from '../../shared/aws/past.ts';
import { digestOf } from '../../shared/digest/digest.ts';
import { learn } from '../../shared/digest/learn.ts';
import { digestSchema, type Period } from '../../shared/digest/schema.ts';
import { perIncident } from '../../shared/model/cost.ts';
import { guardSettings } from '../../shared/model/guard-settings.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Status, statuses } from '../../shared/model/status.ts';
import { emptyTable } from '../aws/table.ts';
import { incident, outcome } from '../remediation/examples.ts';

const dayMs = 86_400_000;
const to = Date.UTC(2026, 10, 20, 12, 30);
const week = 7 * dayMs;

/** Numbers that are the same in every run. */
const drawing = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

const failures = ['instance-unreachable', 'host-impaired', 'load-saturated'] as const;
const steps = ['reboot-instance', 'stop-start-instance'] as const;
const guardNames = ['opt-in', 'lease', 'capacity', 'mode', 'budget', 'calendar', 'owner'] as const;
const total = 300;

let table: Awaited<ReturnType<typeof emptyTable>>;

/** What a drawn incident ended with. */
const drawnOutcome = (draw: (below: number) => number, key: string, openedAt: number): Outcome => {
  const status = statuses[draw(statuses.length)] as Status;
  const guard = guardNames[Math.min(draw(guardNames.length), draw(guardNames.length))] ?? '';
  const held = status === 'held' || (status === 'escalated' && draw(2) === 0);
  const endedAt = openedAt + 60_000 * (1 + draw(90));
  const done = steps.slice(draw(2), 1 + draw(2)).map((action, n) => ({
    ...{ action, attempt: 1, at: new Date(openedAt).toISOString() },
    result: n === 0 && draw(4) === 0 ? 'refused: X' : 'done',
  }));
  const answers = [
    { guard: 'paused', answer: 'pass' as const },
    { guard, answer: status === 'held' ? (draw(3) === 0 ? ('ask' as const) : ('hold' as const)) : ('escalate' as const) },
  ];
  return outcome({
    incident: key,
    failure: failures[draw(3)] ?? 'host-impaired',
    resource: { type: draw(5) === 0 ? 'group' : 'instance', id: `i-${draw(60)}` },
    status,
    verified: draw(10) > 0,
    quiet: status === 'healed-itself' || draw(6) === 0,
    ...(draw(8) === 0 ? { opened: true as const } : {}),
    endedAt: new Date(endedAt).toISOString(),
    timeToRecoverSeconds: status === 'healed' && draw(12) > 0 ? (endedAt - openedAt) / 1000 : null,
    actions: status === 'dry-run' ? done.map((one) => ({ ...one, result: 'would' })) : done,
    timeline: [{ at: new Date(openedAt).toISOString(), phase: 'guard', text: 'x', ...(held && draw(7) > 0 ? { answers } : {}) }],
  });
};

beforeAll(async () => {
  table = await emptyTable();
  const { client, TableName } = table;
  const ledger = createLedger(client, TableName);
  const draw = drawing(7);
  const moments = [to, to - 1, to - week, to - week - 1, to - 2 * week, to - 2 * week - 1];
  for (let n = 0; n < total; n++) {
    // Two thirds on one day, so that one day takes several calls.
    const openedAt = moments[n] ?? (n % 3 === 0 ? to - draw(2 * week) : to - dayMs - draw(dayMs / 4));
    const key = `drawn-${n}`;
    await ledger.open(incident({ key, resource: { type: 'instance', id: `i-${draw(60)}` } }), openedAt);
    if (draw(9) === 0) await noteAsked(client, TableName, key, 'q', []);
    if (draw(12) > 0) await ledger.close(drawnOutcome(draw, key, openedAt));
  }
  const broken: Record<string, AttributeValue>[] = [
    { outcome: { S: '{"status":"heal' } },
    { outcome: { S: JSON.stringify({ ...outcome(), status: 'mended' }) } },
    { incident: { S: 'null' } },
    { outcome: { S: JSON.stringify({ ...outcome(), failure: '<script>' }) } },
  ];
  const day = new Date(to - dayMs).toISOString().slice(0, 10);
  for (const [n, rest] of broken.entries())
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: `v1#incident#broken-${n}` }, day: { S: day }, openedAt: { N: String(to - dayMs - n) }, ...rest },
      }),
    );
  await createActs(client, TableName).note({
    id: 'a',
    at: to - dayMs,
    by: 'arn:x',
    kind: 'switch',
    what: 'off',
    incident: null,
    because: null,
  });
});

const rowsNow = async (): Promise<Record<string, AttributeValue>[]> => {
  const rows: Record<string, AttributeValue>[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await table.client.send(new ScanCommand({ TableName: table.TableName, ExclusiveStartKey }));
    rows.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return rows;
};

/** Counts of names, most first. */
const ranked = (names: readonly string[]) => {
  const sums: Record<string, number> = {};
  for (const name of names) sums[name] = (sums[name] ?? 0) + 1;
  return Object.entries(sums).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
};

/** The same figures from the rows of the table, by no code of the digest's. */
const recount = (rows: readonly Record<string, AttributeValue>[], from: number, until: number) => {
  const inTime = rows.filter(
    ({ pk, openedAt }) => pk?.S?.startsWith('v1#incident#drawn-') && Number(openedAt?.N) >= from && Number(openedAt?.N) < until,
  );
  const all = inTime.map((row) => ({
    asked: row.asked !== undefined,
    out: row.outcome?.S ? (JSON.parse(row.outcome.S) as Outcome) : null,
    about: JSON.parse(row.incident?.S ?? ''),
  }));
  const outs = all.flatMap(({ out }) => out ?? []);
  const counted = outs.filter(({ quiet, status }) => !quiet && status !== 'healed-itself' && status !== 'dry-run');
  const times = (failure: string) =>
    outs
      .filter((one) => one.failure === failure && one.status === 'healed' && one.timeToRecoverSeconds !== null)
      .map((one) => one.timeToRecoverSeconds ?? 0)
      .sort((a, b) => a - b);
  // The smallest value with at least the share at or below it, found by looking at each.
  const quantile = (values: number[], share: number) =>
    values.find((value) => values.filter((one) => one <= value).length >= share * values.length);
  const refusals = outs
    .filter(({ status }) => status === 'held' || status === 'escalated')
    .map(({ timeline }) => timeline[0]?.answers?.[1]?.guard ?? '-');
  const loud = all.filter(({ out }) => out === null || (!out.quiet && out.status !== 'healed-itself'));
  return {
    incidents: all.length,
    open: all.length - outs.length,
    ended: Object.fromEntries(statuses.map((status) => [status, outs.filter((one) => one.status === status).length])),
    quiet: outs.filter(({ quiet }) => quiet).length,
    healed: [counted.filter(({ status }) => status === 'healed').length, counted.length],
    pagesAvoided: all.filter(({ asked, out }) => out?.status === 'healed' && out.verified && !asked && !out.opened).length,
    recovery: Object.fromEntries(
      failures.flatMap((failure) =>
        times(failure).length === 0
          ? []
          : [[failure, [times(failure).length, quantile(times(failure), 0.5), quantile(times(failure), 0.9)]]],
      ),
    ),
    holding: ranked(refusals.filter((name) => name !== '-')).slice(0, 5),
    heldByNone: refusals.filter((name) => name === '-').length,
    recurring: ranked(loud.map(({ out, about }) => `${(out ?? about).resource.type}/${(out ?? about).resource.id}`))
      .filter(([, count]) => count > 1)
      .map(([, count]) => count),
    usd: all.length * perIncident,
  };
};

/** A digest's figures in the form of the recount. */
const inThatForm = ({
  incidents,
  open,
  ended,
  quiet,
  healed,
  pagesAvoided,
  recovery,
  holding,
  heldByNone,
  recurring,
  cost,
  recurringResources,
}: Period) => ({
  ...{ incidents, open, ended, quiet, pagesAvoided, heldByNone, recurringResources },
  healed: [healed.times, healed.of],
  recovery: Object.fromEntries(recovery.map(({ failure, count, p50Seconds, p90Seconds }) => [failure, [count, p50Seconds, p90Seconds]])),
  holding: holding.map(({ guard, incidents }) => [guard, incidents]),
  recurring: recurring.map(({ incidents }) => incidents),
  usd: cost.incidentsUsd,
});

test('its figures are those of a recount of the table, in both times, and what can not be read is said', async () => {
  const digest = await digestOf(createPast(table.client, table.TableName), to, week, null);
  const rows = await rowsNow();
  for (const [period, until] of [[digest.now, to] as const, [digest.before, to - week] as const]) {
    const { recurring, usd, ...rest } = recount(rows, until - week, until);
    const told = inThatForm(period);
    expect(told).toEqual({ ...rest, usd: expect.closeTo(usd, 9), recurringResources: recurring.length, recurring: recurring.slice(0, 5) });
  }
  expect([digest.now.unread, digest.before.unread]).toEqual([4, 0]);
  // The draw has all that is counted.
  expect([digest.now.pagesAvoided, digest.now.open, digest.now.heldByNone, digest.before.incidents].every((count) => count > 0)).toBe(true);
  expect(digest.now.incidents).toBeGreaterThan(200);
  for (const { guard, settings } of digest.now.holding)
    expect(settings).toEqual(guardSettings[guard as keyof typeof guardSettings].settings);
  expect(digestSchema.parse(digest)).toEqual(digest);
});

test('it takes a query for each day, and a call for a hundred incidents', async () => {
  const calls: string[] = [];
  const client = {
    send: (command: object) => {
      calls.push(command.constructor.name);
      return table.client.send(command as never);
    },
  } as typeof table.client;
  await digestOf(createPast(client, table.TableName), to, week, null);
  // Fifteen days, the two halves of the day in the middle apart; each has a rest that fills no call.
  expect(calls.filter((name) => name === 'QueryCommand')).toHaveLength(16);
  expect(calls.filter((name) => name === 'BatchGetItemCommand').length).toBeLessThanOrEqual(16 + (total + 4) / 100);
});

test('one that the index names and the table does not give is counted as not read', async () => {
  const send = async (command: { constructor: { name: string } }) => {
    const answer = (await table.client.send(command as never)) as { Responses?: Record<string, unknown[]> };
    for (const items of Object.values(answer.Responses ?? {})) items.splice(0, 1);
    return answer;
  };
  const past = createPast({ send } as unknown as typeof table.client, table.TableName);
  const whole = await digestOf(createPast(table.client, table.TableName), to, week, null);
  const { now } = await digestOf(past, to, week, null);
  expect(now.unread).toBeGreaterThan(4);
  expect(now.incidents + now.unread).toBe(whole.now.incidents + whole.now.unread);
  expect((await learn(past, to)).unread).toBeGreaterThan(4);
});
