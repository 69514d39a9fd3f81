import { describe, expect, test } from '@jest/globals';
import { actionIds } from '../../shared/model/action-id.ts';
import { conditionIds } from '../../shared/model/condition-id.ts';
import { abilitiesOf, customPlaybookSchemas, targetsOfAction } from '../../shared/model/custom-playbook.ts';
import { healthCheckIds } from '../../shared/model/health-check-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import * as conditions from '../../shared/playbooks/conditions.ts';
import { conditionsById, playbookFrom, playbooksOf } from '../../shared/playbooks/custom.ts';
import { playbooks } from '../../shared/playbooks/index.ts';
import { narrows } from '../../shared/playbooks/narrows.ts';
import type { Playbook } from '../../shared/playbooks/playbook.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { builtInAsPolicy } from './built-in-as-policy.ts';

const command = { document: 'Shop-RestartService', version: '3', parameters: { Service: ['nginx'] } };
const first = {
  id: 'restart-nginx-first',
  summary: 'Restart nginx, then reboot or replace.',
  treats: ['application-down'],
  failing: ['alarm-fires'],
  healthy: ['alarm-is-ok', 'status-checks-pass'],
  steps: [
    { wait: 'systemd restarts it by itself', atMost: '2m' },
    { do: 'run-command', with: { command: 'restart-nginx' }, when: ['lone'], tries: 2, within: '5m' },
    { do: 'reboot-instance', when: ['lone', 'host-is-fine'] },
    { do: 'replace-member', when: ['in-group'], healthy: ['member-is-replaced'] },
  ],
};
const policyWith = (change: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Policy =>
  parsePolicy(
    JSON.stringify({
      commands: { 'restart-nginx': command },
      playbooks: { 'application-down': 'restart-nginx-first' },
      customPlaybooks: [{ ...first, ...change }],
      ...more,
    }),
  );
const withSteps = (...steps: object[]) => policyWith({ steps });

describe('a playbook of the policy', () => {
  test('has the actions, conditions and checks that it names', () => {
    const { 'restart-nginx-first': made } = playbooksOf(policyWith());
    expect(made).toMatchObject({
      failing: [{ id: 'alarm-fires' }],
      healthy: [{ id: 'alarm-is-ok' }, { id: 'status-checks-pass' }],
      ladder: [
        { kind: 'watch', because: 'systemd restarts it by itself', atMost: 120 },
        { kind: 'act', action: { id: 'run-command' }, tries: 2, within: 300 },
        { kind: 'act', action: { id: 'reboot-instance' }, when: [{ id: 'not in a group' }, { id: 'the host is fine' }] },
        { kind: 'act', action: { id: 'replace-member' }, healthy: [{ id: 'member-is-replaced' }] },
      ],
    });
  });

  test.each<[string, () => Policy, string]>([
    ['checks that nothing turns', () => policyWith({ healthy: ['group-is-whole'] }), 'nothing here tells that application-down is over'],
    [
      'checks that pass while the process is dead',
      () => policyWith({ healthy: ['status-checks-pass'] }),
      'nothing here tells that application-down is over',
    ],
    ['checks that never show the failure', () => policyWith({ failing: ['member-is-replaced'] }), 'nothing here shows application-down'],
    [
      'a class of which nothing tells that it is over',
      () => policyWith({ treats: ['application-down', 'launch-failed'] }),
      'no check can tell that launch-failed is over',
    ],
    [
      'an alarm check for what events report',
      () => policyWith({ treats: ['application-down', 'instance-stopped'], healthy: ['alarm-is-ok'] }),
      'nothing here tells that instance-stopped is over',
    ],
    ['no step that acts', () => withSteps({ wait: 'it heals by itself', atMost: '2m' }), 'no step does anything'],
    ['no step', () => withSteps(), 'steps'],
    [
      'a step that its own checks do not prove',
      () => withSteps({ do: 'replace-member', healthy: ['group-is-whole'] }),
      'nothing here proves replace-member',
    ],
    [
      'a reboot that a replaced member would prove',
      () => withSteps({ do: 'reboot-instance', healthy: ['member-is-replaced'] }),
      'nothing here proves reboot-instance',
    ],
    [
      'status checks alone for a process, which they do not see',
      () => policyWith({ healthy: ['status-checks-pass'] }),
      'nothing here tells that application-down is over',
    ],
    [
      'a start of what runs, proven by status checks, for a process',
      () => withSteps({ do: 'start-instance', healthy: ['status-checks-pass'] }),
      'nothing here proves start-instance: it needs one of alarm-is-ok, alarm-says-ok',
    ],
    [
      'a target that answers for a process behind it',
      () => withSteps({ do: 'reboot-instance', healthy: ['treated-target-is-well'] }),
      'nothing here proves reboot-instance: it needs one of alarm-is-ok, alarm-says-ok',
    ],
    [
      'targets that are all healthy for the one that was treated',
      () =>
        policyWith({
          ...{ treats: ['target-unhealthy'], failing: ['targets-are-healthy'], healthy: ['targets-are-healthy'] },
          steps: [{ do: 'reboot-instance', healthy: ['targets-are-healthy'] }],
        }),
      'nothing here proves reboot-instance: it needs one of alarm-is-ok, alarm-says-ok, treated-target-is-well',
    ],
    [
      'an alarm as the proof of a step, where events without any report the class',
      () =>
        policyWith({
          ...{ treats: ['instance-stopped'], failing: ['status-checks-pass'], healthy: ['status-checks-pass'] },
          steps: [{ do: 'start-instance', healthy: ['alarm-says-ok'] }],
        }),
      'nothing here proves start-instance: it needs one of status-checks-pass',
    ],
    [
      'a proof of a step that nothing proves for its class',
      () =>
        policyWith({
          ...{ treats: ['instance-stopped'], failing: ['status-checks-pass'], healthy: ['status-checks-pass'] },
          steps: [{ do: 'stop-start-instance', healthy: ['alarm-says-ok'] }],
        }),
      'nothing here proves stop-start-instance: leave it out, and those of the playbook count',
    ],
    [
      'a wait that ends well by what never told of the failure',
      () => withSteps({ wait: 'systemd', atMost: '2m', or: ['nothing-scheduled'] }, { do: 'reboot-instance' }),
      'nothing here tells that application-down is over',
    ],
    [
      'a command that there is not',
      () => withSteps({ do: 'run-command', with: { command: 'restart-ngins' } }),
      'did you mean restart-nginx?',
    ],
    ['a step that no command is named for', () => withSteps({ do: 'run-command' }), 'no command to run'],
    [
      'a command for an action that runs none',
      () => withSteps({ do: 'reboot-instance', with: { command: 'restart-nginx' } }),
      'only run-command runs a command',
    ],
    ['an action that there is not', () => withSteps({ do: 'reboot-instanc' }), 'did you mean reboot-instance?'],
    ['the id of a built-in playbook', () => policyWith({ id: 'restart-instance' }), 'is the id of a built-in playbook'],
    ['an id that every object has', () => policyWith({ id: 'constructor' }), 'is a name that JavaScript has a meaning for'],
    ['an id twice', () => policyWith({}, { customPlaybooks: [first, first] }), 'there are two playbooks restart-nginx-first'],
    ['nothing that chooses it', () => policyWith({}, { playbooks: {} }), 'nothing chooses restart-nginx-first'],
    [
      'a class that it does not treat',
      () => policyWith({}, { playbooks: { 'application-down': first.id, 'disk-full': first.id } }),
      "which it doesn't treat",
    ],
    ['more tries than anybody should make', () => withSteps({ do: 'reboot-instance', tries: 6 }), 'tries'],
  ])('is refused with %s', (_, parse, message) => {
    expect(parse).toThrow(message);
  });

  test.each([
    ['reboots', { healthy: ['alarm-is-ok'], steps: [{ do: 'reboot-instance' }] }, ['alarm-says-ok', 'status-checks-pass']],
    ['stops and starts', { steps: [{ do: 'stop-start-instance', healthy: ['alarm-is-ok'] }] }, ['alarm-says-ok', 'status-checks-pass']],
    ['runs a command', { steps: [{ do: 'run-command', with: { command: 'restart-nginx' }, healthy: ['alarm-is-ok'] }] }, ['alarm-says-ok']],
  ])('looks whether what it %s is up again, and takes no deleted alarm for proof', (_, change, ids) => {
    const [step] = playbooksOf(policyWith(change))['restart-nginx-first']?.ladder ?? [];
    expect(step).toMatchObject({ healthy: ids.map((id) => ({ id })) });
  });

  test('narrows no other one whose command it doesn’t run', () => {
    const running = (id: string, name: string) => ({ ...first, id, steps: [{ do: 'run-command', with: { command: name } }] });
    const made = playbooksOf(
      policyWith(
        {},
        {
          ...{ commands: { 'restart-nginx': command, 'wipe-cache': command }, classification: { alarmTags: 'on' } },
          customPlaybooks: [first, running('restart', 'restart-nginx'), running('wipe', 'wipe-cache')],
        },
      ),
    );
    const given = made[first.id] as Playbook;
    expect(narrows(made.restart as Playbook, given)).toBe(true);
    expect(narrows(made.wipe as Playbook, given)).toBe(false);
  });

  test('is known by the same abilities as it has', () => {
    const [own] = policyWith().customPlaybooks;
    if (!own) throw new Error('no playbook');
    expect(abilitiesOf(own)).toEqual({
      subjects: ['instance'],
      actions: ['run-command', 'reboot-instance', 'replace-member'],
      looksFor: ['alarm-fires'],
      proves: ['alarm-is-ok', 'status-checks-pass'],
      treats: ['application-down'],
    });
  });

  test('knows every condition, check and action by one name', () => {
    expect(Object.keys(conditionsById).sort()).toEqual([...conditionIds].sort());
    expect(new Set(Object.values(conditionsById))).toEqual(new Set(Object.values(conditions)));
    expect(new Set(healthCheckIds).size).toBe(healthCheckIds.length);
    expect(Object.keys(targetsOfAction).sort()).toEqual([...actionIds].sort());
  });
});

describe('every built-in playbook', () => {
  test.each(Object.values<Playbook>(playbooks).map((one) => [one.id, one] as const))('%s can be written in a policy', (_, playbook) => {
    const [written] = customPlaybookSchemas.customPlaybooks.parse([builtInAsPolicy(playbook)]);
    expect(written && playbookFrom(written, { commands: {} })).toEqual({ ...playbook, id: `copy-of-${playbook.id}` });
  });
});
