import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

test.each([
  [{ state: 'completed' }, 'completed since 11:01 UTC, 59 min 00 s ago; of vol-0fedcba9876543210, 8 GiB'],
  [{ state: 'pending' }, 'pending; created 11:00 UTC, 1 h 00 min ago; 40% done; of vol-0fedcba9876543210, 8 GiB'],
  [
    { state: 'error', message: 'the key is disabled' },
    'error; created 11:00 UTC, 1 h 00 min ago; the key is disabled; of vol-0fedcba9876543210, 8 GiB',
  ],
] as const)('a look at a snapshot of EBS tells its state and why: %j', async (placed, line) => {
  const id = 'snap-0123456789abcdef0';
  world.aws.ec2.placed.snapshot({ id, startedAt: noon - 60 * minute, ...placed });
  expect((await world.look(alarmOn('', { type: 'snapshot', id }))).line).toBe(`EBS snapshot ${id}: ${line}`);
});
