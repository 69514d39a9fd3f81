import { describe, expect, test } from '@jest/globals';
import { remediesIn } from '../../shared/model/remedies.ts';
import { diskPolicy, policy } from '../remediation/examples.ts';

const commands = { mend: { document: 'Shop-Mend', version: '1' } };
const run = (failure: string, when: object = {}) => ({ commands, run: [{ when: { failure, ...when }, command: 'mend' }] });

describe('the remedies that a policy names', () => {
  test.each<[string, Record<string, unknown>, object]>([
    ['nothing', {}, {}],
    ['a command for a class that is left to people without', run('disk-full'), { 'disk-full': 'clean-disk' }],
    ['a command for dead processes', run('application-down'), { 'application-down': 'restart-application' }],
    ['a command for a class that has a playbook of its own', run('memory-exhausted'), {}],
    ['a command for some resources only', run('disk-full', { tag: { key: 'role' } }), {}],
    [
      'a playbook without a command',
      { playbooks: { 'application-down': 'restart-application' } },
      { 'application-down': 'restart-application' },
    ],
    ['a command, and that the class is only reported', { ...run('disk-full'), playbooks: { 'disk-full': 'none' } }, { 'disk-full': null }],
    [
      'a command, and another playbook',
      { ...run('disk-full'), playbooks: { 'disk-full': 'restart-application' } },
      { 'disk-full': 'restart-application' },
    ],
    ['what may be done to disks', diskPolicy, { 'disk-full': 'clean-disk' }],
    [
      'what may be done to disks, and that they are only reported',
      { ...diskPolicy, playbooks: { 'disk-full': 'none' } },
      { 'disk-full': null },
    ],
    ['the playbook for disks alone', { playbooks: { 'disk-full': 'clean-disk' } }, { 'disk-full': 'clean-disk' }],
    [
      'the reboot of databases',
      { databases: { reboot: 'on' } },
      { 'database-impaired': 'reboot-database', 'replica-behind': 'catch-up-replica' },
    ],
    [
      'the reboot of databases, and that they are only reported',
      { databases: { reboot: 'on' }, playbooks: { 'database-impaired': 'none' } },
      { 'database-impaired': null, 'replica-behind': 'catch-up-replica' },
    ],
    ['the promotion of replicas', { databases: { promote: 'on' } }, { 'replica-behind': 'catch-up-replica' }],
    ['readers for clusters, for some signals of a class', { readers: {} }, {}],
    ['the storage of databases, for some signals of a class', { databases: { storage: { atMost: 500 } } }, {}],
    ['the failover of clusters, for some signals of a class', { databases: { failover: 'on' } }, {}],
    ['the playbook for databases alone', { playbooks: { 'database-impaired': 'reboot-database' } }, {}],
  ])('are for %s: %j', (_, given, expected) => {
    const remedies = remediesIn(policy(given));
    expect(remedies).toEqual(expected);
  });
});
