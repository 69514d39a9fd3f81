import { describe, expect, test } from '@jest/globals';
import { createClocks } from '../../local/testbed/clocks.ts';
import { runAs } from '../../local/testbed/engine/process.ts';
import { createRandom } from '../../packages/local-aws/src/core/random.ts';

const clock = { now: () => 1_000_000 };
const machine = (name: string) => ({ name, dead: false, die: () => {} });

describe('clocks of functions', () => {
  test('tell the true time unless they may be off', () => {
    expect(createClocks(clock, createRandom(1), 0).of('intake')()).toBe(clock.now());
  });

  test('are off by no more than they may be, each by its own, which stays', () => {
    const clocks = createClocks(clock, createRandom(1), 5000);
    const names = Array.from({ length: 50 }, (_, i) => `f-${i}`);
    const told = names.map((name) => clocks.of(name)());
    for (const at of told) expect(Math.abs(at - clock.now())).toBeLessThanOrEqual(5000);
    expect(Math.max(...told) - Math.min(...told)).toBeGreaterThan(5000);
    expect(names.map((name) => clocks.of(name)())).toEqual(told);
  });

  test('are those of the machines that executions run on', () => {
    const now = createClocks(clock, createRandom(1), 5000).of('remediate');
    const one = machine('one');
    expect(runAs(one, now)).toBe(runAs(one, now));
    expect(runAs(one, now)).not.toBe(runAs(machine('one'), now));
  });
});
