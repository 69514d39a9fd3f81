import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn(
  '',
  { type: 'database', id: 'orders-proxy' },
  { kind: 'rds', evidence: { source: 'db-proxy' }, at: noon - 5 * minute },
);

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at a proxy', () => {
  test('names a change of its settings shortly before the failure', async () => {
    const name = 'orders-proxy';
    world.aws.rds.placed.proxy({
      name,
      createdAt: noon - 600 * minute,
      updatedAt: noon - 15 * minute,
      status: 'insufficient-resource-limits',
    });
    expect(await world.look(about)).toEqual({
      result: 'found',
      line: 'database proxy orders-proxy: insufficient-resource-limits; settings changed at 11:45 UTC, 15 min 00 s ago; for POSTGRESQL, TLS required',
      change: { at: noon - 15 * minute, text: 'settings changed at 11:45 UTC, 10 min 00 s before the failure' },
    });
  });

  test('takes its making for no change', async () => {
    await world.place(about);
    const { change, line } = await world.look(about);
    expect(change).toBeNull();
    expect(line).toMatch(/: available; created 2026-/);
  });
});
