import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { growVolume, growVolumeBy } from '../../shared/actions/grow-volume.ts';
import type { VolumeFacts } from '../../shared/model/disk.ts';
import { diskFacts, diskPolicy, facts, instanceId, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';
import { restart } from './managed-instance.ts';

const of = (change: object = {}) => {
  const named = policy({ ...diskPolicy, disks: { ...diskPolicy.disks, ...change } });
  if (!named.disks) throw new Error('the policy names no disks');
  return { policy: named, action: growVolumeBy(named.disks, restart) };
};
const { action, policy: named } = of();
const VolumeId = 'vol-0a1b2c3d4e5f60718';

/** The step of this name, and what it says of a volume. */
const step = (name: string) => {
  const found = action.steps.find((one) => one.name === name);
  const input = { before: diskFacts(), policy: named };
  return {
    done: (change: Partial<VolumeFacts>) => found?.done?.(diskFacts(change), input),
    settled: (change: Partial<VolumeFacts>) => found?.settled?.when(diskFacts(change), input),
  };
};

describe('grow-volume', () => {
  test('begins a snapshot, modifies the one volume, and lets the file system of its serial number grow', async () => {
    const calls = await doAll(action, diskFacts());
    expect(calls.map(({ permission, input }) => [permission, input])).toMatchObject([
      ['ec2:CreateSnapshot', { VolumeId, Description: 'selfheal an-attempt' }],
      ['ec2:ModifyVolume', { VolumeId, Size: 25 }],
      ['ssm:SendCommand', { InstanceIds: [instanceId], Parameters: { Service: ['nginx'], Volume: ['vol0a1b2c3d4e5f60718'] } }],
    ]);
  });

  test('begins no snapshot, and names no volume to the document, where the policy says so', async () => {
    const calls = await doAll(of({ snapshot: false, serial: undefined }).action, diskFacts());
    expect(calls.map(({ permission }) => permission)).toEqual(['ec2:ModifyVolume', 'ssm:SendCommand']);
    expect(calls[1]?.input.Parameters).toEqual({ Service: ['nginx'] });
  });

  test('never asks for more than the policy allows', async () => {
    const calls = await doAll(action, diskFacts({ size: 39 }));
    expect(calls[1]?.input).toMatchObject({ Size: 40 });
  });

  test('calls nothing where the volume can not be told', async () => {
    await expect(doAll(action, diskFacts({}, { devices: null }))).rejects.toThrow('is no longer known');
  });

  test.each<[Partial<VolumeFacts>, boolean, boolean]>([
    [{}, false, false],
    [{ modification: { state: 'completed', size: 20 } }, false, false],
    [{ modification: { state: 'modifying', size: 25 } }, true, false],
    [{ modification: { state: 'optimizing', size: 25 } }, true, false],
    [{ size: 25, modification: { state: 'optimizing', size: 25 } }, true, true],
    [{ size: 30, modification: { state: 'completed', size: 30 } }, true, true],
    [{ modification: { state: 'failed', size: 25 } }, false, false],
  ])('knows by a look whether %j is modified (%p) and may be extended (%p)', (change, done, settled) => {
    expect([step('modify').done(change), step('modify').settled(change)]).toEqual([done, settled]);
  });

  test.each([
    [null, false],
    ['pending', true],
    ['completed', true],
    ['error', false],
  ])('with a snapshot that is %s the next step may follow: %p', (state, follows) => {
    expect([step('snapshot').done({ snapshot: state }), step('snapshot').settled({ snapshot: state })]).toEqual([follows, follows]);
  });

  test('is done so many times in a while, and says what it does', () => {
    expect(action.limit).toEqual({ times: 2, within: 7 * 86_400 });
    const target = { type: 'instance', id: instanceId } as const;
    expect(toDo(action, { target, facts: diskFacts(), policy: named })).toBe(
      `grow volume ${VolumeId} of instance ${instanceId} from 20 to 25 GiB`,
    );
    expect(toDo(growVolume, { target, facts: facts(), policy: policy() })).toBe(`grow a volume of instance ${instanceId}`);
    expect(growVolume.target()).toBeNull();
  });
});
