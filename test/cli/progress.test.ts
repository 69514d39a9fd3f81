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
    expect(written.stderr).toBe(`\r\u001b[2K50 %  ${'x'.repeat(32)}…\r\u001b[2K`);
  });

  test.each([
    [120, '[##########..........]  50 %  50 of 100 worlds, 312 incidents, 40 actions, 0 with violations'],
    [50, '50 %  50 of 100 worlds, 312 incidents, 40 actions'],
    [40, '50 %  50 of 100 worlds, 312 incidents'],
    [20, '50 %  50 of 100 wo…'],
  ])('keeps what is most important in %d columns, also after a resize', (columns, shown) => {
    const { io, written } = recordingIo({ isTTY: true, columns: 80 });
    const progress = progressOn(io.stderr);
    io.stderr.columns = columns;
    progress.show('50 of 100 worlds, 312 incidents, 40 actions, 0 with violations', 0.5);
    expect(written.stderr).toBe(`\r\u001b[2K${shown}`);
    expect(shown.length).toBeLessThan(columns);
  });

  test('shows a hostile name without its tricks', () => {
    const { io, written } = recordingIo({ isTTY: true, columns: 80 });
    progressOn(io.stderr).show('a\u001b[31m\nb');
    expect(written.stderr).toBe('\r\u001b[2Ka\ufffd[31m b');
  });

  test('is nothing at all in a pipe', () => {
    const { io, written } = recordingIo();
    const progress = progressOn(io.stderr);
    progress.show('half', 0.5);
    progress.clear();
    expect(written.stderr).toBe('');
  });
});
