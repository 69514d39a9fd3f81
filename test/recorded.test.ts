import { readFileSync } from 'node:fs';
import { type AttributeValue, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../shared/actions/reboot-instance.ts';
import { answerOf } from '../shared/approvals/decide.ts';
import { isGenuine, parseToken } from '../shared/approvals/link.ts';
import { questionPage } from '../shared/approvals/page.ts';
import { sealing } from '../shared/approvals/seal.ts';
import { createApprovalStore } from '../shared/approvals/store.ts';
import { createLedger } from '../shared/aws/ledger.ts';
import { prefixOf } from '../shared/aws/ledger-keys.ts';
import { briefSchema, incidentSchema } from '../shared/model/incident.ts';
import { outcomeSchema } from '../shared/model/outcome-schema.ts';
import { placedAt } from '../shared/model/place.ts';
import { publishedSchema } from '../shared/notifications/schemas.ts';
import type { Ledger } from '../shared/ports/ledger.ts';
import { createApprovals } from '../shared/remediation/approvals.ts';
import { createJournal } from '../shared/remediation/journal.ts';
import { keys } from './approvals/examples.ts';
import { emptyTable } from './aws/table.ts';
import { simpleEngine } from './remediation/engine.ts';
import { incident as example, instanceId, noon } from './remediation/examples.ts';

const minute = 60_000;

/** What version 0.1 has written. It is never recorded anew: a version that writes something else gets a folder of its own. */
const recorded = (name: string) => JSON.parse(readFileSync(new URL(`recorded/0.1/${name}.json`, import.meta.url), 'utf8'));

describe('what an earlier version has left in the ledger', () => {
  const { incident } = recorded('payloads');
  const rows: Record<string, AttributeValue>[] = recorded('ledger');
  const ended = rows.find(({ outcome }) => outcome)?.pk?.S?.slice(prefixOf('incident').length) ?? '';
  const group = placedAt(incident, { type: 'group', id: 'web' });
  let ledger: Ledger;
  let where: { client: DynamoDBClient; TableName: string };

  beforeAll(async () => {
    where = await emptyTable();
    for (const Item of rows) await where.client.send(new PutItemCommand({ TableName: where.TableName, Item }));
    ledger = createLedger(where.client, where.TableName);
  });

  test('is of every kind that there is', () => {
    const kinds = ['announcement', 'approval', 'episode', 'failing', 'impaired', 'inbox', 'incident', 'layout', 'lease'] as const;
    const prefixes = [...kinds, 'replacements', 'sweep'].map((kind) => prefixOf(kind as (typeof kinds)[number]));
    expect(prefixes.filter((prefix) => !rows.some(({ pk }) => pk?.S?.startsWith(prefix)))).toEqual([]);
    expect(rows.filter(({ pk }) => !prefixes.some((prefix) => pk?.S?.startsWith(prefix)))).toEqual([]);
  });

  test('shows an incident under way, with what it has out of service', async () => {
    expect(await ledger.open(incident, noon)).toBeNull();
    const out = { instance: instanceId, group: null };
    expect(await ledger.read(incident.key)).toEqual({
      status: 'open',
      incident,
      outcome: null,
      notified: [],
      reconciled: false,
      openedAt: noon,
      asked: [],
      stop: null,
      out,
      leases: [placedAt(incident, { type: 'group-place', id: 'web/0' })],
      begun: [{ at: noon, action: 'stop-start-instance', target: incident.resource, attempt: 1 }],
      story: [{ at: '2026-11-20T12:00:00.000Z', phase: 'act', text: `stop and start instance ${instanceId}` }],
    });
    expect(await ledger.outOfService()).toEqual([
      { incident: incident.key, since: noon, ...out, seen: noon + minute, why: 'InsufficientInstanceCapacity', notified: true },
    ]);
    expect(await ledger.sweepCursor()).toBe(noon);
  });

  test('shows an incident that has ended, with its outcome', async () => {
    const read = await ledger.read(ended);
    expect(read).toMatchObject({ status: 'healed', notified: ['people', 'bus'], reconciled: true });
    expect(outcomeSchema.parse(read?.outcome)).toEqual(read?.outcome);
    expect(await ledger.open({ ...incident, key: ended }, noon)).toEqual(read?.outcome);
  });

  test('holds leases and attempts, and who waits', async () => {
    const own = placedAt(incident, incident.resource);
    expect(await ledger.acquire(own, 'another', noon, noon + minute)).toEqual({
      acquired: false,
      holder: incident.key,
      until: noon + 15 * minute,
    });
    expect(await ledger.acquire(own, incident.key, noon, noon + 15 * minute)).toEqual({
      acquired: true,
      attempts: [
        { at: noon - 60 * minute, action: 'reboot-instance', incident: 'earlier' },
        { at: noon, action: 'stop-start-instance', incident: incident.key },
      ],
    });
    expect(await ledger.holderOf(group, noon)).toBe(incident.key);
  });

  test('counts: replacements, what fails nearby, impaired zones, and who tells of it', async () => {
    expect(await ledger.replacements(group)).toEqual({
      of: group,
      earlier: [{ at: noon, key: 'abcdefabcdef', young: true }],
      version: 1,
    });
    const second = { id: 'i-2', zone: null, group: null };
    expect(await ledger.noteFailing(incident, second, noon, 5 * minute, ['use1-az1'])).toEqual({
      failing: expect.arrayContaining([{ id: instanceId, zone: 'us-east-1a', group: 'web' }]),
      full: false,
      impaired: ['use1-az1'],
    });
    expect(await ledger.electReporter('mass-failure 123456789012/us-east-1', 'another', noon, 60 * minute)).toBe(false);
  });

  test('keeps an inbox with its letters, which is closed, and an episode', async () => {
    const copies = await ledger.copies(incident.key);
    expect(copies).toHaveLength(2);
    expect(copies).toContainEqual(incident);
    expect(await ledger.post({ ...incident, reason: 'another copy' }, noon)).toBe(true);
    expect(await ledger.readEpisode(incident, 'launches#web')).toEqual({
      opener: incident.key,
      openedAt: noon,
      lastAt: noon + 5,
      joined: 1,
    });
  });

  test('keeps an approval, whose link and decision are still good', async () => {
    const { link, answer } = recorded('approval');
    const token = parseToken(new URL(link).pathname.slice(1));
    const store = sealing(createApprovalStore(where.client, where.TableName), async () => keys);
    const stored = token && (await store.read(token.id));
    expect(stored).toMatchObject({
      approval: { incident: incident.key },
      decision: { decision: 'approve', name: 'Ana' },
      delivery: 'delivered',
    });
    expect(token && stored && isGenuine(token, stored.approval, keys)).toBe(true);
    expect(stored?.decision && answerOf(stored.decision)).toBe(answer);
    // Whoever opened it undecided would be asked for a name, too, and told no more than was asked then.
    const page = stored ? questionPage(stored.approval, 't', noon) : '';
    expect(page).toMatch(/<input id="name" [^>]*required/);
    expect(page).not.toContain('Expected downtime');
  });
});

describe('what an earlier version has sent', () => {
  test('starts an execution, in brief or whole', () => {
    const { brief, incident } = recorded('payloads');
    expect(briefSchema.parse(brief)).toEqual(brief);
    expect(incidentSchema.parse(incident)).toEqual(incident);
  });

  test('answers the callback of a question', async () => {
    const { durable, now } = simpleEngine({ start: noon, answers: () => recorded('approval').answer });
    const journal = createJournal(durable, { now, random: () => 0.5 });
    const approvals = createApprovals({ durable, journal, reporter: { requestApproval: async () => {} } as never, seconds: 3600 });
    expect(await approvals.request(example(), rebootInstance, example().resource, 'reboot it', 'the policy asks for it')).toBeNull();
    expect(approvals.has(rebootInstance, example().resource)).toBe(true);
  });

  test('tells of an outcome', () => {
    const outcome = recorded('outcome');
    expect(publishedSchema.parse(outcome)).toEqual(outcome);
  });
});
