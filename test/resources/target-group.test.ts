import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isObservedItself } from '../../shared/resources/observe.ts';
import { targetGroup } from '../../shared/resources/target-group.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const about = alarmOn('AWS/ApplicationELB', { type: 'target-group', id: 'targetgroup/web/0123456789abcdef' });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at a target group', () => {
  test('tells how many of its targets are how, and why', async () => {
    const { ec2, loadBalancing } = world.aws;
    const spec = { imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: 'us-east-1a', tags: [] };
    const ids = Array.from({ length: 3 }, () => ec2.launch(spec).id);
    loadBalancing.place(targetGroup.trailName(about) ?? '', ids);
    await world.aws.advanceTo(noon - 30 * minute);
    loadBalancing.sickenTarget({ instanceId: ids[0] ?? '' });
    const { line } = await world.look(about);
    expect(line).toMatch(
      /: 2 of 3 targets healthy; AWS doesn't say since when; 2 healthy; 1 unhealthy \(Target\.\w+\); checked by HTTP \/; behind placed-1$/,
    );
  });

  test('is left to the look that every incident has, where something may be done about it', () => {
    expect(isObservedItself(about)).toBe(false);
    expect(isObservedItself({ ...about, disposition: 'remediate' })).toBe(true);
  });
});
