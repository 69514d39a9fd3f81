import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readPolicyText } from '../local/policy/read.ts';
import type { PackagedPolicy } from '../shared/policy/packaged.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { policyProblems } from '../tools/check-policy.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const template = (policy: string) => `service: selfheal\nparams:\n  default:\n    mode: dry-run\n  prod:\n    policy: ${policy}\n`;
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, ['tools/check-policy.ts', ...args], { cwd: root }).then(
    () => ({ code: 0, stderr: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );

describe('a check of the policies in a template', () => {
  test.each([
    ['that is empty', "''"],
    ['that is right', `'{"mode": "dry-run", "calendars": ["releases"]}'`],
    ['over several lines', `|\n      {\n        "mode": "off"\n      }`],
  ])('finds nothing wrong with one %s', (_, policy) => {
    expect(policyProblems(template(policy))).toEqual([]);
  });

  test.each([
    ['is no JSON', `'{'`, /^stage prod: policy: not JSON/],
    ['has a word misspelt', `'{"budgets": {}}'`, /^stage prod: policy: \(root\): .*budgets/],
    ['is YAML', '{ mode: off }', /^stage prod: the policy must be JSON text or the path of a file/],
    ['is in no file', 'nowhere.yml', /^stage prod: policy: .*nowhere\.yml: /],
  ])('names the stage and the reason of one that %s', (_, policy, problem) => {
    expect(policyProblems(template(policy))).toEqual([expect.stringMatching(problem)]);
  });

  test.each([
    ['without the second', '    approver: ana@example.com\n', /approver and approver2$/],
    ['without the first', '    approver2: ben@example.com\n', /approver and approver2$/],
    ['that are the same', '    approver: ana@example.com\n    approver2: Ana@Example.com\n', /are the same$/],
  ])('refuses a policy that two people have to agree to, with approvers %s', (_, approvers, problem) => {
    const promotes = template(`'{"databases": {"promote": "on"}}'`);
    expect(policyProblems(`${promotes}${approvers}`)).toEqual([expect.stringMatching(problem)]);
    expect(policyProblems(`${template("'{}'")}${approvers}`)).toEqual([]);
    expect(policyProblems(`${promotes}    approver: ana@example.com\n    approver2: ben@example.com\n`)).toEqual([]);
  });

  test('finds a policy that asks for another opt-in tag than the roles do, unless the parameters say the same', () => {
    const policy = `'{"optIn": {"key": "team:heal", "value": "yes"}}'`;
    expect(policyProblems(template(policy))).toEqual([
      'stage prod: policy: optIn is team:heal=yes, but the roles ask for selfheal=on: set the parameters optInTag and optInValue',
    ]);
    expect(policyProblems(`${template(policy)}    optInTag: team:heal\n    optInValue: 'yes'\n`)).toEqual([]);
    // Parameters alone are half of it as well: the guard would let nothing through that IAM does.
    expect(policyProblems(`params:\n  dev:\n    optInValue: 'yes'\n`)).toHaveLength(1);
  });

  test('holds each stage to what it takes from the default', () => {
    const shared = `params:\n  default:\n    optInTag: heal\n  prod:\n    policy: '{"optIn": {"key": "heal", "value": "on"}}'\n`;
    expect(policyProblems(shared)).toEqual([expect.stringMatching(/^stage default: policy: optIn is selfheal=on/)]);
  });

  test('finds a route to a topic that the roles of the stage may not publish to', () => {
    const routed = (name: string) =>
      template(`'${JSON.stringify({ routes: [{ when: { severity: 'low' }, topicArn: `arn:aws:sns:us-east-1:123456789012:${name}` }] })}'`);
    expect(policyProblems(routed('selfheal-prod-route-low'))).toEqual([]);
    for (const name of ['ops', 'selfheal-dev-route-low'])
      expect(policyProblems(routed(name))).toEqual([
        expect.stringMatching(/^stage prod: policy: routes\.0\.topicArn: .*selfheal-prod-route-/),
      ]);
  });

  test('finds a mode that there is not', () => {
    expect(policyProblems('params:\n  prod:\n    mode: enforced\n')).toEqual([
      expect.stringMatching(/^stage prod: parameter mode: "enforced"/),
    ]);
    // As YAML reads it.
    expect(policyProblems('params:\n  prod:\n    mode: off\n')).toEqual([]);
  });

  test('finds nothing where no stage has a policy', () => {
    expect(policyProblems('service: selfheal\n')).toEqual([]);
  });

  test('passes our own template', async () => {
    expect(policyProblems(readFileSync(join(root, 'serverless.yml'), 'utf8'))).toEqual([]);
    expect(await run()).toEqual({ code: 0, stderr: '' });
  });

  test('takes a policy alone, in a file of JSON or YAML', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-'));
    const write = (name: string, policy: object) => {
      writeFileSync(join(folder, name), JSON.stringify(policy));
      return join(folder, name);
    };
    try {
      expect(await run(write('good.json', { budget: { actions: 3 } }))).toEqual({ code: 0, stderr: '' });
      writeFileSync(join(folder, 'bad.yml'), 'budget:\n  action: 3\n');
      expect(await run(join(folder, 'bad.yml'))).toEqual({
        code: 1,
        stderr: expect.stringMatching(/bad\.yml:2:3: .*did you mean actions\?\n$/),
      });
      const bad = write('bad.json', { approval: { required: [{ action: 'stop-start' }] } });
      expect(await run(bad)).toEqual({
        code: 1,
        stderr: expect.stringMatching(/bad\.json:1:\d+: approval.*did you mean stop-start-instance\?\n$/),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('reads the policies that a template names, from its own folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-'));
    try {
      writeFileSync(join(folder, 'serverless.yml'), template('bad.yml'));
      writeFileSync(join(folder, 'bad.yml'), 'mode: on\n');
      expect(await run(join(folder, 'serverless.yml'))).toEqual({
        code: 1,
        stderr: expect.stringContaining('stage prod: bad.yml:1:7: mode: "on"'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('can not run without a template', async () => {
    expect(await run('nowhere.yml')).toEqual({ code: 2, stderr: expect.stringMatching(/^check-policy: .*nowhere\.yml/) });
  });
});

describe('packaging', () => {
  const Plugin = createRequire(import.meta.url)('../tools/serverless-plugin.cjs') as new (
    serverless: unknown,
    options: object,
  ) => { hooks: Record<string, () => Promise<void>> };
  const packaging = async (policy: unknown, optIn = { key: 'selfheal', value: 'on' }, mode = 'enforce', more: object = {}) => {
    const functions = { remediate: { environment: { SELFHEAL_MODE: mode }, ...more } };
    const service = {
      service: 'selfheal',
      provider: { stage: 'prod' },
      custom: { optIn, policy, packagedPolicy: undefined as unknown },
      functions,
    };
    const serverless = { service, serviceDir: root, classes: { Error } };
    await new Plugin(serverless, {}).hooks['before:package:initialize']?.();
    return service.custom.packagedPolicy;
  };

  test.each([undefined, '', '{"mode": "off"}', 'docs/policy.example.yml'])(
    'goes on with %j, and has the bundler write it',
    async (given) => {
      const { text, digest } = (await packaging(given)) as PackagedPolicy;
      const policy = given?.endsWith('.yml')
        ? readPolicyText(readFileSync(join(root, given), 'utf8'), given)
        : { policy: parsePolicy(given ?? '') };
      expect({ policy: JSON.parse(text) }).toEqual(policy);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  test('stops at a policy that cannot be read, with its place and the reason', async () => {
    await expect(packaging('docs/policy.md')).rejects.toThrow(/^docs\/policy\.md:\d+:\d+: /);
    await expect(packaging('docs/no-policy.yml')).rejects.toThrow(/^policy: .*no-policy\.yml: /);
    await expect(packaging('{"mode": "on"}')).rejects.toThrow(/^policy: mode: /);
  });

  test('stops at a setting that names what there is not, or that can have no effect', async () => {
    const packaged = (policy: object) => packaging(JSON.stringify(policy));
    await expect(packaged({ approval: { required: [{ action: 'stop-start' }] } })).rejects.toThrow(/did you mean stop-start-instance\?$/);
    await expect(packaged({ playbooks: { 'disk-full': 'restart-instance' } })).rejects.toThrow(
      /^policy: playbooks\.disk-full: restart-instance can't treat disk-full/,
    );
    const topicArn = 'arn:aws:sns:us-east-1:123456789012:selfheal-dev-route-low';
    await expect(packaged({ routes: [{ when: { severity: 'low' }, topicArn }] })).rejects.toThrow(/^policy: routes\.0\.topicArn: /);
  });

  test('stops at a function that could never run, and at a name that is too long', async () => {
    const packaged = (more: object) => packaging('', undefined, undefined, more);
    await expect(packaged({ reservedConcurrency: 0 })).rejects.toThrow(/^parameter remediateConcurrency: 0 /);
    await expect(packaged({ name: `selfheal-prod-${'x'.repeat(60)}` })).rejects.toThrow(/^stage prod: the name .* has 74 characters/);
    await expect(packaged({ reservedConcurrency: 1, name: 'selfheal-prod-remediate' })).resolves.toBeDefined();
  });

  test('stops at a mode that there is not', async () => {
    await expect(packaging('', undefined, 'dryrun')).rejects.toThrow(
      /^parameter mode: "dryrun" must be one of .*; did you mean dry-run\?$/,
    );
  });

  test('stops where the policy asks for another opt-in tag than IAM will, in either way', async () => {
    const other = { key: 'team:heal', value: 'yes' };
    const policy = JSON.stringify({ optIn: other });
    await expect(packaging(policy)).rejects.toThrow(/^policy: optIn is team:heal=yes, but the roles ask for selfheal=on/);
    await expect(packaging('', other)).rejects.toThrow(/^policy: optIn is selfheal=on, but the roles ask for team:heal=yes/);
    await expect(packaging(policy, other)).resolves.toBeDefined();
  });
});
