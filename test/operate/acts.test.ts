import { afterEach, expect, test } from '@jest/globals';
import { closeServed, servedHost } from './served.ts';

afterEach(closeServed);

test('turning the switch is recorded with who, when, what and why', async () => {
  const { run, json } = await servedHost();
  expect((await run('acts')).stdout).toBe('Nobody did anything in 7d, stage local.\n');
  expect((await run('switch off --because drill')).code).toBe(0);
  const [act, ...others] = await json('acts');
  expect(others).toEqual([]);
  expect(act).toMatchObject({
    at: expect.stringMatching(/^2026-03-02T00:00:00/),
    by: expect.stringMatching(/^arn:aws:iam::111122223333:/),
    kind: 'switch',
    what: 'off',
    because: 'drill',
    incident: null,
    done: true,
  });
  expect((await run('acts')).stdout).toMatch(/^2026-03-02 00:00 UTC: \S+ turned the switch to off because drill\n$/);
  // Incidents of the day are not told apart from acts by chance.
  expect(await json('incidents')).toEqual([]);
  expect(await json('switch')).toEqual([{ stage: 'local', position: 'off' }]);
});

test('what can not be recorded is not done, and what failed is not said to be done', async () => {
  const denied = new Set(['dynamodb:PutItem']);
  const { run, json } = await servedHost(denied);
  expect(await run('switch off')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      "selfheal switch: nothing is done, because it can't be recorded: dynamodb:PutItem is not allowed: the stack has a managed policy that allows it, selfheal-local-operator\n",
  });
  expect(await json('switch')).toEqual([{ stage: 'local', position: 'on' }]);
  denied.clear();
  denied.add('ssm:PutParameter');
  expect((await run('switch off')).stderr).toMatch(/^selfheal switch: ssm:PutParameter is not allowed: the stack has a managed policy/);
  expect(await json('acts')).toMatchObject([{ what: 'off', done: false }]);
  expect((await run('acts')).stdout).toContain('tried this, and whether it took effect is not recorded');
});

test.each([
  ['switch off --because=', 'selfheal switch: --because says nothing\n'],
  [`switch off --because ${'x'.repeat(301)}`, 'selfheal switch: --because may have 300 characters\n'],
])('%s is refused', async (args, stderr) => {
  const { run } = await servedHost();
  expect(await run(args)).toEqual({ code: 2, stdout: '', stderr });
});
