import { expect, test } from '@jest/globals';
import { ec2Fleet } from '../../shared/resources/ec2-fleet.ts';
import { spotFleet } from '../../shared/resources/spot-fleet.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute } from './observing.ts';

const about = alarmOn('', { type: 'fleet', id: 'fleet-598fb973-87b7-422d-8002-a8a4d3e2e5c1' });

test('a look at an EC2 Fleet tells how much of its target it has', async () => {
  const world = await createObserved();
  world.aws.ec2.placed.fleet({ id: about.resource.id, createdAt: noon - 60 * minute, activity: 'error', fulfilled: 1, target: 10 });
  expect((await world.look(about)).line).toBe(
    `EC2 Fleet ${about.resource.id}: active; created 11:00 UTC, 1 h 00 min ago; activity error; capacity 1 of 10; type maintain`,
  );
  await world.close();
});

test('an EC2 Fleet is told from a Spot Fleet by its id', () => {
  expect([ec2Fleet.is(about), spotFleet.is(about)]).toEqual([true, false]);
});
