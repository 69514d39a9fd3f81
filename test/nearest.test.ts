import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nearest } from '../shared/model/nearest.ts';

const known = ['reboot-instance', 'stop-start-instance', 'start-instance', 'off', 'dry-run'];

describe('the nearest name', () => {
  test.each([
    ['reboot-instanc', 'reboot-instance'],
    ['rebot-instnce', 'reboot-instance'],
    ['of', 'off'],
    ['stop-start', 'stop-start-instance'],
    ['stop-start-instance-now', 'stop-start-instance'],
    ['reboot', 'reboot-instance'],
  ])('to %s is %s', (name, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });

  test.each(['', 'pray', 'terminate', 'x'.repeat(65), `reboot-instance${'x'.repeat(100)}`])('to %j is none', (name) => {
    expect(nearest(name, known)).toBeUndefined();
  });

  test('is one of those that are known, if it is any', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (name) => {
        const found = nearest(name, known);
        if (found !== undefined) expect(known).toContain(found);
      }),
    );
  });
});
