import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { failureIds } from '../../shared/model/failure-id.ts';
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
    [[], 'say what to do: check, explain, diff, schema'],
    [['chek', good], 'there is no "chek"; did you mean check?'],
    [['check'], 'no file given'],
    [['check', join(folder, 'gone.yml')], 'gone.yml: no such file'],
  ])('can not run with %j', async (args, why) => {
    expect(await policy(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(why) });
  });
});

describe('selfheal policy explain', () => {
  const explained = async (text: string) => JSON.parse((await policy('explain', '--json', file('explained.yml', text))).stdout);
  type Told = {
    failure: string;
    playbook: string | null;
    because: string | null;
    mode: string;
    modes: object[];
    steps: { action: string; approval: string | null }[];
  };
  const classOf = ({ classes }: { classes: Told[] }, id: string) => classes.find(({ failure }) => failure === id);

  test('tells of every failure class what is done, or why nothing is', async () => {
    const all = await explained('playbooks: { load-saturated: none }\n');
    expect(all.classes.map(({ failure }: Told) => failure)).toEqual(failureIds);
    for (const { playbook, because, steps } of all.classes as Told[]) {
      if (playbook === null) expect(because).toMatch(/.{10,}/);
      else expect(steps.length).toBeGreaterThan(0);
    }
    expect(classOf(all, 'load-saturated')).toMatchObject({ playbook: null, because: 'the policy leaves it to a person' });
  });

  test('tells of each rule what it matches, and which playbook it leads to', async () => {
    const rule = 'metric: Alive, failure: instance-unreachable, direction: below, subject: { type: instance, dimension: Id }';
    const { rules } = await explained(`classification: { alarms: [{ alarm: 'x*', ${rule} }, { ${rule}, playbook: recover-host }] }\n`);
    expect(rules).toMatchObject([
      { rule: { index: 0, matches: 'alarm x*, metric Alive' }, playbook: null, because: 'the rule names no playbook' },
      { rule: { index: 1, matches: 'metric Alive' }, playbook: 'recover-host', because: null },
    ]);
    const other = await explained(
      `classification: { alarms: [{ ${rule}, playbook: recover-host }] }\nplaybooks: { instance-unreachable: none }\n`,
    );
    expect(other.rules).toMatchObject([{ playbook: null, because: 'the policy leaves instance-unreachable to a person' }]);
  });

  test('tells of each heartbeat when it is due, and what is done when it is missed', async () => {
    const text =
      "beats: [{ name: a, every: 1h, grace: 5m }, { name: b, schedule: 'cron(0 2 * * ? *)', timeZone: Europe/Berlin, grace: 5m, subject: { type: instance, id: i-0aa11bb22cc33dd44 }, playbook: restart-instance }]\n";
    expect((await explained(text)).beats).toMatchObject([
      { rule: { matches: 'a, every 1h, 5m of grace' }, playbook: null, because: 'it names no playbook' },
      { rule: { matches: expect.stringContaining('Europe/Berlin, 5m of grace, of instance i-0aa') }, playbook: 'restart-instance' },
    ]);
    expect((await policy('explain', file('beats.yml', text))).stdout).toContain('beats 0: a, every 1h');
  });

  test('tells of each pattern in logs when it is a failure, and which playbook that leads to', async () => {
    const entry = 'group: /shop/api, pattern: OOM, failure: application-down, subject: { type: instance, id: i-0aa11bb22cc33dd44 }';
    const run =
      "commands: { again: { document: Shop-Again, version: '1' } }\nrun: [{ when: { failure: application-down }, command: again }]\n";
    const matches = 'OOM in /shop/api, at least 5 within 2m';
    const text = `logs: [{ ${entry}, threshold: 5, within: 2m }]\n`;
    const alone = await explained(text);
    expect(alone.logs).toMatchObject([
      { rule: { index: 0, matches }, playbook: null, because: expect.stringContaining('names a playbook') },
    ]);
    expect(alone.others).toEqual([]);
    expect((await explained(text + run)).logs).toMatchObject([{ playbook: 'restart-application', because: null }]);
    const known = await policy('explain', file('run.yml', text + run));
    expect(known.stdout).toMatch(/1\. run-command \S+; only if an instance/);
    expect((await policy('explain', file('logs.yml', text))).stdout).toContain(`logs 0: ${matches}: application-down`);
  });

  test('tells the mode of a class, and where it is another one; the strictest applies', async () => {
    const text = (more: string) => `mode: dry-run\nmodes:\n  - { when: { tag: { key: team } }, mode: enforce }\n${more}`;
    const modesOf = async (more: string) => {
      const { mode, modes } = classOf(await explained(text(more)), 'instance-unreachable') ?? {};
      return { mode, modes };
    };
    expect(await modesOf('')).toEqual({ mode: 'dry-run', modes: [{ mode: 'enforce', where: 'with the tag team' }] });
    expect(await modesOf('  - { when: { failure: instance-unreachable }, mode: off }\n')).toEqual({ mode: 'off', modes: [] });
    expect(await modesOf('  - { when: { failure: load-saturated }, mode: off }\n')).toMatchObject({ mode: 'dry-run' });
  });

  test('tells which steps a person must approve, the permissions, and what else is set', async () => {
    const key = 'arn:aws:kms:us-east-1:111122223333:key/0c9a4f3e-72d1-4b58-8f6e-1a2b3c4d5e6f';
    const all = await explained(
      `approval: { required: [{ action: reboot-instance, tag: { key: team, value: a } }, { failure: load-saturated }] }\nkmsKeys: ['${key}']\noptIn: { key: heal }\n`,
    );
    const approvals = (id: string) => classOf(all, id)?.steps.map(({ action, approval }) => [action, approval]);
    expect(approvals('instance-unreachable')).toContainEqual(['reboot-instance', 'for resources with the tag team=a']);
    expect(approvals('instance-unreachable')).toContainEqual(['replace-member', null]);
    expect(approvals('load-saturated')).toEqual([['scale-out', 'always']]);
    expect(all.permissions).toMatchObject({ optIn: 'heal=on', policy: [{ action: 'kms:CreateGrant', resources: [key] }] });
    expect(all.permissions.actions).toContain('ec2:RebootInstances');
    expect(all.others.map(({ path }: { path: string }) => path)).toEqual(['optIn.key', 'kmsKeys[0]']);
  });

  test('fits the width, and can not explain what can not be used', async () => {
    const { code, stdout } = await selfheal(['policy', 'explain', 'docs/policy.example.yml'], { columns: 80 });
    expect(code).toBe(0);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('rule 0: metric Payments WorkersAlive: instance-unreachable (critical):');
    expect(await policy('explain', bad)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('bad.yml:1:7: mode:') });
    expect(await policy('explain', good, same)).toMatchObject({ code: 2, stderr: expect.stringContaining('one file, not 2') });
  });
});

describe('selfheal policy diff', () => {
  const differences = async (a: string, b: string) => {
    const { code, stdout } = await policy('diff', file('a.yml', a), file('b.yml', b));
    return { code, lines: stdout.split('\n') };
  };
  const region = (name: string, mode = 'off') => `{ when: { region: ${name} }, mode: ${mode} }`;
  const modes = (...entries: string[]) => `modes: [${entries.join(', ')}]\n`;

  test('says that two policies say the same, however they are written', async () => {
    expect(await policy('diff', good, same)).toEqual({ code: 0, stdout: 'Both say the same.\n', stderr: '' });
    expect(await differences('', 'mode: enforce\n')).toMatchObject({ code: 0 });
  });

  test.each([
    ['a value', 'mode: off\n', '', ['mode: was off, is enforce']],
    [
      'a name in a map',
      'playbooks: { load-saturated: none }\n',
      'playbooks: { disk-full: none }\n',
      ['playbooks.load-saturated: removed none', 'playbooks.disk-full: added none'],
    ],
    [
      'an entry where it stands',
      modes(region('us-east-1'), region('us-west-2')),
      modes(region('us-east-1'), region('us-west-2', 'dry-run')),
      ['modes[1].mode: was off, is dry-run'],
    ],
    [
      'an entry more',
      modes(region('us-west-2')),
      modes(region('us-east-1'), region('us-west-2')),
      ['modes[0]: added {"when":{"region":"us-east-1"},"mode":"off"}'],
    ],
    [
      'an entry less',
      modes(region('us-east-1'), region('us-west-2')),
      modes(region('us-west-2')),
      ['modes[0]: removed {"when":{"region":"us-east-1"},"mode":"off"}'],
    ],
    [
      'the order',
      modes(region('us-east-1'), region('us-west-2')),
      modes(region('us-west-2'), region('us-east-1')),
      ['modes: the same entries in another order'],
    ],
  ])('tells %s', async (_, a, b, told) => {
    const { code, lines } = await differences(a, b);
    expect({ code, lines: lines.slice(0, told.length) }).toEqual({ code: 1, lines: told });
    expect(lines[told.length]).toBe('');
    expect(lines.slice(told.length + 1).join(' ')).toContain('none of this reaches them. The kill switch does');
  });

  test('is for programs, too', async () => {
    const { code, stdout } = await policy('diff', '--json', good, file('c.yml', 'mode: dry-run\n'));
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { from: { file: good }, differences: [{ path: 'budget.actions', kind: 'changed', was: 3, is: 6, reachesIncidentsUnderWay: false }] },
    ]);
  });

  test('compares nothing that can not be used', async () => {
    expect(await policy('diff', good, bad)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('bad.yml:1:7') });
  });
});
