import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { selfheal } from './io.ts';

const exec = promisify(execFile);
const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'selfheal-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasShell = (path: string) => ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].some((bin) => existsSync(join(bin, path)));
const script = async (shell: string): Promise<string> => {
  const path = join(folder, `selfheal.${shell}`);
  const { stdout } = await exec(process.execPath, [join(root, 'local/cli/selfheal.js'), 'completion', shell]);
  writeFileSync(path, stdout);
  return path;
};

const cases: [string[], RegExp, RegExp][] = [
  [['de'], /^demo$/m, /classify/],
  [[''], /^playbooks$/m, /--seed/],
  [['simulate', '--see'], /^--seeds$/m, /--json/],
  [['playbooks', 'restart-'], /^restart-instance$/m, /recover-host/],
  [['playbooks', '--j'], /^--json$/m, /restart/],
  [['completion', ''], /^zsh$/m, /demo/],
  [['help', 'gam'], /^gameday$/m, /demo/],
  [['gameday', 'zone-'], /^zone-outage$/m, /demo/],
  [['simulate', '--sabotage', 'no-l'], /^no-lease$/m, /no-budget/],
  [['aws', '--scenario', 'zone-'], /^zone-outage$/m, /--json/],
  [['playbooks', 'disk-'], /^disk-full$/m, /restart/],
  [['demo', '--report', 'pack'], /^package\.json$/m, /--json/],
];

describe.each(['bash', 'zsh'].filter(hasShell))('completion in %s', (shell) => {
  let path = '';
  beforeAll(async () => {
    path = await script(shell);
  });

  /** What is offered for words of which the last is being typed. */
  const offered = async (words: string[]): Promise<string> => {
    const line = ['selfheal', ...words].map((word) => `'${word}'`).join(' ');
    // Outside of a completion zsh has none of the functions that offer something: these print what they are given.
    const run =
      shell === 'bash'
        ? `source '${path}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _selfheal; printf '%s\\n' "\${COMPREPLY[@]}"`
        : `compdef() { }; compadd() { shift; print -l -- $@ }; _describe() { print -l -- \${(P)2%%:*} }; _files() { print -l -- *(N) }
           source '${path}'; words=(${line}); CURRENT=${words.length + 1}; _selfheal | grep -- "^\${words[CURRENT]}"`;
    const { stdout } = await exec(shell, [shell === 'bash' ? '--norc' : '-f', '-c', run], { cwd: root });
    return stdout;
  };

  test.each(cases)('of %j', async (words, there, notThere) => {
    const answer = await offered(words);
    expect(answer).toMatch(there);
    expect(answer).not.toMatch(notThere);
  });

  (shell === 'bash' ? test : test.skip)('does the same behind npx, and leaves what completed npx before', async () => {
    const press = async (...words: string[]) => {
      const line = ['npx', ...words].map((word) => `'${word}'`).join(' ');
      const before = '_before() { COMPREPLY=(before); }; complete -F _before npx';
      const run = `${before}; source '${path}'; source '${path}'; COMP_WORDS=(${line}); COMP_CWORD=${words.length}
        $(complete -p npx | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p'); printf '%s\\n' "\${COMPREPLY[@]}"`;
      return (await exec(shell, ['--norc', '-c', run], { cwd: root })).stdout;
    };
    expect(await press('selfheal', 'de')).toBe('demo\n');
    expect(await press('selfheal', 'simulate', '--sabotage', 'no-l')).toMatch(/^no-lease$/m);
    expect(await press('jest', '--no')).toBe('before\n');
  });

  test('offers files where a file can stand', async () => {
    expect(await offered(['classify', 'pack'])).toMatch(/^package\.json$/m);
    expect(await offered(['demo', 'pack']).catch(() => '')).not.toMatch(/package/);
  });
});

test('another shell is refused in one line', async () => {
  expect(await selfheal(['completion', 'fish'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'selfheal completion: name one shell, bash or zsh, not "fish"\n',
  });
  expect((await selfheal(['completion'])).code).toBe(2);
});
