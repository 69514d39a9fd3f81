import { describe, expect, test } from '@jest/globals';
import { restartInstance } from '../../shared/playbooks/restart-instance.ts';
import { type Scene, scenes, stepsFor, testRestart } from './examples.ts';

describe('restart-instance', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['reboot-instance', 'stop-start-instance']],
    ['a lone instance on a failed host', ['watch', 'stop-start-instance']],
    ['a lone instance whose host is unknown', ['stop-start-instance']],
    ['a lone instance with an instance store that hangs', ['reboot-instance']],
    ['a lone instance with an instance store on a failed host', ['watch']],
    ['a member that hangs', ['watch', 'replace-member']],
    ['a member whose group is gone', []],
    ['a whole group', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(restartInstance, scenes[scene])).toEqual(steps);
  });

  testRestart(restartInstance);
});
