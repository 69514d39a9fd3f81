import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dataOf } from '../../local/report/data.ts';
import { elapsed, pictureOf, placeOf, ticksOf } from '../../local/report/picture.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { noon } from '../remediation/examples.ts';
import { minute, past, treated } from './examples.ts';

const pictured = (outcome: Outcome) => {
  const [row] = dataOf({ outcomes: [outcome], health: [] }).data.rows;
  if (!row) throw new Error('no row');
  return pictureOf(row);
};
const since = (at: number) => (at - noon) / minute;

describe("an incident's picture", () => {
  test('has its lanes from the signal to the end, and marks for what went well and what did not', () => {
    const { from, to, lanes, moments } = pictured(treated());
    expect([from, to].map(since)).toEqual([0, 6]);
    expect(lanes).toEqual(['signal', 'look', 'guard', 'act', 'wait', 'verify', 'end']);
    expect(moments.map(({ lane, at, good }) => [lane, since(at), good])).toEqual([
      ['signal', 0, true],
      ['look', 0, true],
      ['guard', 0, false],
      ['guard', 1, true],
      ['act', 1, false],
      ['guard', 1.5, true],
      ['act', 1.5, true],
      ['verify', 2, false],
      ['verify', 5, true],
      ['verify', 6, true],
      ['end', 6, true],
    ]);
  });

  test('draws waits as long as they were, and verification from its first look to its last', () => {
    expect(pictured(treated()).spans.map(({ lane, from, to }) => [lane, since(from), since(to)])).toEqual([
      ['wait', 0, 1],
      ['wait', 1, 1.5],
      ['verify', 2, 6],
    ]);
  });

  test('draws standing aside until something else is done, whatever is looked at meanwhile', () => {
    const timeline: Outcome['timeline'] = [
      { at: past(0), phase: 'wait', text: 'standing aside for up to 10 min 00 s: its group replaces it' },
      { at: past(0), phase: 'verify', text: 'not yet' },
      { at: past(4), phase: 'verify', text: 'not yet, but' },
      { at: past(10), phase: 'guard', text: 'all pass: x', answers: [{ guard: 'x', answer: 'pass' }] },
    ];
    const { spans } = pictured(treated({ timeline, actions: [], endedAt: past(12) }));
    expect(spans.map(({ lane, from, to }) => [lane, since(from), since(to)])).toEqual([
      ['wait', 0, 10],
      ['verify', 0, 4],
    ]);
  });

  test('ends a wait that said how long it is when that is over', () => {
    const timeline: Outcome['timeline'] = [
      { at: past(0), phase: 'wait', text: 'look: Throttling; try 2 of 12 in 1 h 30 min' },
      { at: past(200), phase: 'decide', text: 'held' },
    ];
    expect(pictured(treated({ timeline, actions: [], endedAt: past(200) })).spans.map(({ to }) => since(to))).toEqual([90]);
  });

  test("draws the wait for a person's answer, and what he said", () => {
    const timeline: Outcome['timeline'] = [
      { at: past(0), phase: 'guard', text: 'x', answers: [{ guard: 'approval', answer: 'ask', reason: 'policy' }] },
      { at: past(0), phase: 'guard', text: 'asking a person, who has 1 h 00 min: policy' },
      { at: past(7), phase: 'guard', text: 'ana said approve' },
    ];
    const { moments, spans } = pictured(treated({ timeline, actions: [], endedAt: past(8) }));
    expect(spans.map(({ lane, from, to }) => [lane, since(from), since(to)])).toEqual([['wait', 0, 7]]);
    expect(moments.map(({ lane, at, good }) => [lane, since(at), good])).toEqual([
      ['guard', 0, false],
      ['guard', 7, true],
      ['end', 8, true],
    ]);
  });

  test('shows an action that is not in the story, and begins when the incident did', () => {
    const picture = pictured(treated({ timeline: [], startedAt: past(-3) }));
    expect(since(picture.from)).toBe(-3);
    expect(picture.lanes).toEqual(['act', 'end']);
  });
});

describe('its axis', () => {
  test('goes from 0 to 1, and never back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), fc.nat({ max: 1e9 }), (length, a, b) => {
        const picture = { from: noon, to: noon + length };
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map((at) => placeOf(noon + Math.min(at, length), picture));
        expect(early).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(1);
        expect(early).toBeLessThanOrEqual(late as number);
      }),
    );
  });

  test('has a few ticks at round times, apart from one another, whether it lasted a second or a month', () => {
    for (const seconds of [0, 1, 30, 459, 7200, 40 * 3600, 30 * 86400]) {
      const picture = { from: noon, to: noon + seconds * 1000 };
      const places = ticksOf(picture, 0.12).map((tick) => placeOf(tick, picture));
      expect(places.length).toBeGreaterThanOrEqual(1);
      expect(places.length).toBeLessThanOrEqual(9);
      for (const [i, place] of places.slice(1).entries()) expect(place - (places[i] ?? 0)).toBeGreaterThanOrEqual(0.12);
    }
  });

  test.each([
    [0, '+0'],
    [11_000, '+11 s'],
    [65_000, '+1 min 5 s'],
    [600_000, '+10 min'],
    [3_660_000, '+1 h 1 min'],
    [90_000_000, '+1 d 1 h'],
  ])('says %i ms as %s', (milliseconds, text) => {
    expect(elapsed(milliseconds)).toBe(text);
  });
});
