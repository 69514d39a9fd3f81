import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { facts, group, groupName, instanceId, memberFacts, memberOf, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const [terminate] = replaceMember.steps;

describe('replace-member', () => {
  test('terminates the member through its group, which keeps its size', async () => {
    expect(await doAll(replaceMember, memberFacts())).toEqual([
      {
        permission: 'autoscaling:TerminateInstanceInAutoScalingGroup',
        input: { InstanceId: instanceId, ShouldDecrementDesiredCapacity: false },
      },
    ]);
  });

  const kept = { maintenance: { minHealthy: 100, maxHealthy: 150 } };

  test('leaves it to a group that has a maintenance policy, by marking the member unhealthy at once', async () => {
    expect(await doAll(replaceMember, memberFacts({ group: group(kept) }))).toEqual([
      {
        permission: 'autoscaling:SetInstanceHealth',
        input: { InstanceId: instanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false },
      },
    ]);
  });

  test('calls nobody in a dry run, since Auto Scaling has none', async () => {
    expect(await doAll(replaceMember, memberFacts(), { dryRun: true })).toEqual([]);
  });

  test.each([
    ['a member in service', memberFacts(), false],
    [
      'a member on its way out',
      memberFacts({ group: group({ members: [memberOf(instanceId, { lifecycleState: 'Terminating' })] }) }),
      true,
    ],
    ['one that has left', memberFacts({ group: group({ members: [memberOf('i-0ffffffffffffffff')] }) }), true],
    [
      'one that its group, which has a maintenance policy, knows as unhealthy',
      memberFacts({ group: group({ ...kept, members: [memberOf(instanceId, { health: 'Unhealthy' })] }) }),
      true,
    ],
    ['one that such a group takes for healthy', memberFacts({ group: group({ ...kept, members: [memberOf(instanceId)] }) }), false],
    ['one that is unhealthy', memberFacts({ group: group({ members: [memberOf(instanceId, { health: 'Unhealthy' })] }) }), false],
    ['one whose group cannot be seen', memberFacts({ group: null }), false],
  ])('takes %s for replaced: %p', (_, seen, done) => {
    expect(terminate.done?.(seen)).toBe(done);
  });

  test('acts upon the instance, and on nothing where the look saw none', () => {
    expect(replaceMember.target(memberFacts())).toEqual({ type: 'instance', id: instanceId });
    expect(replaceMember.target(facts({ instance: null }))).toBeNull();
  });

  test('says what it does', () => {
    const target = { type: 'instance', id: instanceId } as const;
    const text = toDo(replaceMember, { target, facts: memberFacts(), policy: policy() });
    expect(text).toBe(`replace member ${instanceId} of group ${groupName}`);
  });
});
