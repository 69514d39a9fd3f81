import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { availabilityZone } from '../../shared/resources/availability-zone.ts';
import { alarmOn, createObserved, type Observed } from './observing.ts';

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at an Availability Zone', () => {
  test.each([
    ['us-east-1b', "Availability Zone us-east-1b: available; AWS doesn't say since when; zone id use1-az2"],
    ['use1-az2', "Availability Zone use1-az2: available; AWS doesn't say since when; here us-east-1b"],
  ])('knows it by its name and by its id: %s', async (id, line) => {
    expect(await world.look(alarmOn('', { type: 'zone', id }))).toMatchObject({ result: 'found', line });
  });

  test('never says that a zone is gone, which AWS has no code for', async () => {
    const { result, line } = await world.look(alarmOn('', { type: 'zone', id: 'us-east-1z' }));
    expect(result).toBe('failed');
    expect(line).toMatch(/^Availability Zone us-east-1z could not be read: ec2:DescribeAvailabilityZones: .*InvalidParameterValue/);
  });

  test("has CloudTrail asked about none, since nobody's call changes one", () => {
    expect(availabilityZone.trailName(alarmOn('', { type: 'zone', id: 'us-east-1b' }))).toBeNull();
  });
});
