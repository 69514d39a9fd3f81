import { describe, expect, test } from '@jest/globals';
import { figuresOf } from '../../local/report/figures.ts';
import { leadOf, summaryOf } from '../../local/report/summary.ts';
import { hostile, treated } from './examples.ts';

describe('the first sentence', () => {
  const lead = (...outcomes: Parameters<typeof figuresOf>[0]) => leadOf(figuresOf(outcomes));
  const escalated = treated({ status: 'escalated', timeToRecoverSeconds: null });
  const quiet = treated({ status: 'healed-itself', quiet: true });

  test.each([
    [[], 'No incident was opened.'],
    [[treated()], '1 of 1 incident recovered, after 6 min 00 s.'],
    [[treated(), treated(), escalated], '2 of 3 incidents recovered, half of them within 6 min 00 s; 1 needs a person.'],
    [[escalated, escalated], '0 of 2 incidents recovered; 2 need a person.'],
    [
      [treated({ status: 'dry-run', timeToRecoverSeconds: null }), treated({ status: 'dry-run', quiet: true, timeToRecoverSeconds: null })],
      '0 of 1 incident recovered; 1 was only rehearsed. 1 more ended quietly: there was no failure, or another incident reports it.',
    ],
    [[quiet], 'No incident that people had to know about. 1 more ended quietly: there was no failure, or another incident reports it.'],
  ])('is honest (%#)', (outcomes, text) => {
    expect(lead(...outcomes)).toBe(text);
  });

  test('claims nothing where nothing happened', () => {
    expect(leadOf(figuresOf([treated(), escalated, quiet]), true)).toBe(
      '1 of 2 incidents would have recovered, after 6 min 00 s; 1 would have needed a person. 1 more would have ended quietly: there was no failure, or another incident reports it.',
    );
    expect(leadOf(figuresOf([]), true)).toBe('No incident would have been opened.');
  });
});

describe('the summary', () => {
  const summary = (modelled: boolean) =>
    summaryOf(figuresOf([treated()]), [{ at: 0, healthy: 1, impaired: 2, stopped: 0 }], modelled).markup;

  test('has the figures, and keeps durations together', () => {
    expect(summary(false)).toContain('<span class="whole">6 min 00 s</span>');
    expect(summary(false)).toContain('<dt>Most impaired at once</dt><dd>2</dd>');
    expect(summary(false)).toContain('<dt>Actions carried out</dt><dd>1</dd>');
    expect(summary(true)).toContain('<dt>Actions that would have been carried out</dt>');
  });

  test('takes no markup from the name of an action', () => {
    const actions = [{ action: hostile, attempt: 1, at: '2026-11-20T12:01:00.000Z', result: 'done' }];
    expect(summaryOf(figuresOf([treated({ actions })]), [], false).markup).not.toMatch(/<(script|img|!--)/);
  });
});
