import { describe, expect, test } from '@jest/globals';
import { dataOf, limits } from '../../local/report/data.ts';
import { noon } from '../remediation/examples.ts';
import { attack, many, past, treated } from './examples.ts';

describe("a report's data", () => {
  test('has the incidents in the order in which they began', () => {
    const outcomes = [treated({ startedAt: past(5) }), treated({ startedAt: past(1) })];
    const { data } = dataOf({ outcomes, health: [] });
    expect(data.rows.map(({ number, startedAt }) => [number, startedAt])).toEqual([
      [1, noon + 60_000],
      [2, noon + 300_000],
    ]);
    expect(outcomes[0]?.startedAt).toBe(past(5));
  });

  test('says what the guards said once, not again as text', () => {
    const [row] = dataOf({ outcomes: [treated()], health: [] }).data.rows;
    const guards = row?.story?.filter(({ phase }) => phase === 'guard').map(({ text }) => text);
    expect(guards).toEqual(['lease says hold: another', 'all 1 guards pass', 'all 1 guards pass']);
  });

  test('has what the resource looked like, and nothing where nobody looked', () => {
    const seenOf = (change: Parameters<typeof treated>[0]) => dataOf({ outcomes: [treated(change)], health: [] }).data.rows[0]?.seen;
    expect(seenOf({ resourceState: 'SQS queue orders: 12 messages waiting' })).toBe('SQS queue orders: 12 messages waiting');
    expect(seenOf({})).toBeNull();
  });

  test('marks the actions that were carried out, by the incident that they belong to', () => {
    const { data } = dataOf({ outcomes: [treated()], health: [] });
    expect(data.actions).toEqual([{ at: Date.parse(past(1.5)), action: 'reboot-instance', resource: data.rows[0]?.resource, number: 1 }]);
  });

  test('has no character that could deceive a reader, and no text without an end', () => {
    const { data } = dataOf({ outcomes: [attack()], health: [] });
    const texts = JSON.stringify(data);
    expect(JSON.parse(texts)).toEqual(data);
    expect(/[\u2028-\u202e]|\\u0000|\\ud800/i.test(texts)).toBe(false);
    expect(data.rows[0]?.resource).toContain('</script>');
    const long = dataOf({
      outcomes: [treated({ reason: 'x'.repeat(1e6), resource: { type: 'instance', id: 'y'.repeat(1e5) } })],
      health: [],
    });
    expect(JSON.stringify(long.data).length).toBeLessThan(10_000);
  });

  test('leaves out what is least urgent, and says how much', () => {
    const outcomes = many(limits.incidents + 600);
    const { data, coverage } = dataOf({ outcomes, health: [] });
    expect(coverage).toMatchObject({ incidents: limits.incidents + 600, shown: limits.incidents, stories: expect.any(Number) });
    const left = (status: string) =>
      outcomes.filter((one) => one.status === status).length - data.rows.filter((row) => row.status === status).length;
    expect(['failed', 'escalated', 'held', 'healed'].map(left)).toEqual([0, 0, 0, 0]);
    expect(left('dry-run') + left('healed-itself')).toBe(600);
    expect(data.actions).toHaveLength(outcomes.filter(({ status }) => status === 'healed').length);
  });

  test('keeps stories within bounds, those first that need a person', () => {
    const long = Array.from({ length: 200 }, () => ({ at: past(0), phase: 'look' as const, text: 'é"'.repeat(150) }));
    const outcomes = many(200).map((one) => ({ ...one, timeline: long }));
    const { data, coverage } = dataOf({ outcomes, health: [] });
    expect(Buffer.byteLength(JSON.stringify(data.rows.flatMap(({ story }) => story ?? [])))).toBeLessThanOrEqual(limits.stories + 1000);
    expect(coverage.stories).toBeGreaterThan(5);
    expect(coverage.stories).toBeLessThan(20);
    expect(new Set(data.rows.filter(({ story }) => story !== null).map(({ status }) => status))).toEqual(new Set(['failed']));
  });
});
