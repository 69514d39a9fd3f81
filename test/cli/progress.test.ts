import { describe, expect, test } from '@jest/globals';
import { barOf, progressOn } from '../../local/terminal/progress.ts';
import { recordingIo } from './io.ts';

describe('progress', () => {
  test.each([
    [0, '[....................]   0 %'],
    [0.399, '[#######.............]  39 %'],
    [0.999, '[###################.]  99 %'],
    [1, '[####################] 100 %'],
    [7, '[####################] 100 %'],
    [-1, '[....................]   0 %'],
  ])('of %d is %s', (share, bar) => {
    expect(barOf(share)).toBe(bar);
  });

  test('is one line on a terminal that is gone when it is over, and fits the terminal', () => {
    const { io, written } = recordingIo({ isTTY: true, columns: 40 });
    const progress = progressOn(io.stderr);
    progress.show('x'.repeat(100), 0.5);
    progress.clear();
    progress.clear();
    expect(written.stderr).toBe(`\r\u001b[2K[##########..........]  50 %  ${'x'.repeat(39 - 30)}\r\u001b[2K`);
  });

  test('is nothing at all in a pipe', () => {
    const { io, written } = recordingIo();
    const progress = progressOn(io.stderr);
    progress.show('half', 0.5);
    progress.clear();
    expect(written.stderr).toBe('');
  });
});
