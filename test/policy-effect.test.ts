import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failures } from '../shared/failures/index.ts';
import { actionIds } from '../shared/model/action-id.ts';
import { failureIds } from '../shared/model/failure-id.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { diskPolicy } from './remediation/examples.ts';

const read = (given: object) => parsePolicy(JSON.stringify(given));
const required = (...rules: object[]) => ({ approval: { required: rules } });
const rule = (parts: object = {}) => ({
  metric: 'Backlog',
  failure: 'queue-backlog',
  direction: 'above',
  subject: { type: 'group', id: 'workers' },
  ...parts,
});
const rebootRule = rule({
  failure: 'database-impaired',
  subject: { type: 'database', dimension: 'DBInstanceIdentifier' },
  playbook: 'reboot-database',
});
const commands = { 'clean-tmp': { document: 'Shop-CleanTmp', version: '1' } };
const topicArn = 'arn:aws:sns:us-east-1:123456789012:selfheal-prod-route-ops';

describe('a setting without effect', () => {
  test.each<[string, object, RegExp]>([
    ['commands for disks that there are not', { disks: diskPolicy.disks }, /^policy: disks\.look: there is no command list-disks/],
    [
      'a command for disks that interrupts what is served',
      { ...diskPolicy, commands: { ...diskPolicy.commands, 'extend-disk': { document: 'Shop-ExtendDisk', version: '1' } } },
      /^policy: disks\.extend: extend-disk must interrupt nothing/,
    ],
    [
      'one document for both commands on disks',
      { ...diskPolicy, commands: { ...diskPolicy.commands, 'extend-disk': diskPolicy.commands['list-disks'] } },
      /^policy: disks\.extend: must have another document than look/,
    ],
    [
      'a playbook for a class that never acts',
      { playbooks: { 'latency-high': 'restart-instance' } },
      /^policy: playbooks\.latency-high: nothing acts on/,
    ],
    [
      'a playbook that looks for something else, for a class that only acts where the policy names one',
      { playbooks: { 'disk-full': 'restart-instance' } },
      /^policy: playbooks\.disk-full: restart-instance can't treat disk-full: it looks for status-checks-pass, and disk-full shows in alarm-fires$/,
    ],
    [
      'a playbook for other things',
      { playbooks: { 'target-unhealthy': 'restart-instance' } },
      /^policy: playbooks\.target-unhealthy: .* acts on instance, not on target-group and load-balancer$/,
    ],
    [
      'a playbook that looks for something else',
      { playbooks: { 'instance-unreachable': 'leave-retiring-host' } },
      /can't treat instance-unreachable: it looks for nothing-scheduled, and instance-unreachable shows in status-checks-pass and alarm-fires$/,
    ],
    [
      'a playbook for a recommendation that is ignored',
      { playbooks: { 'spot-rebalance': 'replace-ahead' } },
      /only acted on if classification\.spotRebalance/,
    ],
    [
      'a playbook that a setting of its own turns on',
      { playbooks: { 'database-impaired': 'reboot-database' } },
      /^policy: playbooks\.database-impaired: nothing acts on/,
    ],
    [
      'a rule that names such a playbook',
      { classification: { alarms: [rebootRule] } },
      /^policy: classification\.alarms\.0\.playbook: reboot-database only runs if databases\.reboot is on$/,
    ],
    [
      'a pattern in logs that names such a playbook',
      {
        logs: [
          { group: '/shop/api', pattern: 'one', failure: 'application-down', subject: { type: 'instance', id: 'i-0aa11bb22cc33dd44' } },
          {
            ...{ group: '/shop/api', pattern: 'two', failure: 'database-impaired', playbook: 'reboot-database' },
            subject: { type: 'database', id: 'orders' },
          },
        ],
      },
      /^policy: logs\.1\.playbook: reboot-database only runs if databases\.reboot is on$/,
    ],
    [
      'a mode for a class that never acts',
      { modes: [{ when: { failure: 'disk-full' }, mode: 'enforce' }] },
      /^policy: modes\.0\.when\.failure: nothing acts/,
    ],
    [
      'a question about a class that never acts',
      required({ failure: 'disk-full' }),
      /^policy: approval\.required\.0\.failure: nothing acts/,
    ],
    [
      'a command that there is not',
      { commands, run: [{ when: { failure: 'disk-full' }, command: 'clean-tmb' }] },
      /^policy: run\.0\.command: there is no command clean-tmb in commands; did you mean clean-tmp\?$/,
    ],
    [
      'a command of which only the prototype of all objects has the name',
      { commands, run: [{ when: { failure: 'disk-full' }, command: 'constructor' }] },
      /^policy: run\.0\.command: there is no command constructor in commands$/,
    ],
    [
      'a command for a class whose playbook runs none',
      { commands, run: [{ when: { failure: 'host-impaired' }, command: 'clean-tmp' }] },
      /^policy: run\.0\.when\.failure: no playbook for host-impaired runs a command$/,
    ],
    [
      'a command for a class that is only reported',
      { commands, run: [{ when: { failure: 'disk-full' }, command: 'clean-tmp' }], playbooks: { 'disk-full': 'none' } },
      /^policy: run\.0\.when\.failure: no playbook for disk-full runs a command$/,
    ],
    [
      'a command behind one for the whole class',
      {
        commands,
        run: [
          { when: { failure: 'disk-full' }, command: 'clean-tmp' },
          { when: { failure: 'disk-full', tag: { key: 'role' } }, command: 'clean-tmp' },
        ],
      },
      /^policy: run\.1: never applies: run\.0 matches/,
    ],
    [
      'a question about an action that the class never takes',
      required({ tag: { key: 'a' } }, { action: 'scale-out', failure: 'host-impaired' }),
      /^policy: approval\.required\.1\.action: scale-out is never done about host-impaired$/,
    ],
    [
      'a question about an action that another playbook never takes',
      {
        ...required({ action: 'reboot-instance', failure: 'instance-unreachable' }),
        playbooks: { 'instance-unreachable': 'recover-host' },
      },
      /^policy: approval\.required\.0\.action: reboot-instance is never done/,
    ],
    [
      'a route behind one that takes all of it',
      {
        routes: [
          { when: { severity: 'low' }, topicArn },
          { when: { severity: 'low', outcome: 'held' }, topicArn },
        ],
      },
      /^policy: routes\.1: never applies: routes\.0 matches/,
    ],
    [
      'a mode for a unit that there is not',
      { organization: { units: { shop: ['111122223333'] } }, modes: [{ when: { unit: 'shp' }, mode: 'off' }] },
      /^policy: modes\.0\.when\.unit: organization\.units has no "shp"; did you mean shop\?$/,
    ],
    [
      'a route for an account that its unit does not have',
      { organization: { units: { shop: ['111122223333'] } }, routes: [{ when: { unit: 'shop', account: '444455556666' }, topicArn }] },
      /^policy: routes\.0\.when\.unit: shop doesn't have the account 444455556666$/,
    ],
    [
      'a channel for a unit that there is not',
      { channels: { pagerduty: { secret: 'pager', when: { unit: 'shop' } } } },
      /^policy: channels\.pagerduty\.when\.unit: organization\.units has no "shop"$/,
    ],
    [
      'a webhook for a unit that there is not',
      { channels: { webhooks: [{ name: 'a', url: 'https://shop.example.com/', secret: 'a', when: { unit: 'shop' } }] } },
      /^policy: channels\.webhooks\.0\.when\.unit: organization\.units has no "shop"$/,
    ],
    [
      'a sender by a unit that there is not',
      { scope: { health: ['111122223333', 'security'] } },
      /^policy: scope\.health\.1: organization\.units has no "security"$/,
    ],
    [
      'a rule behind one that takes all of it',
      { classification: { alarms: [rule(), rule({ namespace: 'Shop', failure: 'load-saturated' })] } },
      /^policy: classification\.alarms\.1: never applies/,
    ],
    [
      'a rule behind one for all alarms',
      { classification: { alarms: [rule({ metric: undefined, alarm: '*' }), rule({ dimensions: { Queue: 'a' } })] } },
      /^policy: classification\.alarms\.1: never applies/,
    ],
  ])('is refused: %s', (_, given, message) => {
    expect(() => read(given)).toThrow(message);
  });

  test.each<[string, object]>([
    [
      'what is not done anyway and is forbidden',
      { playbooks: { 'disk-full': 'none' }, modes: [{ when: { failure: 'disk-full' }, mode: 'off' }] },
    ],
    [
      'another playbook that looks for the same',
      { playbooks: { 'instance-unreachable': 'recover-host', 'host-impaired': 'restart-instance' } },
    ],
    ['one that goes by the alarm', { playbooks: { 'memory-exhausted': 'scale-out' } }],
    [
      'a class that a rule gives a playbook',
      {
        classification: { alarms: [rule({ playbook: 'scale-out' })] },
        playbooks: { 'queue-backlog': 'scale-out' },
        modes: [{ when: { failure: 'queue-backlog' }, mode: 'dry-run' }],
        ...required({ failure: 'queue-backlog', action: 'scale-out' }),
      },
    ],
    [
      'a recommendation that is acted on',
      { classification: { spotRebalance: 'replace-ahead' }, ...required({ failure: 'spot-rebalance' }) },
    ],
    [
      'a question about a class that is switched off for now',
      { playbooks: { 'host-impaired': 'none' }, ...required({ failure: 'host-impaired' }) },
    ],
    [
      'routes that differ',
      {
        routes: [
          { when: { severity: 'low', outcome: 'held' }, topicArn },
          { when: { severity: 'low' }, topicArn },
        ],
      },
    ],
    [
      'rules that differ',
      { classification: { alarms: [rule({ dimensions: { Queue: 'a' } }), rule({ dimensions: { Queue: 'b' } }), rule()] } },
    ],
    [
      'a rule for one value of a tag and then one for any',
      { classification: { alarms: [rule({ tag: { key: 'a', value: 'b' } }), rule({ tag: { key: 'a' } })] } },
    ],
    [
      'a command for some, and another for the rest',
      {
        commands: { ...commands, 'clean-all': { document: 'Shop-Clean', version: '2' } },
        run: [
          { when: { failure: 'disk-full', tag: { key: 'role' } }, command: 'clean-tmp' },
          { when: { failure: 'disk-full' }, command: 'clean-all' },
        ],
        modes: [{ when: { failure: 'disk-full' }, mode: 'dry-run' }],
        ...required({ failure: 'disk-full', action: 'run-command' }),
      },
    ],
    [
      'a rule that names the reboot of a database, which the policy names as well',
      { databases: { reboot: 'on' }, classification: { alarms: [rebootRule] } },
    ],
  ])('is not: %s', (_, given) => {
    expect(() => read(given)).not.toThrow();
  });

  test('is no question about anything that a class does', () => {
    const acting = failureIds.filter((id) => typeof failures[id].playbook === 'string');
    fc.assert(fc.property(fc.constantFrom(...acting), (failure) => void expect(() => read(required({ failure }))).not.toThrow()));
    const ecs = { hosts: 'on', rollback: 'on', scale: 'on', restart: 'on' };
    const lambda = { rollback: { alias: 'live' }, concurrency: { max: 40 } };
    const named = {
      databases: { reboot: 'on', storage: { atMost: 500 }, failover: 'on' },
      readers: {},
      redrive: {},
      ecs,
      lambda,
      certificates: { zones: ['Z0SHOP'] },
      ...diskPolicy,
    };
    for (const action of actionIds) expect(() => read({ ...required({ action }), ...named })).not.toThrow();
  });
});
