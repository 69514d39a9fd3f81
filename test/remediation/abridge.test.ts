import { describe, expect, test } from '@jest/globals';
import { abridge, newestLines } from '../../shared/model/abridge.ts';
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
    expect(texts(short)).toEqual(['line 0', 'line 1', 'lines omitted here: 96', 'line 98', 'line 99']);
    expect({ ...short, timeline: [] }).toEqual({ ...long, timeline: [] });
  });

  test('counts bytes and not characters', () => {
    const wide = outcome({ timeline: Array.from({ length: 9 }, () => line('語'.repeat(600))) });
    expect(texts(abridge(wide, { bytes: JSON.stringify(wide).length * 2, keep: 1 }))).toHaveLength(3);
  });

  test('never repeats a line', () => {
    const few = { ...long, timeline: long.timeline.slice(0, 4) };
    const abridged = (of: typeof long, keep: number) => texts(abridge(of, { bytes: JSON.stringify(of).length - 1, keep }));
    expect(abridged(few, 2)).toEqual(['line 0', 'lines omitted here: 2', 'line 3']);
    expect(abridged({ ...long, timeline: long.timeline.slice(0, 6) }, 2)[2]).toBe('lines omitted here: 2');
  });

  test('keeps less and less until it fits, whatever is in it', () => {
    const answers = [{ guard: 'budget', answer: 'pass' as const, reason: '\u0001'.repeat(300) }];
    const odd = { ...line('"\\\u0001'.repeat(200)), answers };
    const action = { action: 'reboot-instance', target: 'i-0', attempt: 1, at: '2026-11-20T12:00:00.000Z', result: 'done' };
    const huge = outcome({ timeline: Array.from({ length: 3000 }, () => odd), actions: Array.from({ length: 3000 }, () => action) });
    for (const bytes of [200_000, 50_000, 10_000]) {
      const short = abridge(huge, { bytes, keep: 50 });
      expect(JSON.stringify(short).length).toBeLessThanOrEqual(bytes);
      expect(short.timeline.length).toBeGreaterThanOrEqual(3);
      expect(short.reason).toBe(huge.reason);
    }
  });
});

describe('the newest lines of a story', () => {
  const line = (text: string) => ({ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text });
  const story = Array.from({ length: 10 }, (_, index) => ({ ...line(`line ${index}`), answers: [] }));
  const texts = (lines: number, bytes: number) => newestLines(story, { lines, bytes }).map(({ text }) => text);

  test('are as many as there is room for, without what single guards said', () => {
    expect(newestLines(story, { lines: 2, bytes: 1000 })).toEqual([line('line 8'), line('line 9')]);
    const size = JSON.stringify([line('line 7'), line('line 8'), line('line 9')]).length;
    expect([texts(10, size), texts(10, size - 2)]).toEqual([
      ['line 7', 'line 8', 'line 9'],
      ['line 8', 'line 9'],
    ]);
    expect(texts(10, 10)).toEqual([]);
  });
});
