import { describe, expect, test } from '@jest/globals';
import { extendFileSystem } from '../../shared/actions/extend-file-system.ts';
import { growVolume } from '../../shared/actions/grow-volume.ts';
import { diskReady } from '../../shared/guards/disk-ready.ts';
import type { VolumeFacts } from '../../shared/model/disk.ts';
import { diskFacts, diskPolicy, unfinishedDisk } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const policy = effective(diskPolicy);
const ask = (change: Partial<VolumeFacts> = {}, seen = diskFacts(change)) =>
  diskReady.check(guardInput({ action: growVolume, facts: seen, policy }));

describe('disk-ready', () => {
  test('passes the growth of a volume that is opted in, and whatever grows none', () => {
    expect(ask()).toEqual({ answer: 'pass' });
    expect(ask({ modification: { state: 'completed', size: 20 } })).toEqual({ answer: 'pass' });
    expect(diskReady.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test('passes a file system alone only where its volume was grown before, whatever its size and however young that is', () => {
    const extend = (seen: ReturnType<typeof diskFacts>) => diskReady.check(guardInput({ action: extendFileSystem, facts: seen, policy }));
    expect(extend(unfinishedDisk())).toEqual({ answer: 'pass' });
    expect(extend(unfinishedDisk({ size: 40 }))).toEqual({ answer: 'pass' });
    for (const seen of [unfinishedDisk({ tags: {} }), unfinishedDisk({ attachments: 2 }), diskFacts(), diskFacts({}, { devices: null })])
      expect(extend(seen)).toMatchObject({ answer: 'escalate' });
  });

  test.each<[string, Partial<VolumeFacts>]>([
    ['has no tag', { tags: {} }],
    ['has the tag with another value', { tags: { selfheal: 'off' } }],
    ['has all that the policy allows', { size: 40 }],
    ['is attached to two instances', { attachments: 2 }],
    ['is being detached', { state: 'available' }],
  ])('leaves a volume that %s to a person', (_, change) => {
    expect(ask(change)).toMatchObject({ answer: 'escalate' });
  });

  test('leaves what is not told for certain to a person', () => {
    expect(ask({}, diskFacts({}, { devices: null }))).toMatchObject({ answer: 'escalate' });
  });

  test.each(['modifying', 'optimizing', 'unknown'])('waits while the last modification is %s', (state) => {
    expect(ask({ modification: { state, size: 20 } })).toMatchObject({ answer: 'hold', passing: true });
  });

  test('holds where the policy names no disks, and for a group', () => {
    expect(diskReady.check(guardInput({ action: growVolume, facts: diskFacts() }))).toMatchObject({ answer: 'hold' });
    const group = { action: growVolume, target: { type: 'group', id: 'web' } as const, policy };
    expect(diskReady.check(guardInput(group))).toMatchObject({ answer: 'hold' });
  });
});
