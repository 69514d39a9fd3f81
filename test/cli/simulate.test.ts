import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { testWhole } from '../runner/whole.ts';
import { selfheal } from './io.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));

const simulate = (...args: string[]) => selfheal(['simulate', '--minutes', '5', ...args], { columns: 200 });

describe('selfheal simulate --write', () => {
  testWhole('writes the world of a seed as a scenario that a game day plays, and overwrites nothing', async () => {
    const file = join(folder, 'world.yml');
    const { code, stdout } = await simulate('--seed', '5', '--write', file);
    expect(code).toBe(0);
    expect(stdout).toContain(`selfheal gameday ${file} plays it`);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# Drawn by selfheal simulate .*--seed 5/);
    const played = await selfheal(['gameday', file, '--json']);
    expect({ code: played.code, verdict: JSON.parse(played.stdout).verdict }).toEqual({ code: 0, verdict: 'holds' });
    const again = await simulate('--seed', '5', '--write', file);
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(`--write: ${file} already exists`) });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((await simulate('--seed', '7', '--write', file, '--force')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^# Drawn by selfheal simulate .*--seed 7/);
  });

  test('writes the shortest world that breaks a promise, and says which', async () => {
    const file = join(folder, 'broken.yml');
    const { code, stdout } = await simulate('--seeds', '1', '--sabotage', 'no-deduplication', '--write', file);
    expect(code).toBe(1);
    const [, kept, whole] = /\((\d+) of (\d+) steps\)/.exec(stdout) ?? [];
    expect(Number(kept)).toBeLessThan(Number(whole));
    expect(readFileSync(file, 'utf8')).toContain('cut down to what breaks: The same episode');
  });

  test('writes nothing where there is nothing to write', async () => {
    const { code, stdout } = await simulate('--seeds', '1', '--write', join(folder, 'none.yml'));
    expect(code).toBe(0);
    expect(stdout).toContain('no promise was broken');
  });
});

describe('selfheal simulate --policy', () => {
  test('plays the same worlds under a policy of the team, and writes it into them', async () => {
    const policy = join(folder, 'policy.yml');
    writeFileSync(policy, 'mode: off\nmodes: [{ when: { failure: disk-full }, mode: off }]\n');
    const world = join(folder, 'under.yml');
    const { code, stdout } = await simulate('--seed', '5', '--policy', policy, '--write', world);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\b0 actions\b/) });
    // The world's own settings stay where the policy has the defaults.
    expect(readFileSync(world, 'utf8')).toMatch(/^policy:\n {2}budget: \{ actions: 4,[\s\S]*^ {2}mode: "?off"?$/m);
    expect(await simulate('--seed', '5', '--policy', join(folder, 'gone.yml'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no such file'),
    });
  });
});
