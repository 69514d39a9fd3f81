import { describe, expect, test } from '@jest/globals';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { settle } from '../../shared/remediation/settle.ts';
import { emptyLedger } from '../aws/table.ts';
import { noon, outcome } from './examples.ts';

const other = outcome({ status: 'failed', reason: 'its execution died', endedAt: '2026-11-20T12:05:00.000Z' });

describe('an outcome', () => {
  test('stands where there is none, and nobody has been told of it', async () => {
    const ledger = await emptyLedger();
    expect(await settle(outcome(), ledger)).toEqual({ outcome: outcome(), notified: [] });
    expect((await ledger.read(outcome().incident))?.outcome).toEqual(outcome());
  });

  test('gives way to the one that was recorded before, with those who have been told of that', async () => {
    const ledger = await emptyLedger();
    await ledger.close(other);
    await ledger.noteNotified(other.incident, ['metrics', 'people'], noon);
    expect(await settle(outcome(), ledger)).toEqual({ outcome: other, notified: ['metrics', 'people'] });
    expect((await ledger.read(other.incident))?.outcome).toEqual(other);
  });

  test('of the same moment and status but another reason gives way as well', async () => {
    const ledger = await emptyLedger();
    const first = outcome({ reason: 'another watcher knew more' });
    await ledger.close(first);
    expect(await settle(outcome(), ledger)).toEqual({ outcome: first, notified: [] });
  });

  test('whose first record had its answer lost is still that outcome, the whole of it', async () => {
    const ledger = await emptyLedger();
    const long = outcome({
      timeline: Array.from({ length: 900 }, () => ({ at: outcome().endedAt, phase: 'look', text: 'x'.repeat(600) })),
    });
    await ledger.close(long);
    expect((await settle(long, ledger)).outcome).toBe(long);
  });

  test('is not settled where what stands can not be read', async () => {
    const ledger = await emptyLedger();
    await ledger.close(other);
    const blind: Pick<Ledger, 'close' | 'read'> = { close: ledger.close, read: async () => Promise.reject(new Error('denied')) };
    await expect(settle(outcome(), blind)).rejects.toThrow('denied');
  });
});
