import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { compareRuns, ranOf, readRun } from '../../local/report/against.ts';
import type { ReportedOutcome } from '../../local/report/input.ts';
import { renderReport } from '../../local/report/render.ts';
import { outcomeLine } from '../../local/terminal/outcome-line.ts';
import { hostile, input, many, treated } from './examples.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-against-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const own = treated();
const against = (before: ReportedOutcome[], now: ReportedOutcome[]) => compareRuns(ranOf(before), ranOf(now));
const changed = (change: Partial<ReportedOutcome>) => against([own], [{ ...own, ...change }]);

describe('a comparison of two runs', () => {
  test('of the same ends says so', () => {
    expect(against([own], [own])).toEqual({ lead: 'Nothing is different: 1 incident ended as before.', changes: [] });
    expect(changed({ timeToRecoverSeconds: 370 }).changes).toEqual([]);
  });

  test.each<[string, Partial<ReportedOutcome>]>([
    ['was healed, now escalated', { status: 'escalated' }],
    ['was healed, now quietly healed', { quiet: true }],
    ['did reboot-instance, now no action', { actions: [] }],
    ['was healed, now held; did reboot-instance, now no action', { status: 'held', actions: [] }],
    ['recovered later: after 20 min 00 s, not 6 min 00 s', { timeToRecoverSeconds: 1200 }],
    ['recovered sooner: after 1 min 00 s, not 6 min 00 s', { timeToRecoverSeconds: 60 }],
  ])('says in words that it %s', (what, change) => {
    expect(changed(change)).toMatchObject({ lead: '1 incident ended differently.', changes: [{ what }] });
  });

  test('says what is new and what is gone', () => {
    const [first, second, third] = many(3);
    const found = against(
      [first, second].flatMap((one) => one ?? []),
      [second, third].flatMap((one) => one ?? []),
    );
    expect(found.lead).toBe('1 incident no longer happened; 1 incident did not happen before; 1 incident ended as before.');
    expect(found.changes).toMatchObject([
      { what: 'no longer happens', now: null },
      { what: 'did not happen before', before: null },
    ]);
  });

  test('with another seed knows a resource by the name that the scenario gives it', () => {
    const other = {
      ...own,
      incident: 'another',
      resource: { type: 'instance' as const, id: 'i-0ffffffffffffffff' },
      status: 'failed' as const,
    };
    const named = (outcome: ReportedOutcome) => ranOf([outcome], new Map([[outcome.resource.id, 'web']]));
    expect(compareRuns(named(own), named(other))).toMatchObject({ changes: [{ what: 'was healed, now failed' }] });
    expect(against([own], [other]).changes).toHaveLength(2);
  });

  test.each<[string, (outcomes: ReportedOutcome[]) => string]>([
    ['a report', (outcomes) => renderReport(input({ outcomes }))],
    ['lines of --json', (outcomes) => outcomes.map((one) => JSON.stringify(outcomeLine(one))).join('\n')],
    ['a line with outcomes', (outcomes) => JSON.stringify({ verdict: 'holds', outcomes: outcomes.map(outcomeLine) })],
  ])('reads %s', async (name, write) => {
    const now = many(12);
    const before = now.map((one, i) => (i === 3 ? { ...one, status: 'failed' as const } : one));
    const path = file(`${name.replaceAll(' ', '-')}.txt`, write(before));
    expect(compareRuns(await readRun(path), ranOf(now)).changes).toMatchObject([{ what: expect.stringMatching(/^was failed, now/) }]);
    expect(compareRuns(await readRun(path), ranOf(before)).changes).toEqual([]);
  });

  test('shows hostile texts of a file as one line, and refuses what is no run', async () => {
    const evil = file('evil.json', JSON.stringify({ incident: hostile, failure: hostile, resource: { id: hostile }, status: 'healed' }));
    const [change] = compareRuns(await readRun(evil), []).changes;
    expect(change?.incident.length).toBeLessThanOrEqual(300);
    expect(change?.incident).not.toMatch(/\p{Cc}|\u202e/u);
    for (const [name, text] of [
      ['no.json', '{}'],
      ['not.json', 'x'],
    ] as const)
      await expect(readRun(file(name, text))).rejects.toThrow(`--against ${join(folder, name)}: neither a report nor output of --json`);
    await expect(readRun(join(folder, 'none'))).rejects.toThrow('no such file');
  });
});
