import { describe, expect, test } from '@jest/globals';
import { failures } from '../../shared/failures/index.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import { observers } from '../../shared/playbooks/observers.ts';
import { scenes, stepsFor } from './examples.ts';

describe('observers', () => {
  test('are for failures that have no playbook unless a policy names one', () => {
    for (const id of Object.keys(observers) as FailureId[]) expect(failures[id].playbook).not.toEqual(expect.any(String));
  });

  test('wait for a group to replace a terminated member, and for nobody to replace a lone instance', () => {
    const ladder = observers['instance-terminated'];
    if (!ladder) throw new Error('a terminated instance is observed');
    expect(stepsFor(ladder, scenes['a member that has left its group'])).toEqual(['watch']);
    expect(stepsFor(ladder, scenes['a lone instance that hangs'])).toEqual([]);
    expect(ladder.healthy.map(({ id }) => id)).toEqual(['member-is-replaced']);
  });
});
