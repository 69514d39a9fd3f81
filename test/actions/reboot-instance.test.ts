import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { ec2Error } from '../aws/recorder.ts';
import { facts, groupFacts, instanceId, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

describe('reboot-instance', () => {
  test('reboots the one instance', async () => {
    expect(await doAll(rebootInstance, facts())).toEqual([
      { permission: 'ec2:RebootInstances', input: { InstanceIds: [instanceId], DryRun: false } },
    ]);
  });

  test('only asks EC2 whether it might in a dry run', async () => {
    const calls = await doAll(rebootInstance, facts(), { dryRun: true, answer: ec2Error('DryRunOperation', 412) });
    expect(calls.map(({ input }) => input.DryRun)).toEqual([true]);
  });

  test('throws what EC2 refuses, in a dry run as well', async () => {
    const answer = ec2Error('UnauthorizedOperation', 403);
    await expect(doAll(rebootInstance, facts(), { answer })).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
    await expect(doAll(rebootInstance, facts(), { dryRun: true, answer })).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  test('acts upon the instance that the look saw, and on nothing where it saw none', () => {
    expect(rebootInstance.target(facts())).toEqual({ type: 'instance', id: instanceId });
    expect(rebootInstance.target(groupFacts())).toBeNull();
  });

  test('says what it does', () => {
    const target = { type: 'instance', id: instanceId } as const;
    expect(toDo(rebootInstance, { target, facts: facts(), policy: policy() })).toBe(`reboot instance ${instanceId}`);
  });
});
