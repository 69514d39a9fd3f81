import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { readInstanceState } from '../../shared/aws/states.ts';
import { ec2Error } from '../aws/recorder.ts';
import { facts, groupFacts, instance, instanceId, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const stopped = facts({ instance: instance({ state: 'stopped', stateReason: 'Server.ScheduledStop' }) });
const [start] = startInstance.steps;

describe('start-instance', () => {
  test('starts the one instance', async () => {
    expect(await doAll(startInstance, stopped)).toEqual([
      { permission: 'ec2:StartInstances', input: { InstanceIds: [instanceId], DryRun: false } },
    ]);
  });

  test('only asks EC2 whether it might in a dry run', async () => {
    const calls = await doAll(startInstance, stopped, { dryRun: true, answer: ec2Error('DryRunOperation', 412) });
    expect(calls.map(({ input }) => input.DryRun)).toEqual([true]);
  });

  test.each([
    ['pending', true],
    ['running', true],
    ['stopped', false],
    ['stopping', false],
    ['terminated', false],
  ])('takes an instance that is %s for started: %p', (state, done) => {
    expect(start.done?.(facts({ instance: instance({ state: readInstanceState(state) }) }))).toBe(done);
  });

  test('acts upon the instance that the look saw, and on nothing where it saw none', () => {
    expect(startInstance.target(stopped)).toEqual({ type: 'instance', id: instanceId });
    expect(startInstance.target(groupFacts())).toBeNull();
  });

  test('says what it does', () => {
    const target = { type: 'instance', id: instanceId } as const;
    expect(toDo(startInstance, { target, facts: stopped, policy: policy() })).toBe(`start instance ${instanceId}`);
  });
});
