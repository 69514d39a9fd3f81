import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { carriedOut, figuresOf, holdsOf, percentile, recoveryOf } from '../../local/report/figures.ts';
import { many, past, treated } from './examples.ts';

const held = (reason: string, answers: { guard: string; answer: 'pass' | 'hold' | 'ask'; reason?: string }[], quiet = false) =>
  treated({
    status: 'held',
    reason,
    quiet,
    timeToRecoverSeconds: null,
    timeline: [{ at: past(0), phase: 'guard', text: '', ...(answers.length > 0 ? { answers } : {}) }],
  });

describe('figures', () => {
  test('count what was heard of, and what was quiet beside it', () => {
    const figures = figuresOf([
      treated(),
      treated({ timeToRecoverSeconds: 60 }),
      treated({ status: 'healed-itself', quiet: true, timeToRecoverSeconds: 1, actions: [] }),
      treated({ status: 'escalated', timeToRecoverSeconds: null, actions: [] }),
      treated({ status: 'dry-run', timeToRecoverSeconds: null, actions: [] }),
    ]);
    expect(figures).toEqual({
      incidents: 5,
      heard: 4,
      byStatus: [
        { status: 'healed', count: 2, quiet: 0 },
        { status: 'healed-itself', count: 1, quiet: 1 },
        { status: 'escalated', count: 1, quiet: 0 },
        { status: 'dry-run', count: 1, quiet: 0 },
      ],
      recovered: 2,
      forPeople: 1,
      actions: [{ action: 'reboot-instance', count: 2 }],
      times: { median: 60, p90: null, longest: 360 },
    });
  });

  test('of nothing are nothing', () => {
    expect(figuresOf([])).toEqual({ incidents: 0, heard: 0, byStatus: [], recovered: 0, forPeople: 0, actions: [], times: null });
    expect(recoveryOf([])).toEqual([]);
    expect(holdsOf([])).toEqual([]);
  });

  test('tell the ninth of ten only where there are ten', () => {
    const times = (count: number) => Array.from({ length: count }, (_, i) => treated({ timeToRecoverSeconds: (i + 1) * 10 }));
    expect(figuresOf(times(9)).times?.p90).toBeNull();
    expect(figuresOf(times(10)).times).toEqual({ median: 50, p90: 90, longest: 100 });
  });

  test('take percentiles that were seen', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = values.sort((a, b) => a - b);
        const value = percentile(sorted, share);
        expect(sorted).toContain(value);
        expect(sorted.filter((one) => one <= value).length).toBeGreaterThanOrEqual(share * sorted.length);
      }),
    );
  });

  test('count an action of two steps once, and another attempt or target again', () => {
    const step = { action: 'stop-start-instance', attempt: 1, result: 'done' };
    expect(carriedOut([step, step, { ...step, result: 'throttled: X' }])).toHaveLength(1);
    expect(carriedOut([step, { ...step, attempt: 2 }, { ...step, target: 'i-1' }])).toHaveLength(3);
  });
});

describe('times to recover', () => {
  const seconds = (status: 'healed' | 'healed-itself', time: number) => treated({ status, timeToRecoverSeconds: time });

  test('are told by classes, with the empty ones between', () => {
    expect(recoveryOf([seconds('healed', 59), seconds('healed-itself', 60), seconds('healed', 300), seconds('healed', 599)])).toEqual([
      { label: 'under 1 min', healed: 1, itself: 0 },
      { label: '1–2 min', healed: 0, itself: 1 },
      { label: '2–5 min', healed: 0, itself: 0 },
      { label: '5–10 min', healed: 2, itself: 0 },
    ]);
  });

  test('have a class for every time, and leave out the quiet', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (times) => {
        const outcomes = times.map((time, i) => treated({ timeToRecoverSeconds: time, quiet: i % 3 === 2 }));
        const counted = recoveryOf(outcomes).reduce((sum, { healed, itself }) => sum + healed + itself, 0);
        expect(counted).toBe(outcomes.filter(({ quiet }) => !quiet).length);
      }),
    );
  });
});

describe('holds', () => {
  test('are told by the guard that said them, for good or for a while', () => {
    const budget = { guard: 'budget', answer: 'hold' as const, reason: '3 of 3' };
    expect(holdsOf([held('3 of 3', [budget]), held('3 of 3', [budget]), treated()])).toEqual([
      { by: 'budget', ended: 2, passed: 0, example: '3 of 3' },
      { by: 'lease', ended: 0, passed: 1, example: 'another' },
    ]);
  });

  test('count an incident once for a guard, however often it said so', () => {
    const lease = { guard: 'lease', answer: 'hold' as const, reason: 'another' };
    const twice = held('another', [lease]);
    expect(holdsOf([{ ...twice, timeline: [...twice.timeline, ...twice.timeline] }])).toEqual([
      { by: 'lease', ended: 1, passed: 0, example: 'another' },
    ]);
  });

  test('tell of a person who did not say yes, and of what no guard said, without its names', () => {
    const refused = held('ana decided not to', [{ guard: 'approval', answer: 'ask', reason: 'policy' }]);
    const blind = held('could not look: UnauthorizedOperation: no', []);
    const other = held('i-0a1b2c3d4e5f60718 has gone 3 times; so', []);
    expect(holdsOf([refused, blind, other]).map(({ by }) => by)).toEqual(['approval', 'could not look', '… has gone … times']);
  });

  test('do not blame the last guard for another reason', () => {
    const lease = { guard: 'lease', answer: 'hold' as const, reason: 'another' };
    expect(holdsOf([held('could not look: X', [lease])]).map(({ by, ended, passed }) => [by, ended, passed])).toEqual([
      ['could not look', 1, 0],
      ['lease', 0, 1],
    ]);
  });

  test('are none where nothing was held', () => {
    expect(holdsOf(many(1).map((one) => ({ ...one, timeline: [] })))).toEqual([]);
  });
});
