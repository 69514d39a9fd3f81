import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { runPlan } from '../../local/backtest/plan.ts';
import { backtestCommand, createBacktestCommand } from '../../local/cli/backtest.ts';
import type { Command } from '../../local/cli/command.ts';
import { runCommand } from '../../local/cli/main.ts';
import { jsonLines, recordingIo } from '../cli/io.ts';
import { answering, change, instance, loaded, unreachable } from './history-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-backtest-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const stream = (name: string, values: readonly unknown[]) => file(name, values.map((value) => JSON.stringify(value)).join('\n'));

/** In this thread, which is sooner there. */
const here = createBacktestCommand(runPlan);

const run = async (args: string[], stdin: string[] = [], command: Command = here) => {
  const { io, written } = recordingIo({ columns: 100, stdin });
  const code = await runCommand(command, args, io);
  const { stdout, stderr } = written;
  return {
    code,
    stdout,
    stderr,
    lines: () => jsonLines(stdout),
  };
};

const month = stream('month.jsonl', [unreachable(0, 1), answering(4, 1), loaded(30), loaded(90), change(120, { metric: 'NoSuchMetric' })]);
const strict = file('strict.json', { modes: [{ when: { failure: 'load-saturated' }, mode: 'off' }] });

describe('selfheal backtest', () => {
  test('tells it in a few lines, and what it rests on', async () => {
    const { code, stdout, stderr } = await run([month]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/incidents +4/);
    expect(stdout).toMatch(/pages saved +3/);
    expect(stdout).toMatch(/pages sent +1/);
    expect(stdout).toContain('reboot-instance 1');
    expect(stdout).toContain('scale-out 2');
    expect(stdout).toContain('every resource is assumed to have the opt-in tag');
    expect(stdout).toContain('only the live account can answer');
    expect(stdout.split('\n').length).toBeLessThan(30);
  });

  test('holds two policies against each other', async () => {
    const { code, stdout } = await run([month, '--against', strict]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/pages saved +3 +1/);
    expect(stdout).toContain('2 incidents end differently');
    expect(stdout).toMatch(/load-saturated on web: treated \(scale-out\) → held\s+\(mode\)/);
    expect(stdout).toContain('month.jsonl:3');
  });

  test('for machines: a line for each incident, or each that differs, and a summary last', async () => {
    const all = (await run([month, '--json'])).lines();
    expect(all.map(({ type }) => type)).toEqual(['incident', 'incident', 'incident', 'incident', 'summary']);
    expect(all[0]).toMatchObject({
      failure: 'instance-unreachable',
      policy: { status: 'treated', action: 'reboot-instance', page: false },
    });
    expect(all.at(-1)).toMatchObject({ signals: 5, policy: { incidents: 4, pages: 1, pagesSaved: 3 }, assumptions: [expect.any(String)] });
    const differing = (await run([month, '--json', '--against', strict])).lines();
    expect(differing).toMatchObject([
      { where: `${month}:3`, differs: true, policy: { status: 'treated' }, against: { status: 'held', guard: 'mode' } },
      { where: `${month}:4`, differs: true },
      { type: 'summary', differences: 2, policy: { pages: 1 }, against: { pages: 3 } },
    ]);
  });

  test('runs in a thread of its own, and comes to the same there', async () => {
    const text = [unreachable(0), loaded(30)].map((value) => `${JSON.stringify(value)}\n`).join('');
    const args = ['-', '--json', '--against', strict];
    expect((await run(args, [text], backtestCommand)).stdout).toBe((await run(args, [text])).stdout);
    const state = file('unfit.state', 'nonsense');
    expect(await run([month, '--state', state], [], backtestCommand)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('not the state'),
    });
    // Two threads have to load all that a session needs.
  });

  test('reads standard input, and shows what it could not read', async () => {
    const { code, stdout, stderr } = await run(['-', '--json'], [`${JSON.stringify(unreachable(0))}\nnon`, 'sense\u001b[2J\n']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^selfheal backtest: -:2: not JSON: .*\n$/);
    expect(stderr).not.toContain('\u001b');
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ bad: 1, policy: { incidents: 1 } });
  });

  test('shows the first ten bad lines, and counts the others', async () => {
    const { code, stderr } = await run([file('bad.jsonl', `${'{"a":\n'.repeat(13)}${JSON.stringify(unreachable(0))}\n`)]);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(11);
    expect(stderr).toContain('bad.jsonl:10: not JSON');
    expect(stderr).toContain('and 3 more');
  });

  test('names do not paint the terminal', async () => {
    const hostile = change(0, { namespace: 'X', metric: '\u001b[2J', name: '\u001b[31mred\u202e', dimensions: { a: 'b' } });
    const { stdout } = await run([stream('hostile.jsonl', [hostile]), '--against', strict]);
    for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
  });

  test('writes a page to look at', async () => {
    const report = join(folder, 'report.html');
    const { code, stdout } = await run([month, '--report', report]);
    expect(code).toBe(0);
    expect(stdout).toContain(report);
    const page = readFileSync(report, 'utf8');
    expect(page).toContain(instance(1));
    expect(page).toContain('Nothing here happened');
  });

  test('leaves no state behind when it is through', async () => {
    const state = join(folder, 'state');
    const plain = await run([month, '--json']);
    expect((await run([month, '--json', '--state', state])).stdout).toBe(plain.stdout);
    expect(existsSync(state)).toBe(false);
  });
});

describe('selfheal backtest says in one line why it can’t run', () => {
  const cases: [args: string[], why: string][] = [
    [[], 'no input given'],
    [[join(folder, 'gone.jsonl')], 'gone.jsonl: no such file'],
    [[folder, '--policy', join(folder, 'gone.json')], 'gone.json: no such file'],
    [[month, '--policy', file('bad-policy.json', '{"mode":"enforced"}')], 'bad-policy.json:1:9: mode:'],
    [[month, '--against', file('no-policy.json', 'nonsense')], 'no-policy.json:1:1: (root): '],
    [[month, '--from', 'yesterday'], '--from must be a time'],
    [[month, '--from', '2026-11-02', '--to', '2026-11-01'], '--from must be before --to'],
    [[month, '--heals-after', '0'], '--heals-after must be a whole number from 1'],
    [[month, '--opted-in', file('who.json', '{"a":1}')], 'who.json: must be ids'],
    [['-', '--state', join(folder, 's')], '--state works with files only'],
    [[month, '--state', file('no.state', 'nonsense')], 'no.state: it is not the state'],
    [[month, '--report', join(folder, 'no', 'report.html')], 'there is no folder'],
  ];
  test.each(cases)('%j', async (args, why) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a folder without events', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(await run([empty])).toMatchObject({ code: 2, stderr: expect.stringContaining('it contains no event files') });
  });
});
