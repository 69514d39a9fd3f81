import { expect, test } from '@jest/globals';
import { ec2Recovers } from '../../shared/playbooks/ec2-recovers.ts';
import { allScenes, scenes, stepsFor } from './examples.ts';

test('ec2-recovers stands aside for what EC2 may recover, and as long as EC2 may take from the alarm on', () => {
  const aside = allScenes.filter((scene) => stepsFor({ ladder: [ec2Recovers] }, scenes[scene]).length > 0);
  expect(aside).toEqual(allScenes.filter((scene) => /^a lone instance/.test(scene) && !scene.endsWith('does not recover')));
  expect(ec2Recovers.atMost).toBe(420);
});
