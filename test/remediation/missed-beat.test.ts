import { describe, expect, test } from '@jest/globals';
import { drive } from './drive.ts';
import { noon } from './examples.ts';

const hour = 3_600_000;
const missed = {
  failure: 'application-down',
  severity: 'critical',
  kind: 'heartbeat',
  resource: { type: 'heartbeat', id: 'export' },
  disposition: 'escalate',
  playbook: null,
  alarm: null,
  at: noon - hour,
  reason: 'no beat of export since yesterday',
  evidence: { beat: 'export', grace: '1h', runbook: 'https://wiki.example.com/export' },
} as const;
const nothing = { instance: null, status: null, group: null, alarm: null };
const beatAt = (lastAt: number | null) => ({ ...nothing, beat: { name: 'export', lastAt } });
const last = noon - 25 * hour;

const run = (look: Parameters<typeof drive>[0]['look'], more: Partial<Parameters<typeof drive>[0]> = {}) =>
  drive({ incident: missed, look, ...more });

describe('a missed beat', () => {
  test('is told at once with its runbook, twice more while none comes, and ends after three days', async () => {
    const { outcome, interims, seconds, waits } = await withInterims(() => beatAt(last));
    // A tenth of what has passed, from two minutes to ten.
    expect(waits().slice(0, 15)).toEqual([...Array(11).fill(120), 132, 145, 160, 176]);
    expect(waits().at(-1)).toBe(600);
    expect(interims.map(({ kind, at }) => [kind, (Date.parse(at) - noon) / hour])).toEqual([
      ['opened', 0],
      ['reminder', 4],
      ['reminder', 24],
    ]);
    expect(interims[0]?.reason).toBe('no beat of export since yesterday; runbook: https://wiki.example.com/export');
    expect(interims[1]?.reason).toMatch(/^still no beat after 4 h 00 min: .*; runbook: /);
    expect(outcome).toMatchObject({ status: 'escalated', verified: false, opened: true, runbook: 'https://wiki.example.com/export' });
    expect(seconds / 3600).toBe(72);
  });

  test('is over when a beat comes, and nobody takes that for an action', async () => {
    const { outcome, interims } = await withInterims(({ seconds }) => beatAt(seconds < 5 * 3600 ? last : noon + 5 * hour - 1));
    expect(outcome).toMatchObject({ status: 'healed-itself', verified: true, quiet: false, opened: true, actions: [] });
    expect(outcome.reason).toBe('no action was taken: a beat of export came at 2026-11-20 16:59 UTC');
    expect(interims.map(({ kind }) => kind)).toEqual(['opened', 'reminder']);
  });

  test('goes on through looks that fail', async () => {
    const { outcome } = await withInterims(({ seconds, looks }) =>
      looks > 3 && looks < 6 ? new Error('the ledger is away') : beatAt(seconds < 3600 ? last : noon + hour),
    );
    expect(outcome.status).toBe('healed-itself');
  });

  test('that never came is told by its outcome alone', async () => {
    const { outcome, interims } = await withInterims(() => beatAt(null));
    expect(outcome).toMatchObject({ status: 'escalated', quiet: false, reason: missed.reason });
    expect(interims).toEqual([]);
  });

  test('of which nobody could be told at once is told by its outcome', async () => {
    const { outcome } = await run(() => beatAt(last), {
      reporter: {
        interim: async () => {
          throw Object.assign(new Error('no'), { name: 'AuthorizationError', $metadata: { httpStatusCode: 403 } });
        },
      },
    });
    expect(outcome).toMatchObject({ status: 'escalated', quiet: false, reason: missed.reason });
  });
});

type Interim = { kind?: string; at: string; reason: string };
const withInterims = async (look: Parameters<typeof drive>[0]['look']) => {
  const interims: Interim[] = [];
  const driven = await run(look, { reporter: { interim: async (interim) => void interims.push(interim as Interim) } });
  return { ...driven, interims };
};
