import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { runCommandOf } from '../../shared/actions/run-command.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { reachable, reachablePermissions } from '../../shared/guards/reachable.ts';
import { createManagedInstance, restart } from '../actions/managed-instance.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { instanceId, policy } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';
import { lookingUp } from './look-up.ts';

const call = 'ssm:DescribeInstanceInformation';
const action = runCommandOf('restart-nginx', restart);
const asking = (answer: Answer) => lookingUp({ [call]: answer }, { action });
const seenAs = (PingStatus: string, InstanceId = instanceId): Answer => ({
  output: { InstanceInformationList: [{ InstanceId, PingStatus }] },
});

describe('reachable', () => {
  test('passes a command on an instance whose agent is online, and looks for that one alone', async () => {
    const { input, calls } = asking(seenAs('Online'));
    expect(await reachable.check(input)).toEqual({ answer: 'pass' });
    expect(calls).toEqual([{ permission: call, input: { Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] } }]);
    expect(reachablePermissions).toEqual([call]);
  });

  // To wait for the agent would put off the next step, which may well help.
  test.each<[string, Answer, string]>([
    ['lost its connection', seenAs('ConnectionLost'), `Systems Manager sees ${instanceId} as ConnectionLost`],
    ['is inactive', seenAs('Inactive'), `Systems Manager sees ${instanceId} as Inactive`],
    ['is in a state that nobody knows', seenAs('Offline'), `Systems Manager sees ${instanceId} as Offline`],
    ['was never there', { output: { InstanceInformationList: [] } }, `Systems Manager doesn't manage ${instanceId}`],
    ['is that of another instance', seenAs('Online', 'i-0ffffffffffffffff'), `Systems Manager doesn't manage ${instanceId}`],
  ])('skips a command where the agent %s', async (_, answer, reason) => {
    expect(await reachable.check(asking(answer).input)).toEqual({ answer: 'skip', reason });
  });

  test('holds a command where it may not look, and waits where it can not', async () => {
    const held = async (answer: Answer) => evaluateGuards([reachable], asking(answer).input);
    expect(await held(sdkError('AccessDeniedException', 400))).toMatchObject({ answer: 'hold', passing: false, unseen: true });
    expect(await held(sdkError('InternalServerError', 500))).toMatchObject({ answer: 'hold', unseen: true });
  });

  test('has nothing to do with what needs no agent', async () => {
    expect(await reachable.check(guardInput({ action: rebootInstance }))).toEqual({ answer: 'pass' });
    // A back-test goes without it where an action needs an agent, and only there.
    const open = (one: Action) => reachable.isOpen(one, 'instance', policy());
    expect([open(action), open(rebootInstance)]).toEqual([true, false]);
  });

  test('goes by what Systems Manager says of an agent that is lost', async () => {
    const { aws, clients, target, pass } = createManagedInstance();
    const input = guardInput({ action, target, clients });
    expect(await reachable.check(input)).toEqual({ answer: 'pass' });
    aws.ssm.loseAgent(target.id, true);
    pass(1200);
    expect(await reachable.check(input)).toMatchObject({ answer: 'skip', reason: `Systems Manager sees ${target.id} as ConnectionLost` });
  });
});
