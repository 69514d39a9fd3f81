import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { jsonLines, selfheal } from './io.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const policy = (...args: string[]) => selfheal(['policy', ...args]);

const good = file('good.yml', 'mode: dry-run\nbudget: { actions: 3 }\n');
const same = file('same.json', '{"budget": {"actions": 3}, "mode": "dry-run"}');
const bad = file('bad.yml', 'mode: dryrun\nbudgets: {}\n');

describe('selfheal policy check', () => {
  test('tells that a policy can be used, and which version it is, however it is written', async () => {
    const { code, stdout } = await policy('check', good);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/good\.yml: can be used; policy version [0-9a-f]{12}\n$/) });
    const both = jsonLines((await policy('check', good, same, '--json')).stdout);
    expect(both[0]).toEqual({ file: good, policyVersion: stdout.trim().slice(-12), problems: [], more: 0 });
    expect(both[1].policyVersion).toBe(both[0].policyVersion);
  });

  test('tells each problem with its place', async () => {
    expect(await policy('check', bad)).toEqual({
      code: 1,
      stdout: '',
      stderr: `${bad}:1:7: mode: "dryrun" is not one of off, dry-run, enforce; did you mean dry-run?\n${bad}:2:1: there is no "budgets"; did you mean budget?\n`,
    });
    const { code, stdout } = await policy('check', '--json', bad);
    expect([code, ...jsonLines(stdout)]).toMatchObject([
      1,
      {
        policyVersion: null,
        problems: [
          { line: 1, column: 7, path: 'mode' },
          { line: 2, column: 1 },
        ],
      },
    ]);
  });

  test.each([
    [[], 'say what to do: check'],
    [['chek', good], 'there is no "chek"; did you mean check?'],
    [['check'], 'no file given'],
    [['check', join(folder, 'gone.yml')], 'gone.yml: no such file'],
  ])('can not run with %j', async (args, why) => {
    expect(await policy(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(why) });
  });
});
