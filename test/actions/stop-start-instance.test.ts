import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { readInstanceState } from '../../shared/aws/states.ts';
import { ec2Error } from '../aws/recorder.ts';
import { facts, groupFacts, instance, instanceId, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const in_ = (state: string) => facts({ instance: instance({ state: readInstanceState(state) }) });
const [stop, start] = stopStartInstance.steps;

describe('stop-start-instance', () => {
  test('stops the one instance, without force, and starts it', async () => {
    const input = { InstanceIds: [instanceId], DryRun: false };
    expect(await doAll(stopStartInstance, facts())).toEqual([
      { permission: 'ec2:StopInstances', input },
      { permission: 'ec2:StartInstances', input },
    ]);
  });

  test('only asks EC2 whether it might in a dry run', async () => {
    const calls = await doAll(stopStartInstance, facts(), { dryRun: true, answer: ec2Error('DryRunOperation', 412) });
    expect(calls.map(({ input }) => input.DryRun)).toEqual([true, true]);
  });

  test('starts only what it has seen stopped', () => {
    const states = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'];
    expect(states.filter((state) => stop?.settled?.when(in_(state)))).toEqual(['stopped']);
    expect(stop?.settled?.when(facts({ instance: null }))).toBe(false);
  });

  test.each([
    ['running', false, true],
    ['stopping', true, false],
    ['stopped', true, false],
    ['pending', false, true],
    ['terminated', false, false],
  ])('goes on with an instance that is %s where it stopped', (state, stopped, started) => {
    expect([stop?.done?.(in_(state)), start?.done?.(in_(state))]).toEqual([stopped, started]);
  });

  test('acts upon the instance that the look saw, and on nothing where it saw none', () => {
    expect(stopStartInstance.target(facts())).toEqual({ type: 'instance', id: instanceId });
    expect(stopStartInstance.target(groupFacts())).toBeNull();
  });

  test('says what it does', () => {
    const target = { type: 'instance', id: instanceId } as const;
    expect(toDo(stopStartInstance, { target, facts: facts(), policy: policy() })).toContain(`stop and start instance ${instanceId}`);
  });
});
