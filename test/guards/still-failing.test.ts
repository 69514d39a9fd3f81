import { describe, expect, test } from '@jest/globals';
import { stillFailing } from '../../shared/guards/still-failing.ts';
import { healthy, unhealthy, unknown } from '../../shared/health/health.ts';
import { guardInput } from './examples.ts';

describe('still-failing', () => {
  test('passes what is broken on the live look', () => {
    expect(stillFailing.check(guardInput({ health: unhealthy('the instance check fails') }))).toEqual({ answer: 'pass' });
  });

  test.each([
    [healthy('both status checks pass'), {}],
    [unknown('status checks: system initializing, instance initializing'), { unseen: true }],
  ])('holds for now what is $state, and says why, and whether nobody can see it', (health, seen) => {
    expect(stillFailing.check(guardInput({ health }))).toEqual({
      answer: 'hold',
      passing: true,
      reason: `the live look does not show a failure: ${health.because}`,
      ...seen,
    });
  });
});
