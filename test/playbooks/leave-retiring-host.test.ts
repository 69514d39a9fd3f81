import { describe, expect, test } from '@jest/globals';
import { leaveRetiringHost } from '../../shared/playbooks/leave-retiring-host.ts';
import { type Scene, scenes, stepsFor } from './examples.ts';

describe('leave-retiring-host', () => {
  test.each<[Scene, string[]]>([
    ['a lone instance that hangs', ['calm', 'stop-start-instance']],
    ['a lone instance with an instance store that hangs', ['calm']],
    ['a lone spot instance on a failed host', ['calm']],
    ['a member that hangs', ['calm', 'replace-member']],
    ['a member whose group is gone', ['calm']],
    ['a whole group', ['calm']],
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

  test('waits for a calm hour before anything else', () => {
    expect(leaveRetiringHost.ladder[0]).toEqual({ kind: 'calm' });
  });
});
