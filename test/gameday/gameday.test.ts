import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { selfheal } from '../cli/io.ts';

// A machine that does much else at once needs long for a world.

const folder = mkdtempSync(join(tmpdir(), 'selfheal-gameday-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const run = (...args: string[]) => selfheal(['gameday', ...args], { columns: 80 });

/** Nothing is opted in, so nothing is done. */
const quick = (expectation: string) => `name: Left alone
hypothesis: What has not opted in is left alone.
fleet:
  instances:
    web: { optedIn: false, alarms: [instance] }
timeline:
  - { at: +0m, do: hang-kernel, on: web }
expect:
  ${expectation}
`;

describe('a game day', () => {
  test('tells hypothesis, injection, observation and verdict, in 80 columns', async () => {
    const { code, stdout, stderr } = await run(file('good.yml', quick('outcomes: [{ resource: web, status: held }]')));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const words = ['Hypothesis', 'Fleet', 'Steady state', 'Injection', 'hang-kernel on web', 'Observation', 'Verdict'];
    expect(words.map((word) => stdout.indexOf(word)).every((at, i, all) => at > (all[i - 1] ?? -1))).toBe(true);
    expect(stdout).toContain('the hypothesis holds');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says 1 where the hypothesis does not hold, and what was seen instead', async () => {
    const { code, stdout } = await run(file('bad.yml', quick('outcomes: [{ resource: web, status: healed }]')));
    expect(code).toBe(1);
    expect(stdout).toContain('the hypothesis does not hold: 1 of 5 expectations failed');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/✗ on web \(i-\w+\): healed; seen: 0 of 1; instance-unreachable on i-\w+: held/);
  });

  test('is one line of JSON for machines', async () => {
    const { code, stdout } = await run('not-opted-in', '--json', '--seed', '3');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      seed: 3,
      verdict: 'holds',
      steps: [{ do: 'hang-kernel', error: null }],
      outcomes: [{ status: 'held' }],
    });
  });

  test('keeps the commands of the policy given beside its own, and its sites answer what the policy asks', async () => {
    const policy = file(
      'own.yml',
      `commands: { again: { document: Shop-Again, version: '1' } }
playbooks: { application-down: again-first }
customPlaybooks:
  - { id: again-first, summary: Again., treats: [application-down], failing: [alarm-fires], healthy: [alarm-is-ok], steps: [{ do: run-command, with: { command: again } }] }
checks: [{ when: { failure: disk-full }, url: 'https://shop.example.com/', expect: { status: 204 } }]
`,
    );
    const { code, stdout } = await run('full-disk-cleaned', '--json', '--policy', policy);
    expect([code, JSON.parse(stdout).outcomes]).toMatchObject([
      0,
      [{ reason: expect.stringContaining('https://shop.example.com/ answers') }],
    ]);
  });

  test('is played with the policy given, under what the scenario says of it', async () => {
    const policy = file('policy.json', '{"optIn":{"key":"Name","value":"web"}}');
    const { code, stdout } = await run('not-opted-in', '--json', '--policy', policy);
    expect(code).toBe(0);
    const dry = await run(
      'not-opted-in',
      '--json',
      '--policy',
      file('dry.json', '{"mode":"dry-run","optIn":{"key":"Name","value":"legacy"}}'),
    );
    expect(JSON.parse(stdout).outcomes[0].status).toBe('held');
    expect({ code: dry.code, status: JSON.parse(dry.stdout).outcomes[0].status }).toEqual({ code: 1, status: 'dry-run' });
  });

  test('writes a report', async () => {
    const path = join(folder, 'report.html');
    expect((await run('not-opted-in', '--report', path)).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('Without the tag, nothing is done');
  });

  test('--against tells in words what an earlier run did otherwise, also where the seed is another one', async () => {
    const path = join(folder, 'earlier.json');
    writeFileSync(path, (await run('approval-granted', '--json')).stdout);
    const same = await run('approval-granted', '--seed', '8', '--against', path);
    expect(same.code).toBe(0);
    expect(same.stdout.replace(/\s+/g, ' ')).toContain(`Compared with ${path}: Nothing is different: 1 incident ended as before.`);
    const page = join(folder, 'against.html');
    const other = await run('approval-refused', '--against', path, '--report', page);
    expect(other.code).toBe(1);
    expect(other.stdout.replace(/\s+/g, ' ')).toContain('on web (');
    expect(other.stdout.replace(/\s+/g, ' ')).toContain('was healed, now held; did reboot-instance, now no action');
    expect(readFileSync(page, 'utf8')).toContain('<strong>was healed, now held; did reboot-instance, now no action</strong>');
  });

  test('lists what there is', async () => {
    const { code, stdout } = await run('--list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^hung-instance +A hung instance is rebooted$/m);
    expect(JSON.parse((await run('--list', '--json')).stdout.split('\n')[0] ?? '')).toEqual({
      name: 'agent-flaps',
      about: expect.any(String),
    });
  });

  test.each<[string[], string]>([
    [[], 'no scenario given; --list lists them'],
    [['hung-instanc'], 'there is no scenario "hung-instanc"; did you mean hung-instance?'],
    [['one', 'two'], 'one scenario at a time'],
    [['hung-instance', '--seed', '1.5'], '--seed must be a whole number, not "1.5"'],
    [['hung-instance', '--policy', '/nowhere.json'], '--policy /nowhere.json: no such file'],
    [['hung-instance', '--report', '/nowhere/report.html'], '--report: there is no folder /nowhere'],
    [['/'], '/ is not a file'],
  ])('%j could not run: %s', async (args, told) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: `selfheal gameday: ${told}\n` });
  });

  test('says where a scenario is wrong', async () => {
    const path = file('wrong.yml', quick('outcomes: [{ resource: web, status: heald }]'));
    expect(await run(path)).toMatchObject({ code: 2, stderr: expect.stringContaining(`selfheal gameday: ${path}:9:`) });
  });
});
