import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { replaceContainerInstance } from '../../shared/actions/replace-container-instance.ts';
import { containerHost, instanceId, memberFacts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (change: Parameters<typeof containerHost>[0] = {}) => memberFacts({ host: containerHost(change) });
const [drain] = replaceContainerInstance.steps;

describe('replace-container-instance', () => {
  test('drains the host, and then has its group replace it', async () => {
    expect((await doAll(replaceContainerInstance, seen())).map(({ permission }) => permission)).toEqual([
      'ecs:UpdateContainerInstancesState',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
    ]);
  });

  test('waits for the tasks of services to move, and goes on without them after a while', () => {
    const { when, within, goesOn } = drain.settled;
    expect(when(seen({ status: 'DRAINING' }))).toBe(false);
    expect(when(seen({ status: 'DRAINING', tasks: 1, standalone: 1 }))).toBe(true);
    expect(when(seen({ status: 'INACTIVE' }))).toBe(true);
    // A look that still shows it active is from before the call.
    expect(when(seen({ tasks: 0 }))).toBe(false);
    expect([within, goesOn]).toEqual([600, true]);
  });

  test('does not drain what is being drained', () => {
    expect(drain.done(seen())).toBe(false);
    expect(drain.done(seen({ status: 'DRAINING' }))).toBe(true);
  });

  test('leaves a host that it has drained and not replaced in a state that is told with the way back', () => {
    const target = { type: 'instance', id: instanceId } as const;
    const { leaves } = replaceContainerInstance;
    expect(leaves({ target, facts: seen() })).toBeNull();
    expect(leaves({ target, facts: seen({ status: 'DRAINING' }) })).toMatch(
      /^DRAINED by selfheal: i-\w+ takes no tasks of cluster prod, until aws ecs update-container-instances-state .* --status ACTIVE$/,
    );
  });

  test('is for hosts of a cluster alone', () => {
    const target = { type: 'instance', id: instanceId } as const;
    expect(replaceContainerInstance.target(seen())).toEqual(target);
    expect(replaceContainerInstance.target(memberFacts())).toBeNull();
    expect(toDo(replaceContainerInstance, { target, facts: seen(), policy: policy() })).toBe(
      `drain and replace container instance ${instanceId} of cluster prod and group web`,
    );
  });
});
