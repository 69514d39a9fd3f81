import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { recordSchema } from '../../local/simulate/record.ts';

const folder = new URL('../../docs/records/', import.meta.url);
const safety = readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8');

describe.each(readdirSync(folder))('the record %s', (name) => {
  const { code, done, tally } = recordSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));

  test('is of one commit, and no promise is broken in it', () => {
    expect(code).toMatch(/^[0-9a-f]{40}$/);
    expect(tally.broken).toEqual([]);
    expect(done.reduce((sum, [from, to]) => sum + to - from + 1, 0)).toBe(tally.seeds);
  });

  test('is told of in the docs, with its commit and its counts', () => {
    const rows = safety.split('\n').filter((line) => line.includes(`records/${name}`));
    expect(rows).toEqual([
      expect.stringContaining(
        `| ${code.slice(0, 8)} | ${[tally.seeds, tally.incidents, tally.actions].map((n) => n.toLocaleString('en')).join(' | ')} |`,
      ),
    ]);
  });
});
