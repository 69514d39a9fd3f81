import { describe, expect, test } from '@jest/globals';
import { leaveRetiringHost } from '../../shared/playbooks/leave-retiring-host.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('leave-retiring-host', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['maintenance-window', 'stop-start-instance']],
    ['a lone instance with an instance store that hangs', ['maintenance-window']],
    ['a lone spot instance on a failed host', ['maintenance-window']],
    ['a member that hangs', ['maintenance-window', 'replace-member']],
    ['a member whose group is gone', ['maintenance-window']],
    ['a whole group', ['maintenance-window']],
  ])('has for %s the steps %j, in this order', (scene, steps) => {
    expect(stepsFor(leaveRetiringHost, scenes[scene])).toEqual(steps);
  });

  test('is for what is seen to fail, and ends when it is seen to be well', () => {
    expect(leaveRetiringHost.failing.map(({ id }) => id)).toEqual(['nothing-scheduled']);
    expect(leaveRetiringHost.healthy.map(({ id }) => id)).toEqual(['nothing-scheduled', 'status-checks-pass']);
  });

  test('calls a member healed once it is replaced, whatever its own alarm says', () => {
    const replace = leaveRetiringHost.ladder.find((step) => step.kind === 'act' && step.action.id === 'replace-member');
    expect(replace).toMatchObject({ healthy: [{ id: 'member-is-replaced' }] });
  });

  test('waits for the maintenance window before anything else', () => {
    expect(leaveRetiringHost.ladder[0]).toEqual({ kind: 'maintenance-window' });
  });
});
