import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { storyOf } from '../../local/terminal/story.ts';
import { createStyle } from '../../local/terminal/style.ts';
import { outcomeTable } from '../../local/terminal/table.ts';
import type { Outcome, TimelineEntry } from '../../shared/model/outcome.ts';

const styleOf = (columns: number, isTTY = true) => createStyle({ write: () => {}, columns, isTTY }, { NO_COLOR: '1' });
const longest = (text: string) => Math.max(...text.split('\n').map(({ length }) => length));

const outcome = (timeline: TimelineEntry[] = []): Outcome =>
  ({
    failure: 'instance-unreachable',
    resource: { type: 'instance', id: 'i-07e99af08e6c90cea' },
    status: 'healed',
    reason: 'both status checks pass; alarm i-07e99af08e6c90cea-status-check-instance is OK',
    quiet: false,
    startedAt: '2026-03-02T09:34:44.000Z',
    endedAt: '2026-03-02T09:42:23.000Z',
    timeToRecoverSeconds: 459,
    actions: [{ action: 'reboot-instance', attempt: 1, at: '2026-03-02T09:34:59.000Z', result: 'done' }],
    timeline,
  }) as Partial<Outcome> as Outcome;

const entry = (phase: TimelineEntry['phase'], text: string): TimelineEntry => ({ at: '2026-03-02T09:34:44.000Z', phase, text });

describe('wrapping', () => {
  test('fits the width whatever the words are, and loses no letter of them', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', '-', '"'), minLength: 1, maxLength: 130 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 40, max: 120 }),
        fc.constantFrom(0, 5, 20),
        fc.constantFrom('', '  09:34:44  '),
        (of, width, indent, head) => {
          const wrapped = styleOf(width).wrap(of.join(' '), indent, head);
          expect(longest(wrapped)).toBeLessThanOrEqual(width);
          expect(wrapped.replaceAll(/\s/g, '')).toBe((head + of.join('')).replaceAll(/\s/g, ''));
        },
      ),
    );
  });

  test('puts a text below a head that leaves it no room', () => {
    expect(styleOf(40).wrap('word word', 45, `${'h'.repeat(45)}  `)).toBe(`${'h'.repeat(45)}\n    word word`);
  });

  test('is left out in a pipe, however wide a terminal says that it is', () => {
    expect(styleOf(40, false).wrap('word '.repeat(100), 2, '  ')).toBe(`  ${'word '.repeat(100)}`);
  });

  test('lets no escape sequence through', () => {
    expect(styleOf(80).wrap('a\u001b[31mb')).toBe('a\ufffd[31mb');
  });
});

describe('a story', () => {
  const told = [entry('look', 'alarm i-07e99af08e6c90cea-status-check-instance ALARM'), entry('guard', 'all pass: opt-in, lease')];

  test.each([40, 60, 80, 120])('fits %i columns', (columns) => {
    expect(longest(storyOf(outcome(told), styleOf(columns)))).toBeLessThanOrEqual(columns);
  });

  test('says what the guards said once, and again where they say something else', () => {
    const guards = ['all pass: opt-in, lease', 'all pass: opt-in, lease', 'held by lease', 'all pass: opt-in, lease'];
    const story = storyOf(outcome(guards.map((text) => entry('guard', text))), styleOf(80));
    expect(story.split('\n').slice(1, 5)).toEqual([
      '  09:34:44  guard   all pass: opt-in, lease',
      '  09:34:44  guard   as before',
      '  09:34:44  guard   held by lease',
      '  09:34:44  guard   all pass: opt-in, lease',
    ]);
  });
});

describe('the table of outcomes', () => {
  test('has a row an incident where there is room', () => {
    expect(outcomeTable([outcome()], styleOf(80)).split('\n')).toEqual([
      'failure               resource             outcome  after  done',
      'instance-unreachable  i-07e99af08e6c90cea  healed   7m39s  reboot-instance',
    ]);
  });

  test('is a sentence each where there is none, with nothing left out', () => {
    expect(outcomeTable([outcome()], styleOf(60)).split('\n')).toEqual([
      'healed: instance-unreachable on i-07e99af08e6c90cea, 7m39s,',
      '  reboot-instance',
    ]);
  });
});

test('a story says which policy decided, where it was one of a package', () => {
  const style = styleOf(120);
  expect(storyOf({ ...outcome(), policyVersion: '3f9ab2c41d07' }, style)).toContain(
    'healed (recovered after 7 min 39 s, policy 3f9ab2c41d07): both',
  );
  expect(storyOf(outcome(), style)).not.toContain('policy');
});
