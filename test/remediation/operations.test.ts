import { describe, expect, test } from '@jest/globals';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { alarmIsOk } from '../../shared/health/alarm.ts';
import { unknown } from '../../shared/health/health.ts';
import { rung, watch } from '../../shared/playbooks/playbook.ts';
import { countOperations, OperationsSpentError, operationLimits } from '../../shared/remediation/operations.ts';
import { drive } from './drive.ts';
import { simpleEngine } from './engine.ts';
import { alarm, countedGroup, memberFacts } from './examples.ts';

const day = 86_400;
/** A pause of a poll is none. */
const operationsIn = (trail: readonly string[]) => trail.filter((entry) => !entry.startsWith('verify-again')).length;
const rings = { alarm: alarm() };

describe('operations', () => {
  test('are counted: steps, waits, callbacks, and each check of a poll', async () => {
    const { durable, used } = countOperations(simpleEngine().durable);
    await durable.step('a', async () => 1);
    await durable.once('b', async () => 1);
    await durable.wait('c', 1);
    await durable.callback('d', 60);
    expect(used()).toBe(4);
    const polled = await durable.poll<number>('e', async (_, count) => ({ value: count, again: count < 3 ? 60 : null }));
    expect(polled).toEqual({ value: 3, count: 3 });
    expect(used()).toBe(7);
  });

  test('of a poll end with the share, and what would go on with it is stopped', async () => {
    const { durable, used } = countOperations(simpleEngine().durable);
    for (let n = 0; n < 2498; n++) await durable.wait('w', 1);
    const endless = () => durable.poll<number>('e', async (_, count) => ({ value: count, again: 60 }));
    expect(await endless()).toEqual({ value: 2, count: 2 });
    expect(used()).toBe(2500);
    await expect(endless()).rejects.toThrow(OperationsSpentError);
  });

  test('are spent at 2,500, from when on nothing more is run, until it is to be concluded', async () => {
    const engine = simpleEngine();
    const { durable, used, require, conclude } = countOperations(engine.durable);
    for (let n = 0; n < 2500; n++) await durable.wait('w', 1);
    const more = [() => durable.step('a', async () => 1), () => durable.once('b', async () => 1), () => durable.wait('c', 1)];
    for (const run of more) expect(run).toThrow(OperationsSpentError);
    expect(() => durable.callback('d', 60)).toThrow(OperationsSpentError);
    expect(() => require(1)).toThrow(OperationsSpentError);
    expect(engine.trail).toHaveLength(2500);
    conclude();
    for (const run of more) await run();
    expect(used()).toBe(2503);
  });
});

describe('an incident that comes to no end', () => {
  const endless = watch({ because: 'somebody may come', atMost: 60 * day });

  test('ends with an outcome and its story before the engine ends it', async () => {
    const run = await drive({ look: () => rings, playbook: { ladder: [endless] } });
    expect(run.outcome).toMatchObject({ status: 'failed', verified: false, reason: expect.stringContaining("selfheal can't go on") });
    expect(run.outcome.timeline.map(({ phase }) => phase)).toContain('verify');
    expect(run.told).toEqual(['metrics failed', 'bus failed', 'people failed']);
    expect(operationsIn(run.trail)).toBeGreaterThan(operationLimits.treatment);
    expect(operationsIn(run.trail)).toBeLessThan(operationLimits.most - 400);
  });

  test('begins nothing for which too little is left', async () => {
    const watching = (hours: number) =>
      drive({
        look: () => memberFacts(rings),
        playbook: { ladder: [watch({ because: 'somebody may come', atMost: hours * 3600 }), rung(replaceMember)] },
      });
    const late = await watching(175);
    expect(late.outcome.status).toBe('failed');
    expect(late.changes).toEqual([]);
    expect(operationsIn(late.trail)).toBeGreaterThan(2000);
    expect(operationsIn(late.trail)).toBeLessThan(operationLimits.treatment);
    expect((await watching(1)).changes).toHaveLength(1);
  });

  test('tells first what it has taken out of service and not seen back', async () => {
    const never = { id: 'never', check: () => unknown('nothing is known') };
    const run = await drive({
      look: ({ acted }) => memberFacts({ ...rings, group: countedGroup(acted > 0 ? 1 : 2) }),
      playbook: { failing: [alarmIsOk], healthy: [never], ladder: [rung(replaceMember, { within: 60 * day })] },
    });
    expect(run.outcome).toMatchObject({ status: 'failed' });
    expect(run.outcome.reason).toMatch(/^TERMINATED by selfheal: i-\w+ of group web; 1 of 2 members are in service; selfheal can't go on/);
  });
});
