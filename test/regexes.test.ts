import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from '@babel/parser';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { testWhole } from './runner/whole.ts';

const diagnostics = z.object({
  status: z.enum(['safe', 'vulnerable', 'unknown']),
  complexity: z.object({ summary: z.string() }).optional(),
});

/**
 * Two checkers. The first is quick and never calls a pattern safe that isn't: safe is what backtracks a bounded number of times, whatever
 * the input. What it doubts goes to the second, which is exact and takes up to seconds for a pattern; it is the build for browsers, which
 * needs no program of the machine's. Both run in a process of their own, since the sandbox of the tests makes them five times as slow.
 */
const checker = `
  const { isSafePattern } = require('redos-detector');
  const { checkSync } = require('recheck/lib/browser.js');
  const patterns = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
  const names = { caseInsensitive: 'i', dotAll: 's', multiLine: 'm', unicode: 'u' };
  const optionsOf = (flags) => Object.fromEntries(Object.entries(names).map(([name, flag]) => [name, flags.includes(flag)]));
  const check = ([source, flags]) =>
    isSafePattern(source, optionsOf(flags)).safe
      ? { status: 'safe' }
      : checkSync(source, flags, { timeout: 60_000 });
  console.log(JSON.stringify(patterns.map(check)));
`;

type Found = { where: string; source: string; flags: string } | { where: string; madeOf: string };

const root = new URL('../shared/', import.meta.url).pathname;

/** Every pattern that a piece of code has, and where one is put together as it runs. */
const patternsOf = (code: string, file: string): Found[] => {
  const found: Found[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const part of node) walk(part);
      return;
    }
    const { type, pattern, flags, callee, loc, ...parts } = node as Record<string, unknown>;
    const where = `${file}:${(loc as { start: { line: number } } | undefined)?.start.line}`;
    if (type === 'RegExpLiteral') found.push({ where, source: String(pattern), flags: String(flags) });
    if ((callee as { name?: string } | undefined)?.name === 'RegExp') found.push({ where, madeOf: String(type) });
    for (const part of [callee, ...Object.values(parts)]) walk(part);
  };
  walk(parse(code, { sourceType: 'module', plugins: ['typescript'] }).program);
  return found;
};

const patterns = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => patternsOf(readFileSync(`${root}${file}`, 'utf8'), file));

/** A repetition of many times is checked as one without end: it takes more time then, not less, and the checker takes none. */
const widened = (source: string): string => source.replace(/\{(\d+),(?:\d{2,})\}/g, (_, least: string) => (least === '0' ? '*' : '+'));

const repeats = (source: string): boolean => /[*+]|\{\d+,\}/.test(source);

const slow = ['^arn:.*:instance\\/(.+)$', '\\s*([:T])', '^(a+)+$', '^(?:a{1,255})(?:a{1,255})$'];

/** For each pattern why it may take more than linear time; null where it can't. */
const problemsOf = (patterns: ReadonlyArray<readonly [source: string, flags: string]>): (string | null)[] => {
  const wide = patterns.map(([source, flags]) => [widened(source), flags] as const);
  const { stdout } = spawnSync(process.execPath, ['-e', checker], { input: JSON.stringify(wide), encoding: 'utf8', cwd: root });
  const found = z.array(diagnostics).length(patterns.length).parse(JSON.parse(stdout));
  return found.map(({ status, complexity }) => (status === 'safe' ? null : `${status}: ${complexity?.summary}`));
};

describe('regular expressions of what runs in the account', () => {
  test('are written down, not put together as the code runs, so that they can be checked', () => {
    expect(patterns.filter((found) => 'madeOf' in found)).toEqual([]);
  });

  testWhole('take no more than linear time, whatever they are given, and those that take longer are found', () => {
    const literals = patterns.flatMap((found) => ('source' in found && repeats(widened(found.source)) ? [found] : []));
    const distinct = [...new Map(literals.map((found) => [`/${found.source}/${found.flags}`, found])).entries()];
    expect(distinct.length).toBeGreaterThan(40);
    // In one process, which takes longer to start than to check most of them.
    const problems = problemsOf([
      ...slow.map((source) => [source, ''] as const),
      ...distinct.map(([, { source, flags }]) => [source, flags] as const),
    ]);
    for (const problem of problems.splice(0, slow.length)) expect(problem).toMatch(/vulnerable/);
    expect(distinct.flatMap(([text, { where }], index) => (problems[index] ? [`${where}: ${text} is ${problems[index]}`] : []))).toEqual(
      [],
    );
  });

  test('the search finds them wherever they stand', () => {
    const code = "const a: RegExp = /x+/g; f(1 as number, (b) => b.replace(/y/, ''));\nnew RegExp(a); RegExp(b);";
    expect(patternsOf(code, 'f')).toEqual([
      { where: 'f:1', source: 'x+', flags: 'g' },
      { where: 'f:1', source: 'y', flags: '' },
      { where: 'f:2', madeOf: 'NewExpression' },
      { where: 'f:2', madeOf: 'CallExpression' },
    ]);
  });
});
