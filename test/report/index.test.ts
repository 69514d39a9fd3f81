import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ReportData, Row } from '../../local/report/data.ts';
import { commandLine, reportRefusal, writeReport } from '../../local/report/index.ts';
import { pictureOf } from '../../local/report/picture.ts';
import { selfheal } from '../cli/io.ts';
import { input } from './examples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfheal-report-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (args: string[]) => selfheal(args, { columns: 80 });

describe('writing a report', () => {
  test('replaces a report that was there, and leaves nothing else behind', async () => {
    const home = await mkdtemp(join(folder, 'home-'));
    const path = join(home, 'out.html');
    await writeFile(path, '');
    await writeReport(path, input({ title: 'old' }));
    await writeReport(path, input());
    const page = await readFile(path, 'utf8');
    expect([page.slice(0, 15), page.slice(-8)]).toEqual(['<!doctype html>', '</html>\n']);
    expect(await readdir(home)).toEqual(['out.html']);
  });

  test('leaves what was there where it fails', async () => {
    const home = await mkdtemp(join(folder, 'home-'));
    const path = join(home, 'taken');
    await mkdir(path);
    await expect(writeReport(path, input())).rejects.toThrow();
    expect(await readdir(home)).toEqual(['taken']);
  });

  test.each([
    ['a text', 'my notes'],
    ['a page', '<!doctype html><html><head><title>mine</title></head></html>'],
    ['a page that speaks of reports', `<!doctype html>${'x'.repeat(2000)}<meta name="generator" content="selfheal report">`],
    ['what only has the mark', '<meta name="generator" content="selfheal report">'],
  ])('does not replace %s, unless it is forced', async (_what, content) => {
    const home = await mkdtemp(join(folder, 'home-'));
    const path = join(home, 'notes');
    await writeFile(path, content);
    const refusal = `${path} already exists and may not be selfheal's; --force replaces it`;
    expect(await reportRefusal(path)).toBe(refusal);
    await expect(writeReport(path, input())).rejects.toThrow(refusal);
    expect(await readFile(path, 'utf8')).toBe(content);
    expect(await reportRefusal(path, true)).toBeNull();
    await writeReport(path, input(), true);
    expect(await reportRefusal(path)).toBeNull();
    expect(await readdir(home)).toEqual(['notes']);
  });

  test('is refused beforehand where it can only fail', async () => {
    expect(await reportRefusal(join(folder, 'new.html'))).toBeNull();
    expect(await reportRefusal(folder)).toBe(`${folder} is not a file`);
    expect(await reportRefusal(join(folder, 'none', 'out.html'))).toBe(`there is no folder ${join(folder, 'none')}`);
  });
});

describe('--report', () => {
  test.each([['demo'], ['simulate', '--seeds', '1000']])('of %s is refused before any work is done', async (...args) => {
    const { code, stdout, stderr } = await run([...args, '--report', join(folder, 'none', 'x.html')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`selfheal ${args[0]}: --report: there is no folder ${join(folder, 'none')}\n`);
  });

  test.each([
    ['demo'],
    ['simulate', '--seed', '3', '--minutes', '10'],
    ['gameday', 'hung-instance'],
    ['replay', 'events/ec2/instance-stopped.json'],
    ['backtest', 'events/ec2'],
  ])('of %s costs nobody a file, before any work is done', async (...args) => {
    const path = join(folder, 'precious.md');
    await writeFile(path, 'precious');
    const { code, stdout, stderr } = await run([...args, '--report', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`selfheal ${args[0]}: --report: ${path} already exists and may not be selfheal's; --force replaces it\n`);
    expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('nor does simulate --write', async () => {
    const path = join(folder, 'world.yml');
    await writeFile(path, 'name: mine');
    const { code, stderr } = await run(['simulate', '--seed', '3', '--write', path]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `selfheal simulate: --write: ${path} already exists and may not be selfheal's; --force replaces it\n`,
    });
    expect(await readFile(path, 'utf8')).toBe('name: mine');
  });

  test('with --force replaces it, and says nothing of that in the report', async () => {
    const path = join(folder, 'precious.html');
    await writeFile(path, 'precious');
    expect((await run(['backtest', 'events/health', '--report', path, '--force'])).code).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('<title>');
    const forced = commandLine('demo', ['--report', path, '--force', '--seed', '2']);
    expect(forced).toBe('selfheal demo --seed 2');
  });

  const dataOf = async (path: string): Promise<ReportData> => {
    const [, data = ''] = /id="data">(.*?)<\/script>/.exec(await readFile(path, 'utf8')) ?? [];
    return JSON.parse(data) as ReportData;
  };

  test('of demo has a picture of each incident, with its tries, waits and looks', async () => {
    const path = join(folder, 'demo.html');
    const { code, stdout } = await run(['demo', '--json', '--report', path]);
    expect(code).toBe(0);
    const { rows, health, actions } = await dataOf(path);
    expect(rows).toHaveLength(stdout.trim().split('\n').length);
    expect(actions.map(({ action }) => action).sort()).toEqual(['reboot-instance', 'replace-member', 'scale-out']);
    expect(Math.max(...health.map(({ impaired }) => impaired))).toBeGreaterThan(0);
    const reboot = rows.find((row) => row.actions.some(({ action }) => action === 'reboot-instance'));
    const { moments, spans } = pictureOf(reboot as Row);
    const good = (lane: string) => moments.filter((moment) => moment.lane === lane).map((moment) => moment.good);
    expect(good('act')).toEqual([false, false, true]);
    expect(good('verify')).toContain(false);
    expect(good('verify').slice(-2)).toEqual([true, true]);
    const waits = spans.filter(({ lane }) => lane === 'wait').map(({ from, to }) => (to - from) / 1000);
    expect(waits).toHaveLength(2);
    expect(waits.every((seconds) => seconds > 0 && seconds < 60)).toBe(true);
  });

  test('of simulate tells which world an incident is of', async () => {
    const path = join(folder, 'simulation.html');
    const { code, stdout } = await run(['simulate', '--seed', '3', '--minutes', '10', '--report', path]);
    expect(code).toBe(0);
    expect(stdout).toContain(`The report is in ${path}.`);
    expect(await readFile(path, 'utf8').then((page) => page.slice(0, page.indexOf('<script')))).toContain(
      '<code>selfheal simulate --seed 3 --minutes 10</code>',
    );
    const { rows, health } = await dataOf(path);
    expect(new Set(rows.map(({ world }) => world))).toEqual(new Set(['seed 3']));
    expect(health.length).toBeGreaterThan(1);
    const policy = join(folder, 'rehearsal.yml');
    await writeFile(policy, 'mode: dry-run\n');
    const other = await run(['simulate', '--seed', '3', '--minutes', '10', '--against', path, '--policy', policy, '--json']);
    expect({ code: other.code, lines: other.stdout.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(other.stderr).toMatch(/now\s+dry-run/);
  });
});

describe('the command line', () => {
  test('is told as one types it, without where the report goes', () => {
    expect(commandLine('replay', ['--report', '/home/ana/x.html', 'my file.json', '--until', '10:00'])).toBe(
      "selfheal replay 'my file.json' --until 10:00",
    );
    expect(commandLine('demo', ['--report=x', "it's", '$(rm)'])).toBe("selfheal demo 'it'\\''s' '$(rm)'");
  });
});
