import { describe, expect, test } from '@jest/globals';
import type { ActionId } from '../../shared/model/action-id.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import { customPlaybookProblems } from '../../shared/policy/custom-playbook-problems.ts';
import { policy } from '../remediation/examples.ts';

const command = { document: 'Shop-RestartService', version: '3', parameters: {}, effects: [] };
const first = {
  id: 'first',
  summary: 'Reboot it.',
  treats: ['application-down'],
  failing: ['alarm-fires'],
  healthy: ['alarm-is-ok'],
  steps: [{ do: 'reboot-instance', when: [] }] as object[],
};
const settings = (playbooks: object[], more: object = {}) => ({
  ...policy(),
  commands: { 'restart-nginx': command },
  playbooks: { 'application-down': 'first' },
  customPlaybooks: playbooks,
  ...more,
});
/** What is wrong with that one playbook, where each stands in it. */
const wrong = (change: object = {}, more: object = {}): string[] =>
  customPlaybookProblems(settings([{ ...first, ...change }], more) as never).map(({ path, message }) => {
    expect(path.slice(0, 2)).toEqual(['customPlaybooks', 0]);
    return `${path.slice(2).join('.')}: ${message}`;
  });
const ofClass = (failure: FailureId) => ({ playbooks: { [failure]: 'first' } });

describe('a playbook of a class', () => {
  test.each<[FailureId, string, string]>([
    ['host-impaired', 'status-checks-pass', 'status-checks-pass'],
    ['instance-unreachable', 'status-checks-pass, alarm-is-ok, alarm-says-ok', 'status-checks-pass, alarm-fires'],
    ['instance-retiring', 'nothing-scheduled', 'nothing-scheduled'],
    ['spot-interruption', 'member-is-replaced', 'member-is-replaced'],
    ['load-saturated', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['memory-exhausted', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['application-down', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['disk-full', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['target-unhealthy', 'targets-are-healthy, alarm-is-ok, alarm-says-ok', 'targets-are-healthy, alarm-fires'],
    ['latency-high', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['queue-backlog', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['database-impaired', 'database-is-available', 'database-is-available, alarm-fires'],
    ['replica-behind', 'alarm-is-ok, alarm-says-ok', 'alarm-fires'],
    ['agent-lost', 'agent-is-connected', 'agent-is-connected'],
    ['certificate-expiring', 'validation-record-stands', 'validation-record-stands'],
  ])('%s has to name what tells that it is over, and what shows it', (failure, proves, shows) => {
    expect(wrong({ treats: [failure], failing: [], healthy: [] }, ofClass(failure))).toEqual([
      `healthy: nothing here tells that ${failure} is over: it needs one of ${proves}`,
      `failing: nothing here shows ${failure}: it needs one of ${shows}`,
    ]);
    for (const healthy of proves.split(', '))
      for (const failing of shows.split(', '))
        expect(wrong({ treats: [failure], failing: [failing], healthy: [healthy] }, ofClass(failure))).toEqual([]);
  });

  test.each<FailureId>(['volume-impaired', 'instance-terminated', 'launch-failed', 'error-rate', 'service-impaired', 'unclassified'])(
    '%s can not be, since no check can tell that it is over',
    (failure) => {
      const problem = `no check can tell that ${failure} is over`;
      expect(wrong({ treats: [failure], failing: [], healthy: [] }, ofClass(failure))).toEqual([`treats.0: ${problem}`]);
      expect(wrong({ treats: ['application-down', failure] })).toEqual([`treats.1: ${problem}`]);
    },
  );
});

describe('a step that has checks of its own', () => {
  const alarms = 'alarm-is-ok, alarm-says-ok';
  test.each<[ActionId, FailureId, string]>([
    ['reboot-instance', 'target-unhealthy', `${alarms}, treated-target-is-well`],
    ['stop-start-instance', 'target-unhealthy', `${alarms}, treated-target-is-well`],
    ['replace-member', 'target-unhealthy', 'member-is-replaced, treated-target-is-well'],
    ['replace-member', 'application-down', 'member-is-replaced'],
    ['stop-task', 'target-unhealthy', 'targets-are-healthy, treated-target-is-well'],
    ['start-instance', 'instance-unreachable', `${alarms}, status-checks-pass`],
    ['start-instance', 'instance-stopped', 'status-checks-pass'],
    ['promote-replica', 'replica-behind', 'replica-stands-alone'],
    ['redrive', 'queue-backlog', alarms],
    ['scale-out', 'load-saturated', alarms],
    ['restore-validation-record', 'certificate-expiring', 'validation-record-stands'],
  ])('%s for %s is proven by one of some', (action, failure, proofs) => {
    const own = (healthy: string[]) =>
      wrong(
        {
          treats: [failure],
          steps: [
            { wait: 'it', atMost: 60 },
            { do: action, when: [], healthy },
          ],
        },
        ofClass(failure),
      ).filter((one) => one.startsWith('steps'));
    expect(own(['group-is-whole'])).toEqual([`steps.1.healthy: nothing here proves ${action}: it needs one of ${proofs}`]);
    for (const proof of proofs.split(', ')) expect(own(['group-is-whole', proof])).toEqual([]);
  });

  test('has to leave them out where none proves it', () => {
    expect(wrong({ steps: [{ do: 'promote-replica', when: [], healthy: ['replica-stands-alone'] }] })).toEqual([
      'steps.0.healthy: nothing here proves promote-replica: leave it out, and those of the playbook count',
    ]);
  });

  test('has to prove every class that the playbook treats', () => {
    const both = { treats: ['application-down', 'target-unhealthy'], healthy: ['alarm-is-ok'] };
    const step = { do: 'reboot-instance', when: [], healthy: ['treated-target-is-well'] };
    expect(wrong({ ...both, steps: [step] }, { playbooks: { 'application-down': 'first', 'target-unhealthy': 'first' } })).toEqual([
      'steps.0.healthy: nothing here proves reboot-instance: it needs one of alarm-is-ok, alarm-says-ok',
    ]);
  });
});

describe('the steps of a playbook', () => {
  const reboot = first.steps[0] as object;
  const wait = { wait: 'it heals', atMost: 60 };
  const noCommand = 'no command to run: name one by "with: { command: NAME }", or in "run" for a class that it treats';

  test.each<[string, object[], string[]]>([
    ['do nothing', [wait], ['steps: no step does anything: leave the class to a person with none']],
    ['wait for what tells that it is over', [{ ...wait, or: ['alarm-says-ok'] }, reboot], []],
    [
      'wait for what a deleted alarm would tell',
      [{ ...wait, or: ['alarm-is-ok'] }, reboot],
      ['steps.0.or: nothing here tells that application-down is over'],
    ],
    ['run a command that there is', [{ do: 'run-command', when: [], with: { command: 'restart-nginx' } }], []],
    [
      'run one that there is not',
      [{ do: 'run-command', when: [], with: { command: 'restart-ngins' } }],
      ['steps.0.with.command: there is no command restart-ngins in commands; did you mean restart-nginx?'],
    ],
    ['run none', [reboot, { do: 'run-command', when: [] }], [`steps.1: ${noCommand}`]],
    [
      'name a command for what runs none',
      [{ do: 'reboot-instance', when: [], with: { command: 'restart-ngins' } }],
      ['steps.0.with: only run-command runs a command, not reboot-instance'],
    ],
  ])('may not %s, or may: %#', (_, steps, problems) => {
    expect(wrong({ steps })).toEqual(problems);
  });

  test('may leave the command to the policy, for a class that they treat', () => {
    const run = (failure: FailureId) =>
      wrong({ steps: [{ do: 'run-command', when: [] }] }, { run: [{ when: { failure }, command: 'restart-nginx' }] });
    expect([run('application-down'), run('disk-full')]).toEqual([[], [`steps.0: ${noCommand}`]]);
  });
});

describe('what chooses a playbook', () => {
  const nothing = 'id: nothing chooses first: name it in playbooks, in a rule, or in a tag on an alarm';
  const usual = policy();
  const of = { group: '/shop/web', pattern: 'ERROR' };

  test('is the policy, a rule, a heartbeat, or a tag on an alarm', () => {
    const by = (more: object) => wrong({}, { playbooks: {}, ...more });
    const alarms = [{ playbook: 'first', failure: 'application-down' }];
    expect(by({})).toEqual([nothing]);
    expect([
      by({ playbooks: { 'application-down': 'first' } }),
      by({ classification: { ...usual.classification, alarms } }),
      by({ logs: [{ ...of, playbook: 'first', failure: 'application-down' }] }),
      by({ beats: [{ playbook: 'first' }] }),
      by({ classification: { ...usual.classification, alarmTags: 'on' } }),
    ]).toEqual([[], [], [], [], []]);
  });

  test('has to give it what it treats', () => {
    const disk = { playbook: 'first', failure: 'disk-full' };
    const other = { playbook: 'another', failure: 'disk-full' };
    const given = (more: object) => wrong({}, { playbooks: { 'application-down': 'first', 'disk-full': null }, ...more });
    expect(given({ classification: { ...usual.classification, alarms: [other, disk] } })).toEqual([
      "treats: classification.alarms.1 gives it disk-full, which it doesn't treat",
    ]);
    expect(
      given({
        logs: [
          { ...of, ...other },
          { ...of, ...disk },
        ],
      }),
    ).toEqual(["treats: logs.1 gives it disk-full, which it doesn't treat"]);
    expect(given({ playbooks: { 'application-down': 'first', 'disk-full': 'first' } })).toEqual([
      "treats: playbooks gives it disk-full, which it doesn't treat",
    ]);
    expect(given({ beats: [{ playbook: 'another' }, { playbook: 'first' }] })).toEqual([]);
    const full = { treats: ['disk-full'], failing: ['alarm-fires'], healthy: ['alarm-is-ok'] };
    expect(wrong(full, { playbooks: { 'disk-full': 'first' }, beats: [{ playbook: 'another' }, { playbook: 'first' }] })).toEqual([
      "treats: a heartbeat names it for application-down, which it doesn't treat",
    ]);
    expect(wrong(full, { playbooks: { 'disk-full': 'first' }, beats: [{ playbook: 'another' }] })).toEqual([]);
  });

  test('has to choose between names that differ', () => {
    const problems = customPlaybookProblems(
      settings([first, { ...first, id: 'second' }, first], { playbooks: { 'application-down': 'second', 'disk-full': 'first' } }) as never,
    );
    expect(problems.filter(({ message }) => message.startsWith('there are'))).toEqual([
      { path: ['customPlaybooks', 2, 'id'], message: 'there are two playbooks first' },
    ]);
  });
});
