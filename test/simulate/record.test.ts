import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, openRecord, rangesOf } from '../../local/simulate/record.ts';
import { addTo, newTally } from '../../local/simulate/tally.ts';
import { selfheal } from '../cli/io.ts';
import { describeWhole } from '../runner/whole.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

const simulate = async (...args: string[]) => {
  const { code, stdout, stderr } = await selfheal(['simulate', '--scenario', 'releases', '--minutes', '10', '--json', ...args]);
  const { seconds, ...last } = stdout === '' ? {} : JSON.parse(stdout);
  return { code, last, seconds, stderr };
};
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describeWhole('selfheal simulate --resume', () => {
  const file = join(folder, 'record.json');
  let whole: Awaited<ReturnType<typeof simulate>>;
  beforeAll(async () => {
    whole = await simulate('--seeds', '2');
    await simulate('--seeds', '1', '--resume', file);
  });

  test('plays only what is not in the file, and sums all parts at the end', async () => {
    expect(read(file)).toMatchObject({ code: codeOf(), options: { minutes: 10, kind: 'releases' }, done: [[1, 1]], tally: { seeds: 1 } });
    const more = await simulate('--seeds', '2', '--resume', file);
    expect({ code: more.code, last: more.last }).toEqual({ code: whole.code, last: whole.last });
    const { seconds, ...record } = read(file);
    expect({ done: record.done, seconds }).toEqual({ done: [[1, 2]], seconds: expect.closeTo(more.seconds, 0) });
    const again = await simulate('--seeds', '1', '--resume', file);
    expect(again.last).toEqual(whole.last);
  });

  test.each([
    ['other minutes', ['--minutes', '60'], /other options: minutes was 10, and is 60 now/],
    ['another kind', ['--scenario', 'pages'], /other options: kind was "releases", and is "pages" now/],
    ['the harm budget', ['--harm'], /other options: harm was none, and is true now/],
    ['one seed', ['--seed', '3'], /can't be combined with --seed/],
    ['a sabotage', ['--sabotage', 'no-lease'], /can't be combined with --sabotage/],
    ['a report', ['--report', join(folder, 'page.html')], /can't be combined with --report/],
    ['no folder', ['--resume', join(folder, 'none', 'record.json')], /there is no folder/],
  ])('refuses %s', async (_, args, told) => {
    const before = readFileSync(file, 'utf8');
    expect(await simulate('--resume', file, ...args)).toMatchObject({ code: 2, last: {}, stderr: expect.stringMatching(told) });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test.each([
    [
      'another commit',
      (text: string) => text.replace(/"code":"[^"]*"/, '"code":"0123456789abcdef"'),
      /is of other code, 0123456789abcdef; this is/,
    ],
    ['half a record', (text: string) => text.slice(0, -40), /is no whole record of selfheal simulate/],
    ['counts that are none', (text: string) => text.replace('"seeds":', '"seeds":-'), /is no whole record of selfheal simulate/],
    ["somebody's file", () => 'minutes: of a meeting\n', /may not be selfheal's/],
  ])('refuses a file with %s', async (name, changed, told) => {
    const other = join(folder, `${name.replaceAll(' ', '-')}.json`);
    const text = changed(readFileSync(file, 'utf8'));
    writeFileSync(other, text);
    expect(await simulate('--resume', other)).toMatchObject({ code: 2, stderr: expect.stringMatching(told) });
    expect(readFileSync(other, 'utf8')).toBe(text);
  });

  test('keeps what is done when it is interrupted, and says that it is not all', async () => {
    const interrupted = join(folder, 'interrupted.json');
    const args = [
      'local/cli/selfheal.js',
      'simulate',
      '--scenario',
      'releases',
      '--minutes',
      '10',
      '--seeds',
      '5000',
      '--resume',
      interrupted,
      '--json',
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    for await (const { filename } of watch(folder)) if (filename === 'interrupted.json' && read(interrupted).done.length > 0) break;
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    const { seeds, interrupted: isCut } = JSON.parse(stdout);
    const { done, tally } = read(interrupted);
    expect({ code, seeds, isCut }).toEqual({ code: 130, seeds: tally.seeds, isCut: true });
    expect(done.reduce((sum: number, [from, to]: [number, number]) => sum + to - from + 1, 0)).toBe(seeds);
  });
});

describe('a record', () => {
  test('holds seeds as ranges, in whatever order they were played', async () => {
    expect(rangesOf([1, 2, 3, 7, 9, 10])).toEqual([
      [1, 3],
      [7, 7],
      [9, 10],
    ]);
    const file = join(folder, 'ranges.json');
    const fresh = () => newTally({ releases: false, harm: true });
    const record = await openRecord(file, { minutes: 5 }, fresh(), 'code');
    for (const seed of [9, 2, 1]) {
      const harm = { total: 1000, failed: 1, without: 2, acted: true };
      addTo(record.tally, { seed, incidents: 2, actions: 1, outcomes: { healed: 1 }, violations: [], rollbacks: 0, harm });
      record.add(seed);
    }
    await record.close(1.5);
    const again = await openRecord(file, { minutes: 5 }, fresh(), 'code');
    expect([1, 2, 3, 8, 9].map(again.has)).toEqual([true, true, false, false, true]);
    expect(again).toMatchObject({ seconds: 1.5, tally: { seeds: 3, incidents: 6, outcomes: { healed: 3 }, harm: { better: 3 } } });
  });
});
