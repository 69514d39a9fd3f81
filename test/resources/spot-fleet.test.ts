import { expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute } from './observing.ts';

const about = alarmOn('', { type: 'fleet', id: 'sfr-4b6d274d-0cea-4b2c-b3be-9dc627ad1f55' });

test('a look at a Spot Fleet tells how much of its target it has', async () => {
  const world = await createObserved();
  const { id } = about.resource;
  world.aws.ec2.placed.fleet({ id, createdAt: noon - 60 * minute, activity: 'pending_fulfillment', fulfilled: 0, target: 6 });
  expect((await world.look(about)).line).toBe(
    `Spot Fleet ${id}: active; created 11:00 UTC, 1 h 00 min ago; activity pending_fulfillment; capacity 0 of 6; type maintain`,
  );
  await world.close();
});
