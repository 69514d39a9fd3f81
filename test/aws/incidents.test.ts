import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHost, type Host } from '../../local/testbed/host.ts';
import { createIncidents } from '../../shared/aws/incident-archive.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { Incidents } from '../../shared/ports/incident-archive.ts';
import { incident, outcome } from '../remediation/examples.ts';

const start = Date.parse('2026-03-02T23:00:00Z');
const hour = 3_600_000;
let host: Host;
let incidents: Incidents;

beforeAll(async () => {
  host = await createHost({ seed: 1, start, account: '111122223333', region: 'us-east-1', listens: false });
  incidents = createIncidents(host.clients.dynamodb, 'selfheal-local-ledger');
  // One an hour, over two midnights.
  for (let n = 0; n < 30; n++) await host.ledger.open({ ...incident({}), key: `load-saturated-${n}` }, start + n * hour);
  await host.ledger.close({ ...outcome({}), incident: 'load-saturated-3' });
  // What isn't an incident is none.
  await host.ledger.acquire(placedAt(host.aws.world, { type: 'instance', id: 'i-1' }), 'load-saturated-3', start, start + hour);
});
afterAll(() => host.close());

const names = (found: { incident: string }[]) => found.map(({ incident }) => Number(incident.split('-').at(-1)));

describe('recent incidents', () => {
  test('come newest first, over midnight', async () => {
    expect(names(await incidents.recent({ from: start, to: start + 4 * hour, limit: 100 }))).toEqual([4, 3, 2, 1, 0]);
  });

  test('are at most as many as asked for: the newest', async () => {
    expect(names(await incidents.recent({ from: start, to: start + 29 * hour, limit: 7 }))).toEqual([29, 28, 27, 26, 25, 24, 23]);
  });

  test('have their outcome where they have ended, and none while they are open', async () => {
    const found = await incidents.recent({ from: start + 2 * hour, to: start + 3 * hour, limit: 10 });
    expect(found.map(({ outcome }) => outcome?.status ?? null)).toEqual(['healed', null]);
  });

  test('are none where there are none, however long the time', async () => {
    expect(await incidents.recent({ from: 0, to: start - 1, limit: 10 })).toEqual([]);
  });
});
