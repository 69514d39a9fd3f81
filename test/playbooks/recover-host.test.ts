import { describe, expect, test } from '@jest/globals';
import { recoverHost } from '../../shared/playbooks/recover-host.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('recover-host', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance on a failed host', ['watch', 'stop-start-instance']],
    ['a lone instance whose host is unknown', ['watch', 'stop-start-instance']],
    ['a lone instance with an instance store on a failed host', ['watch']],
    ['a lone spot instance on a failed host', []],
    ['a lone instance that EC2 does not recover', ['stop-start-instance']],
    ['a member on a failed host', ['watch', 'replace-member']],
    ['a member whose group is gone', []],
    ['a whole group', []],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(recoverHost, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(recoverHost.failing.map(({ id }) => id)).toEqual(['status-checks-pass']);
    expect(recoverHost.healthy.map(({ id }) => id)).toEqual(['status-checks-pass', 'alarm-is-ok']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = recoverHost.ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });

  test('never reboots: that keeps the host', () => {
    expect(recoverHost.ladder.some((step) => step.kind === 'act' && step.action.id === 'reboot-instance')).toBe(false);
  });
});
