import { expect, test } from '@jest/globals';
import { groupHeals } from '../../shared/playbooks/group-heals.ts';
import { allScenes, scenes, stepsFor } from './examples.ts';

test('group-heals stands aside for members of a group that is there, and for a while only', () => {
  const aside = allScenes.filter((scene) => stepsFor({ ladder: [groupHeals] }, scenes[scene]).length > 0);
  expect(aside).toEqual(allScenes.filter((scene) => scenes[scene].instance?.groupName && scenes[scene].group));
  expect(groupHeals.atMost).toBe(600);
  expect(groupHeals.or?.map(({ id }) => id)).toEqual(['member-is-replaced']);
});
