import { readdirSync, readFileSync } from 'node:fs';
import { ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host } from '../../local/testbed/host.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { detailTypes } from '../../shared/notifications/published.ts';
import { publishedQuestion } from '../../shared/notifications/question.ts';
import { schemaFiles } from '../../tools/schemas.ts';
import { approval } from '../approvals/examples.ts';
import { change, outcome } from '../remediation/examples.ts';

const folder = new URL('../../docs/schemas/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
/** What a reader of the published file, who knows nothing of our code, makes of a message. */
const validate = (name: string, message: unknown): string[] => {
  const result = z.fromJSONSchema(JSON.parse(read(`${name}.schema.json`))).safeParse(JSON.parse(JSON.stringify(message)));
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

/** One instance whose kernel hangs, one that its owner leaves to people, and one that nobody opted in. */
const play = async (): Promise<Host> => {
  const host = await createHost({ seed: 3, start, account: '111122223333', region: 'us-east-1' });
  const fleet = createFleet(host);
  const [hung = '', left = '', other = ''] = [
    await fleet.instance({ name: 'a' }),
    await fleet.instance({ name: 'b', tags: { 'selfheal:playbook': 'none' } }),
    await fleet.instance({ name: 'c', optedIn: false }),
  ];
  for (const id of [hung, left, other]) await fleet.statusAlarm(id, 'Instance');
  await host.run(() => false, start + 40 * minute);
  await host.operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: hung, AutoRecovery: 'disabled' }));
  for (const target of [hung, left, other]) host.aws.faults.inject({ fault: 'hang-kernel', target });
  await host.run(() => host.outcomes.length >= 3 && !host.busy(), start + 600 * minute);
  await host.close();
  return host;
};

describe('the published schemas', () => {
  test('are up to date: `npm run schemas` writes them', () => {
    const published = readdirSync(folder).filter((name) => name.endsWith('.json'));
    expect(Object.fromEntries(published.map((name) => [name, read(name)]))).toEqual(schemaFiles());
  });

  test('refuse what is missing or of another kind', () => {
    const good = { version: '1', ...outcome() };
    const { incident: _, ...nameless } = good;
    expect(validate('outcome.v1', good)).toEqual([]);
    expect(validate('outcome.v1', nameless)).not.toEqual([]);
    expect(validate('outcome.v1', { ...good, version: '2' })).not.toEqual([]);
    expect(validate('outcome.v1', { ...good, status: 'better' })).not.toEqual([]);
    expect(validate('outcome.v1', { ...good, changes: Array.from({ length: 6 }, () => change()) })).not.toEqual([]);
  });

  test('take what may come to version 1: other fields, and other values in the lists that may grow', () => {
    const later = { version: '1', ...outcome(), failure: 'disk-on-fire', runbook: 'https://example.com' };
    expect(validate('outcome.v1', later)).toEqual([]);
  });
});

describe('what is published', () => {
  let host: Host;
  beforeAll(async () => {
    host = await play();
  });

  test('on the bus is what the schema says, in an envelope of its kind', () => {
    expect(new Set(host.outcomes.map(({ status }) => status)).size).toBeGreaterThanOrEqual(3);
    for (const detail of host.outcomes as Outcome[]) {
      expect(validate('outcome.v1', detail)).toEqual([]);
      const envelope = { id: '1', source: 'selfheal', account: '111122223333', time: detail.endedAt, region: 'us-east-1', resources: [] };
      const event = { version: '0', ...envelope, 'detail-type': detailTypes[detail.status], detail };
      expect(validate('outcome-event.v1', event)).toEqual([]);
      expect(validate('outcome-event.v1', { ...event, 'detail-type': 'Incident' })).not.toEqual([]);
    }
    // Something must have been told of each part that there is.
    const { outcomes } = host;
    expect(outcomes.some(({ actions }) => actions.length > 0)).toBe(true);
    expect(outcomes.some(({ changes }) => changes.length > 0)).toBe(true);
    expect(outcomes.some(({ timeline }) => timeline.some(({ answers }) => answers?.some(({ reason }) => reason)))).toBe(true);
  });

  test('on the topic is the same document', () => {
    const loud = host.outcomes.filter(({ quiet }) => !quiet);
    expect(host.messages.map((message) => JSON.parse(message))).toEqual(expect.arrayContaining(loud));
    expect(host.messages).toHaveLength(loud.length);
  });

  test('as a question is what its schema says', () => {
    expect(validate('approval-request.v1', publishedQuestion(approval(), 'https://abc123.lambda-url.us-east-1.on.aws/id.mac'))).toEqual([]);
    expect(validate('approval-request.v1', { ...publishedQuestion(approval(), 'not a link') })).not.toEqual([]);
  });
});
