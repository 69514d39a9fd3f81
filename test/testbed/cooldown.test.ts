import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { skipCooldown } from '../../local/testbed/engine/cooldown.ts';
import { runAs } from '../../local/testbed/engine/process.ts';

skipCooldown();

const cooldown = 20;
const inFunction = <T>(run: () => T): T => runAs({ name: 'x-1', dead: false, die: () => {} }, run);
const timers: ReturnType<typeof setTimeout>[] = [];
const set = (run: () => void, delay: number) => {
  const timer = setTimeout(run, delay);
  timers.push(timer);
  return timer;
};
/** How Node sees it: one of its timers, or something that it does in the next turn of its loop. */
const kindOf = (timer: object) => timer.constructor.name;

afterEach(() => {
  for (const timer of timers.splice(0)) clearTimeout(timer);
});

describe('a timer', () => {
  test("of the SDK's cooldown is over a turn later in a function", async () => {
    let rung = false;
    inFunction(() =>
      set(() => {
        rung = true;
      }, cooldown),
    );
    expect(rung).toBe(false);
    await setImmediate();
    expect(rung).toBe(true);
  });

  test('of that length can be cleared', async () => {
    let rung = false;
    inFunction(() =>
      clearTimeout(
        set(() => {
          rung = true;
        }, cooldown),
      ),
    );
    await setImmediate();
    expect(rung).toBe(false);
  });

  test('of another length, or of no function, is one of Node', () => {
    expect(kindOf(inFunction(() => set(() => {}, cooldown)))).toBe('Immediate');
    expect(kindOf(inFunction(() => set(() => {}, cooldown + 1)))).toBe('Timeout');
    expect(kindOf(set(() => {}, cooldown))).toBe('Timeout');
  });
});
