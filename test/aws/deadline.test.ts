import { describe, expect, test } from '@jest/globals';
import { boundedBy, currentDeadline } from '../../shared/aws/deadline.ts';
import { unbounded } from '../../shared/ports/deadline.ts';

describe('a deadline', () => {
  test('holds for all that is run under it and what that waits for, and for nothing else', async () => {
    const asked: number[] = [];
    const { signal } = new AbortController();
    const bounded = boundedBy(20_000, (milliseconds) => {
      asked.push(milliseconds);
      return signal;
    });
    const seen = bounded(async () => {
      const first = currentDeadline();
      await Promise.resolve();
      return [first, currentDeadline()];
    });
    expect(currentDeadline()).toBeUndefined();
    expect(await seen).toEqual([signal, signal]);
    expect(asked).toEqual([20_000]);
  });

  test('begins anew with each piece of work', async () => {
    const signals = [new AbortController().signal, new AbortController().signal];
    const bounded = boundedBy(1, () => signals.shift() as AbortSignal);
    const [first, second] = [await bounded(async () => currentDeadline()), await bounded(async () => currentDeadline())];
    expect(first).not.toBe(second);
  });

  test("is none where nobody has a timer: simulated time is not the clock's", async () => {
    expect(boundedBy(1, undefined)).toBe(unbounded);
    expect(await unbounded(async () => currentDeadline())).toBeUndefined();
  });
});
