import { describe, expect, test } from '@jest/globals';
import { courseOf } from '../../local/report/course.ts';
import { dataOf } from '../../local/report/data.ts';
import { many, treated } from './examples.ts';

const rowsOf = (outcomes: ReturnType<typeof many>) => dataOf({ outcomes, health: [] }).data.rows;

describe('the course of incidents', () => {
  test('is a bar each where there are few, none of which covers another', () => {
    const [lane, ...others] = courseOf(rowsOf(many(6)), 60).lanes;
    expect(others).toEqual([]);
    if (!lane || !('bars' in lane)) throw new Error('no bars');
    expect(lane).toMatchObject({ name: 'instance-unreachable', incidents: 6, forPeople: 3 });
    for (const [i, bar] of lane.bars.entries())
      for (const other of lane.bars.slice(i + 1))
        expect(bar.level !== other.level || bar.to <= other.from || other.to <= bar.from).toBe(true);
  });

  test('counts where there are many: each column has all that were under way then', () => {
    const rows = rowsOf(many(500));
    const { lanes, from, to } = courseOf(rows, 50);
    const [lane] = lanes;
    if (!lane || !('columns' in lane)) throw new Error('no columns');
    expect(lane.columns.length).toBeLessThanOrEqual(150);
    for (const column of [...new Set(lane.columns.map((one) => one.from))]) {
      const until = column + (to - from) / 50;
      const counted = lane.columns.filter((one) => one.from === column).reduce((sum, { count }) => sum + count, 0);
      expect(counted).toBe(rows.filter(({ startedAt, endedAt }) => startedAt < until && endedAt > column).length);
    }
  });

  test('has those kinds first that need a person most, and few lanes for many kinds', () => {
    const calm = treated({ incident: 'calm', failure: 'load-saturated' });
    const bad = treated({ incident: 'bad', failure: 'host-impaired', status: 'failed' });
    expect(courseOf(rowsOf([calm, { ...calm, incident: 'calmer' }, bad]), 60).lanes.map(({ name }) => name)).toEqual([
      'host-impaired',
      'load-saturated',
    ]);
    const kinds = many(40).map((one, i) => ({ ...one, failure: `kind-${i}` as never }));
    const lanes = courseOf(rowsOf(kinds), 60).lanes;
    expect(lanes).toHaveLength(14);
    expect(lanes.at(-1)).toMatchObject({ name: '27 other kinds', incidents: 27 });
  });
});
