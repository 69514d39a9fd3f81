import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { describeWhole, whole } from '../runner/whole.ts';

const root = new URL('../../', import.meta.url).pathname;
const bin = join(root, 'local/cli/selfheal.js');
const folder = mkdtempSync(join(tmpdir(), 'selfheal-terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { AWS_REGION: _, AWS_DEFAULT_REGION: __, AWS_PROFILE: ___, ...rest } = process.env;
/** An environment without a region. */
const env = { ...rest, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: join(folder, 'none') };

/** Runs a line of a shell, in which `selfheal` is the command. */
const shell = (line: string): Promise<{ code: number; stdout: string; stderr: string }> =>
  promisify(execFile)('bash', ['--norc', '-c', `selfheal() { '${process.execPath}' '${bin}' "$@"; }\n${line}`], { cwd: root, env }).then(
    (said) => ({ code: 0, ...said }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );

// `script` gives it a terminal of its own.
const onTerminal = whole && existsSync('/usr/bin/script') ? test : test.skip;
onTerminal('Ctrl-C in a narrow terminal tells what is known, and no line of progress is longer than the terminal', async () => {
  // No shell waits for it: some of them die of the same Ctrl-C before they could say how it ended.
  const line = `stty cols 30 -echo; exec '${process.execPath}' '${bin}' demo`;
  const child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], env });
  let shown = '';
  child.stdout.on('data', (chunk) => {
    if (!shown.includes('simulated') && `${shown}${chunk}`.includes('simulated')) child.stdin.write('\u0003');
    shown += chunk;
  });
  const [code] = await once(child, 'close');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
  const progress = shown.split(/[\r\n]|\u001b\[2K/).filter((text) => text.includes('simulated'));
  expect(progress).not.toEqual([]);
  expect(progress.filter((text) => text.length >= 30)).toEqual([]);
  expect(shown).toMatch(/Interrupted: \d of \d+ incidents had ended\./);
  expect(code).toBe(130);
});

describeWhole('a disk that is full', () => {
  test.each([
    ['where stdout goes', 'selfheal playbooks > /dev/full', "selfheal: the output can't be written: the disk is full\n"],
    [
      'where files go names the file, leaves nothing half-written and what was there as it was',
      // A limit on the size of files breaks off a write in the middle, as a full disk does.
      `trap '' XFSZ; ulimit -f 4; selfheal adopt docs/examples/account/alarms.json --report '${folder}/page.html' --force > /dev/null`,
      `selfheal adopt: ${folder}/page.html can't be written: it would be larger than a file may be here\n`,
    ],
  ])('%s', async (_what, line, said) => {
    const page = join(folder, 'page.html');
    writeFileSync(page, 'as it was');
    expect(await shell(line)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(said) });
    expect(readFileSync(page, 'utf8')).toBe('as it was');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

test('whoever reads no further ends a command quietly', async () => {
  expect(await shell('set -o pipefail; selfheal playbooks --json | head -c 1')).toEqual({ code: 0, stdout: '{', stderr: '' });
});

test('without a region a command that asks AWS says so in one line, with what to do', async () => {
  const lines = ['adopt --live', 'backtest --account'];
  const said = await Promise.all(lines.map((line) => shell(`selfheal ${line}`)));
  const why = 'no region: set AWS_REGION, or one for the profile (aws configure set region us-east-1)';
  expect(said).toEqual(lines.map((line) => ({ code: 2, stdout: '', stderr: `selfheal ${line.split(' ')[0]}: ${why}\n` })));
});

test('in a pipe nothing is broken into lines, whatever COLUMNS says', async () => {
  const { stdout } = await shell('COLUMNS=40 selfheal playbooks restart-instance');
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeGreaterThan(120);
  expect(stdout).not.toContain('\u001b');
});
