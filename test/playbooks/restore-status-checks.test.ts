import { describe, expect, test } from '@jest/globals';
import { restoreStatusChecks } from '../../shared/playbooks/restore-status-checks.ts';
import { type Scene, scenes, stepsFor, testRestart } from './examples.ts';

describe('restore-status-checks', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['reboot-instance', 'stop-start-instance']],
    ['a lone instance on a failed host', ['watch', 'stop-start-instance']],
    ['a lone instance whose host is unknown', ['stop-start-instance']],
    ['a lone instance with an instance store that hangs', ['reboot-instance']],
    ['a lone instance with an instance store on a failed host', ['watch']],
    ['a lone spot instance on a failed host', []],
    ['a lone instance that EC2 does not recover', ['stop-start-instance']],
    ['a member that hangs', ['watch', 'replace-member']],
    ['a member on a failed host', ['watch', 'replace-member']],
    ['a member whose group is gone', []],
    ['a whole group', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(restoreStatusChecks, scenes[scene])).toEqual(steps);
  });

  testRestart(restoreStatusChecks);
});
