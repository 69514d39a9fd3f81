import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { extendFileSystem, extendFileSystemBy } from '../../shared/actions/extend-file-system.ts';
import { diskPolicy, facts, instanceId, policy, unfinishedDisk } from '../remediation/examples.ts';
import { doAll } from './examples.ts';
import { restart } from './managed-instance.ts';

const named = policy(diskPolicy);
const target = { type: 'instance', id: instanceId } as const;

describe('extend-file-system', () => {
  test('sends the command alone, with the serial number of the volume that was grown before', async () => {
    if (!named.disks) throw new Error('the policy names no disks');
    const action = extendFileSystemBy(named.disks, restart);
    expect(await doAll(action, unfinishedDisk())).toMatchObject([
      { permission: 'ssm:SendCommand', input: { InstanceIds: [instanceId], Parameters: { Volume: ['vol0a1b2c3d4e5f60718'] } } },
    ]);
    expect(await doAll(action, unfinishedDisk(), { dryRun: true })).toEqual([]);
    expect(toDo(action, { target, facts: unfinishedDisk(), policy: named })).toBe(
      `extend the file system on volume vol-0a1b2c3d4e5f60718 of instance ${instanceId} to all of its 25 GiB`,
    );
  });

  test('has no target before it is known what the policy says of disks', () => {
    expect(extendFileSystem.target()).toBeNull();
    expect(toDo(extendFileSystem, { target, facts: facts(), policy: policy() })).toBe(`extend a file system of instance ${instanceId}`);
  });
});
