import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

test.each([
  ['active', /: active since 10:00 UTC, 2 h 00 min ago; 1 of 4 m7i\.large free in us-east-1a$/],
  ['cancelled', /: cancelled; created 10:00 UTC, 2 h 00 min ago; 1 of 4 m7i\.large free in us-east-1a$/],
] as const)('a look at a capacity reservation tells how much of it is free: %s', async (state, line) => {
  const id = 'cr-0123456789abcdef0';
  world.aws.ec2.placed.reservation({ id, createdAt: noon - 120 * minute, state, free: 1 });
  expect((await world.look(alarmOn('', { type: 'capacity-reservation', id }))).line).toMatch(line);
});
