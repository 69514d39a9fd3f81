import { expect, test } from '@jest/globals';
import { volumeIsGrown } from '../../shared/health/volume.ts';
import type { VolumeFacts } from '../../shared/model/disk.ts';
import { diskFacts, facts, incident } from '../remediation/examples.ts';

const health = (change: Partial<VolumeFacts>, before = diskFacts()) =>
  volumeIsGrown.check({ facts: diskFacts(change), incident: incident(), before });

test.each([
  ['modifying', 'unknown'],
  ['optimizing', 'healthy'],
  ['completed', 'healthy'],
  ['failed', 'unhealthy'],
])('a volume whose growth is %s is %s', (state, expected) => {
  expect(health({ size: 25, modification: { state, size: 25 } })).toMatchObject({ state: expected });
});

test('only the alarm tells of what was not grown', () => {
  expect(health({})).toMatchObject({ abstains: true });
  expect(health({ modification: { state: 'completed', size: 20 } })).toMatchObject({ abstains: true });
  const grown = { size: 25, modification: { state: 'completed', size: 25 } };
  expect(health(grown, facts())).toMatchObject({ abstains: true });
  expect(volumeIsGrown.check({ facts: facts(), incident: incident(), before: diskFacts() })).toMatchObject({ abstains: true });
});
