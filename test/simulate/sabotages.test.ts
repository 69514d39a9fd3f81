import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { drawScenario } from '../../local/simulate/draw.ts';
import { playWorld } from '../../local/simulate/run.ts';
import { sabotages } from '../../local/simulate/sabotage.ts';
import { maxSeeds, rowsIn, worldsOf } from '../../tools/docs/sabotages.ts';
import { partOf, testWhole } from '../runner/whole.ts';

const rows = rowsIn(readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8'));

describe('the table of sabotages', () => {
  test('has them as they are now, each with a seed that shows it', () => {
    expect(Object.keys(sabotages)).toEqual(expect.arrayContaining([...rows.keys()]));
    expect(rows.size).toBeGreaterThanOrEqual(60);
    for (const [name, [, summary, promise, kind, minutes, seed]] of rows) {
      const sabotage = sabotages[name];
      if (!sabotage) throw new Error(`there is no sabotage ${name}`);
      const worlds = worldsOf(sabotage);
      expect({ name, summary, kind, minutes }).toEqual({
        name,
        summary: sabotage.summary,
        kind: worlds.kind ?? 'the usual mix',
        minutes: `${worlds.minutes}`,
      });
      expect(sabotage.breaks.map((one) => `\`${one}\``)).toContain(promise);
      expect(Number(seed)).toBeGreaterThanOrEqual(1);
      expect(Number(seed)).toBeLessThanOrEqual(maxSeeds);
    }
  });

  test.each(
    partOf(
      [
        ...['wrong-account', 'no-calendar', 'dry-run-switch-is-on', 'share-rounded-up', 'heir-behind'],
        ...['stale-credentials', 'trust-event-account', 'told-by-each-account', 'zones-by-name', 'uncounted-is-many'],
      ],
      5,
    ),
  )('tells the truth about %s', async (name) => {
    const sabotage = sabotages[name];
    const [, , promise, , , seed] = rows.get(name) ?? [];
    if (!sabotage) throw new Error(`there is no sabotage ${name}`);
    const { violations } = await playWorld(drawScenario(Number(seed), worldsOf(sabotage)), { sabotage });
    expect(violations.map((one) => `\`${one.promise}\``)).toContain(promise);
  });

  testWhole('keeps every promise where nothing is broken', async () => {
    for (const kind of ['large', 'consent', 'organization', 'regions'] as const)
      for (const seed of [1]) expect((await playWorld(drawScenario(seed, { kind, minutes: 15 }))).violations).toEqual([]);
  });
});
