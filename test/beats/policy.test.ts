import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readPolicyText } from '../../local/policy/read.ts';
import { parsePolicy, readPolicy } from '../../shared/policy/read-policy.ts';

const subject = { type: 'instance', id: 'i-0aa11bb22cc33dd44' };
const job = { name: 'export', every: '24h', grace: '1h' };
const parse = (...beats: object[]) => parsePolicy(JSON.stringify({ beats }));

describe('the heartbeats of a policy', () => {
  test.each([
    [job],
    [{ ...job, every: undefined, schedule: 'cron(0 2 ? * MON-FRI *)' }],
    [{ ...job, every: undefined, schedule: 'cron(0 2 L * ? *)', timeZone: 'Europe/Berlin' }],
    [{ ...job, subject, playbook: 'restart-instance', runbook: 'https://wiki.example.com/export' }],
    [{ ...job, subject: { type: 'group', id: 'web' } }],
  ])('can be %j', (given) => {
    expect(parse(given).beats).toHaveLength(1);
  });

  test.each<[string, object[], string]>([
    ['without a grace', [{ ...job, grace: undefined }], 'beats.0.grace'],
    ['without due times', [{ ...job, every: undefined }], 'must have either every or schedule'],
    ['with two kinds of them', [{ ...job, schedule: 'cron(0 2 ? * MON-FRI *)' }], 'must have either every or schedule'],
    ['with a zone for a period', [{ ...job, timeZone: 'Europe/Berlin' }], 'beats.0.timeZone: has no effect without schedule'],
    ['with five fields', [{ ...job, every: undefined, schedule: 'cron(0 2 * * *)' }], 'beats.0.schedule: must be cron('],
    ['with a time that there is not', [{ ...job, every: undefined, schedule: 'cron(0 24 * * ? *)' }], 'beats.0.schedule: hours'],
    [
      'with an unknown zone',
      [{ ...job, every: undefined, schedule: 'cron(0 2 * * ? *)', timeZone: 'Europe/Berln' }],
      'did you mean Europe/Berlin?',
    ],
    ['more often than can be told', [{ ...job, every: '1m' }], 'must be a duration from 5m to 366d'],
    ['with a name that is none', [{ ...job, name: '../lease' }], 'beats.0.name'],
    ['of one name', [job, job], 'beats.1.name: there are two export'],
    ['with a playbook and nothing to act on', [{ ...job, playbook: 'restart-instance' }], 'beats.0.playbook: needs a subject'],
    ['with a playbook for something else', [{ ...job, subject, playbook: 'heal-targets' }], 'beats.0.playbook: needs a subject'],
    [
      'with a playbook that there is not',
      [{ ...job, subject, playbook: 'restart-instanc' }],
      'beats.0.playbook: "restart-instanc" must be one of',
    ],
    ['with an id that is none', [{ ...job, subject: { type: 'instance', id: 'web' } }], 'beats.0.subject.id'],
    ['with a runbook that nobody can follow', [{ ...job, runbook: 'http://wiki.example.com' }], 'beats.0.runbook'],
    ['with a misspelt setting', [{ ...job, gracee: '1h' }], 'did you mean grace?'],
    ['too many', Array.from({ length: 101 }, (_, i) => ({ ...job, name: `job-${i}` })), 'beats'],
  ])('are refused %s', (_, beats, why) => {
    expect(() => parse(...beats)).toThrow(why);
  });

  test('may name a playbook of the policy, which must treat an application that is down', () => {
    const own = {
      id: 'reboot-it',
      summary: 'Reboot.',
      treats: ['application-down'],
      failing: ['alarm-fires'],
      healthy: ['alarm-is-ok', 'status-checks-pass'],
    };
    const given = (treats: string[]) =>
      JSON.stringify({
        beats: [{ ...job, subject, playbook: own.id }],
        customPlaybooks: [{ ...own, treats, steps: [{ do: 'reboot-instance', when: ['lone'] }] }],
      });
    expect(parsePolicy(given(own.treats)).beats[0]?.playbook).toBe('reboot-it');
    expect(() => parsePolicy(given(['memory-exhausted']))).toThrow('a heartbeat names it for application-down');
  });

  test('make settings for their class effective', () => {
    const modes = [{ when: { failure: 'application-down' }, mode: 'dry-run' }];
    expect(() => parsePolicy(JSON.stringify({ modes }))).toThrow('nothing acts on application-down');
    expect(parsePolicy(JSON.stringify({ modes, beats: [{ ...job, subject, playbook: 'restart-instance' }] })).modes).toHaveLength(1);
  });

  test('are still watched where something else of it is invalid', () => {
    const policy = readPolicy(JSON.stringify({ beats: [job], mode: 'enforced' }));
    expect([policy.beats.map(({ name }) => name), policy.mode]).toEqual([['export'], 'off']);
  });

  test('that the page shows can be used', () => {
    const page = readFileSync(new URL('../../docs/heartbeats.md', import.meta.url), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    expect(readPolicyText(yaml, 'policy.yml')).toMatchObject({ policy: { beats: [{ name: 'nightly-export' }, { name: 'shop-worker' }] } });
  });
});
