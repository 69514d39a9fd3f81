import { describe, expect, test } from '@jest/globals';
import { abridge } from '../../shared/incident/abridge.ts';
import { outcome } from './examples.ts';

describe('abridging', () => {
  const line = (text: string) => ({ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text });
  const long = outcome({ timeline: Array.from({ length: 100 }, (_, index) => line(`line ${index}`)) });
  const texts = ({ timeline }: typeof long) => timeline.map(({ text }) => text);

  test('leaves alone what has room', () => {
    expect(abridge(long, { bytes: JSON.stringify(long).length, keep: 2 })).toEqual(long);
  });

  test('keeps the beginning and the end of what has not, and says what is missing', () => {
    const short = abridge(long, { bytes: JSON.stringify(long).length - 1, keep: 2 });
    expect(texts(short)).toEqual(['line 0', 'line 1', 'lines left out here: 96', 'line 98', 'line 99']);
    expect({ ...short, timeline: [] }).toEqual({ ...long, timeline: [] });
  });

  test('counts bytes and not characters', () => {
    const wide = outcome({ timeline: Array.from({ length: 9 }, () => line('語'.repeat(600))) });
    expect(texts(abridge(wide, { bytes: JSON.stringify(wide).length * 2, keep: 1 }))).toHaveLength(3);
  });

  test('never repeats a line', () => {
    const few = { ...long, timeline: long.timeline.slice(0, 4) };
    expect(abridge(few, { bytes: 1, keep: 2 })).toEqual(few);
    expect(texts(abridge({ ...long, timeline: long.timeline.slice(0, 5) }, { bytes: 1, keep: 2 }))[2]).toBe('lines left out here: 1');
  });
});
