import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { equivalents } from '../../tools/mutants/equivalents.ts';
import { type Mutant, mutantsOf, mutate } from '../../tools/mutants/operators.ts';
import { createPool } from '../../tools/mutants/pool.ts';
import { drawMutants, type Result, testMutants } from '../../tools/mutants/run.ts';
import { testWhole } from '../runner/whole.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

describe('the mutants', () => {
  test.each([
    ['a < b;', ['a <= b;']],
    ['a === b && !c;', ['a === b || !c;', 'a !== b && !c;', 'a === b && c;']],
    ['if (a) b;', ['if (true) b;', 'if (false) b;']],
    ['x = a ? 1 : 300;', ['x = true ? 1 : 300;', 'x = false ? 1 : 300;', 'x = a ? 2 : 300;', 'x = a ? 1 : 600;']],
    ["x = ['a', 'b'];", ["x = ['b'];", "x = ['a'];"]],
    ['await f(a);', ['void f(a);', ';']],
    ['x = a.filter(f);', ['x = a;']],
    ['x = a.some(f);', ['x = a.every(f);']],
    ['const f = () => { return; };', ['const f = () => { ; };']],
    [
      'const f = () => { if (g()) return h(1.5); return i(a); };',
      ['if (true) return h(1.5)', 'if (false) return h(1.5)', 'if (g()) return h(3)', 'if (g()) return i(1.5)']
        .map((part) => `const f = () => { ${part}; return i(a); };`)
        .concat('const f = () => { if (g()) return h(1.5); return h(a); };'),
    ],
    [
      'const f = () => { if (g()) return a.b; return null; };',
      expect.arrayContaining(['const f = () => { if (g()) return null; return null; };']),
    ],
    // Types, and words for people, are left alone.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    ["let x: 1 | true; const y = a as 2; import { b } from 'c'; z = `${a} thing${d ? '' : 's'}`;", []],
  ])('of %s', (source, mutated) => {
    const found = mutantsOf('a.ts', source);
    expect(found.map(({ mutated: line }) => line).toSorted()).toEqual(Array.isArray(mutated) ? mutated.toSorted() : mutated);
    for (const one of found) expect(mutate(source, one)).toContain(one.mutated);
  });

  test('that are drawn by a seed are the same for the same seed', () => {
    const draw = (seed: number) => drawMutants(['shared/guards'], seed, 20).drawn;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(new Set(draw(1)).size).toBe(20);
  });

  test('that are listed as equivalent are still mutants of their file, once each', () => {
    const known = (file: string) => mutantsOf(file, read(file)).map(({ original, mutated }) => `${original}\n${mutated}`);
    expect(equivalents.filter(({ file, original, mutated }) => !known(file).includes(`${original}\n${mutated}`))).toEqual([]);
    expect(new Set(equivalents.map(({ reason, ...one }) => JSON.stringify(one))).size).toBe(equivalents.length);
  });
});

describe('a run', () => {
  const pool = createPool({ size: 1 });
  const hasty = createPool({ size: 1, patience: 1, graceMs: 200 });
  afterAll(() => {
    pool.end();
    hasty.end();
  });
  const file = 'shared/guards/budget.ts';
  const change = (from: string, replacement: string): Mutant => {
    const start = read(file).indexOf(from);
    expect(start).toBeGreaterThan(0);
    const where = { start, end: start + from.length, replacement };
    return { file, operator: 'condition', ...where, line: 1, original: from, mutated: replacement };
  };
  const withLine = (added: string): Mutant => change('    if (begun.some', `${added}\n    if (begun.some`);
  const fates = async (drawn: Mutant[], by = pool) => {
    const results: Result[] = [];
    await testMutants(drawn, {
      pool: by,
      told: { stage: () => undefined, warn: (text) => expect(text).toBe(''), result: (result) => results.push(result) },
      testsOf: () => ['test/guards/budget.test.ts'],
      compiles: async ({ replacement }) => !replacement.includes(': number'),
    });
    return results.map(({ status, by: what }) => [status, what]);
  };

  test('tells what a test notices, what does not compile and what nobody notices, and writes nothing', async () => {
    const text = read(file);
    const drawn = [
      change('recent < actions', 'recent <= actions'),
      withLine('notDeclared;'),
      withLine(''),
      withLine('const x: number = "";'),
    ];
    expect(await fates(drawn)).toEqual([
      ['killed', expect.stringContaining('test/guards/budget.test.ts: escalates where')],
      ['killed', expect.stringContaining('test/guards/budget.test.ts: ')],
      ['survived', null],
      ['killed', 'types'],
    ]);
    expect(read(file)).toBe(text);
  });

  testWhole('ends what has no end', async () => {
    expect(await fates([withLine('while (true);')], hasty)).toEqual([['killed', 'test/guards/budget.test.ts: the time limit']]);
  });
});
