import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../../bench/bundles.ts';
import type { composePolicy } from '../../shared/compose/policy.ts';
import type { PackagedPolicy } from '../../shared/policy/packaged.ts';
import { digestOf, policyText, versionOf } from '../../shared/policy/policy-version.ts';
import { parsePolicy, readPackagedPolicy } from '../../shared/policy/read-policy.ts';
import { packagePolicy, policyOfParameter } from '../../tools/deployment/packaged-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-packaged-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = new URL('../..', import.meta.url).pathname;

const policy = parsePolicy('{"mode": "dry-run", "playbooks": {"load-saturated": "none"}, "optIn": {"key": "heal"}}');
const packaged = packagePolicy(policy);

describe('the policy of a package', () => {
  test('is what was packaged, under its version', () => {
    expect(readPackagedPolicy(packaged)).toEqual({ ...policy, version: versionOf(packaged.digest) });
    expect(packagePolicy(policyOfParameter('docs/policy.example.yml', root)).digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, PackagedPolicy]>([
    ['another mode', { ...packaged, text: packaged.text.replace('"dry-run"', '"enforce"') }],
    ['a setting less', { ...packaged, text: packaged.text.replace(/,"playbooks":\{[^}]*\}/, '') }],
    ['another digest', { ...packaged, digest: digestOf('another') }],
    ['no policy', { text: 'nothing', digest: digestOf('nothing') }],
  ])('is not followed with %s: nothing is done, and it says why', (_, changed) => {
    expect(changed).not.toEqual(packaged);
    expect(readPackagedPolicy(changed)).toMatchObject({
      mode: 'off',
      modes: [],
      problem: expect.stringContaining("isn't what was packaged"),
    });
  });

  test('has one version however it is written, and another for another policy', () => {
    const text = (given: object) => policyText(parsePolicy(JSON.stringify(given)));
    expect(text({ mode: 'off', calendars: ['abc'] })).toBe(text({ calendars: ['abc'], budget: { actions: 6 }, mode: 'off' }));
    expect(text({ playbooks: { 'disk-full': 'none', 'error-rate': 'none' } })).toBe(
      text({ playbooks: { 'error-rate': 'none', 'disk-full': 'none' } }),
    );
    expect(text({ calendars: ['abc', 'def'] })).not.toBe(text({ calendars: ['def', 'abc'] }));
  });
});

describe('a bundle', () => {
  let bundles = 0;
  const compose = async (given?: PackagedPolicy) => {
    const { file } = await bundle(`policy-${++bundles}`, folder, 'shared/compose/policy.ts', given);
    const loaded = createRequire(import.meta.url)(file) as { composePolicy: typeof composePolicy };
    const lines: string[] = [];
    const composed = (text: string) => loaded.composePolicy(text, ({ message }) => lines.push(message));
    return { composed, lines };
  };

  test('has the policy that was packaged, unless a variable has another one', async () => {
    const { composed, lines } = await compose(packaged);
    expect(composed('')).toEqual({ ...policy, version: versionOf(packaged.digest) });
    expect(composed('{"mode": "off"}')).toEqual(parsePolicy('{"mode": "off"}'));
    expect(lines).toEqual([]);
  });

  test('has as many rules as a policy may have', async () => {
    const subject = { type: 'group', id: 'web' };
    const alarms = Array.from({ length: 500 }, (_, i) => ({
      metric: `Metric${i}`,
      failure: 'load-saturated',
      direction: 'above',
      subject,
    }));
    const { composed, lines } = await compose(packagePolicy(parsePolicy(JSON.stringify({ classification: { alarms } }))));
    expect(composed('').classification.alarms).toEqual(alarms);
    expect(lines).toEqual([]);
  });

  test('that was changed does nothing, and logs it', async () => {
    const { composed, lines } = await compose({ ...packaged, text: packaged.text.replace('"dry-run"', '"enforce"') });
    expect(composed('')).toMatchObject({ mode: 'off', problem: expect.any(String) });
    expect(lines).toEqual(['policy not usable']);
  });

  test('without one has the defaults', async () => {
    expect((await compose()).composed('')).toEqual(parsePolicy(''));
  });
});
