import { expect, test } from '@jest/globals';
import { scaleOutService } from '../../shared/playbooks/scale-service.ts';
import { scenes, stepsFor } from './examples.ts';

test('scale-service adds tasks, a few times at most, as long as the alarm fires', () => {
  expect(stepsFor(scaleOutService, scenes['a service that was not deployed'])).toEqual(['scale-service']);
  expect(stepsFor(scaleOutService, scenes['a whole group'])).toEqual([]);
  expect(scaleOutService.ladder).toMatchObject([{ tries: 3 }]);
  expect(scaleOutService.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
});
