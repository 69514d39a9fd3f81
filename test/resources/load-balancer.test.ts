import { describe, expect, test } from '@jest/globals';
import { loadBalancer } from '../../shared/resources/load-balancer.ts';
import { alarmOn, createObserved } from './observing.ts';

const named = (id: string) => alarmOn('AWS/NetworkELB', { type: 'load-balancer', id });

describe('a look at a load balancer', () => {
  test.each([
    ['app/web/fedcba9876543210', 'application'],
    ['net/web/fedcba9876543210', 'network'],
    ['gateway/web/fedcba9876543210', 'gateway'],
  ])('finds %s by the ARN that its name is the end of', async (id, type) => {
    const world = await createObserved();
    await world.place(named(id));
    expect((await world.look(named(id))).line).toMatch(new RegExp(`: active; created .*; ${type}, internet-facing$`));
    await world.close();
  });

  test('is at none of the classic ones, which have an API of their own', async () => {
    expect(loadBalancer.is(named('old-web'))).toBe(false);
    const world = await createObserved();
    expect(await world.look(named('old-web'))).toMatchObject({
      result: 'not-looked',
      line: "load-balancer old-web was not looked for: selfheal doesn't read Classic Load Balancers",
    });
    await world.close();
  });
});
