import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../src/core/clock.ts';

describe('the virtual clock', () => {
  test('runs what is due in the order of its time, and at one time in the order in which it was scheduled', () => {
    const clock = createClock(1000);
    const ran: string[] = [];
    clock.at(3000, () => ran.push('late'));
    clock.at(2000, () => ran.push('first'));
    clock.at(2000, () => ran.push('second'));
    clock.advanceTo(2500);
    expect(ran).toEqual(['first', 'second']);
    expect(clock.now()).toBe(2500);
    expect(clock.next()).toBe(3000);
  });

  test('stands at the time of an entry while that runs', () => {
    const clock = createClock(0);
    let seen = -1;
    clock.after(70, () => {
      seen = clock.now();
    });
    clock.advanceTo(100);
    expect(seen).toBe(70);
  });

  test('never goes back, and runs what was scheduled for the past at the present', () => {
    const clock = createClock(1000);
    clock.advanceTo(500);
    expect(clock.now()).toBe(1000);
    let seen = 0;
    clock.at(10, () => {
      seen = clock.now();
    });
    clock.advanceTo(1000);
    expect(seen).toBe(1000);
  });

  test('does not run what was cancelled, nor counts it as due', () => {
    const clock = createClock(0);
    const cancel = clock.at(10, () => expect(true).toBe(false));
    cancel();
    expect(clock.next()).toBeUndefined();
    clock.advanceTo(20);
  });

  test('repeats at whole multiples since the epoch plus the offset, until it is cancelled from within', () => {
    const clock = createClock(130_500);
    const ran: number[] = [];
    const cancel = clock.every(
      60_000,
      () => {
        ran.push(clock.now());
        if (ran.length === 3) cancel();
      },
      7_000,
    );
    clock.advanceTo(1_000_000);
    expect(ran).toEqual([187_000, 247_000, 307_000]);
    expect(clock.next()).toBeUndefined();
  });

  test('sorts any agenda as a stable sort would, whatever is cancelled', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), keep: fc.boolean() })), (entries) => {
        const clock = createClock(0);
        const ran: number[] = [];
        for (const [i, { at, keep }] of entries.entries()) {
          const cancel = clock.at(at, () => ran.push(i));
          if (!keep) cancel();
        }
        clock.advanceTo(50);
        const expected = entries.map((entry, i) => ({ ...entry, i })).filter(({ keep }) => keep);
        expect(ran).toEqual(expected.sort((a, b) => a.at - b.at).map(({ i }) => i));
      }),
    );
  });
});
