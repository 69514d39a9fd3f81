import { describe, expect, test } from '@jest/globals';
import { flapping } from '../../shared/guards/flapping.ts';
import { incident, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const hour = 3600_000;
type Begun = { ago: number; incident?: string; action?: string };
const ask = (...begun: Begun[]) =>
  flapping.check(
    guardInput({
      policy: effective({ flapping: { times: 2, window: 6 * 3600 } }),
      attempts: () =>
        begun.map(({ ago, incident: by = `other-${ago}`, action = 'reboot-instance' }) => ({
          at: noon - ago * hour,
          incident: by,
          action,
        })),
    }),
  );

describe('flapping', () => {
  test.each<[string, Begun[]]>([
    ['it was never done', []],
    ['it was done in fewer incidents', [{ ago: 1 }]],
    ['it was done too long ago', [{ ago: 1 }, { ago: 6 }, { ago: 7 }]],
    ['other things were done', [{ ago: 1 }, { ago: 2, action: 'stop-start-instance' }]],
    [
      'it was done twice in one incident',
      [
        { ago: 1, incident: 'one' },
        { ago: 1.1, incident: 'one' },
      ],
    ],
    ['it was done in this incident', [{ ago: 1 }, { ago: 0.1, incident: incident().key }]],
  ])('passes where %s', (_, begun) => {
    expect(ask(...begun)).toEqual({ answer: 'pass' });
  });

  test('leaves what was done in several incidents, and did not last, to the next rung', () => {
    expect(ask({ ago: 1 }, { ago: 5.9 })).toMatchObject({
      answer: 'skip',
      reason: expect.stringContaining('in 2 incidents within 6 h 00 min'),
    });
  });

  test('holds where nobody knows what was tried', () => {
    expect(flapping.check(guardInput({ attempts: () => undefined }))).toMatchObject({ answer: 'hold' });
  });
});
