import { describe, expect, test } from '@jest/globals';
import type { Executions } from '../../shared/ports/executions.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { type SweepDeps, sweep } from '../../shared/recovery/sweep.ts';
import { emptyLedger } from '../aws/table.ts';
import { channelsBy, noon } from './examples.ts';

const minute = 60_000;
/** Executions that died, by name and how many minutes ago they began. */
const died = (begun: Record<string, number>) =>
  Object.entries(begun).map(([key, ago]) => ({
    ...{ key, status: 'FAILED', account: '111122223333', region: 'us-east-1' },
    startedAt: noon - ago * minute,
  }));
const three = died({ first: 1, broken: 2, last: 3 });

type Scene = { begun?: ReturnType<typeof died>; change?: Partial<Ledger>; most?: number; prune?: Executions['prune']; ledger?: Ledger };

/** Sweeps, with time for so many executions; `seen` are those that were seen to, in order. */
const setUp = async ({ begun = three, change = {}, most = Number.POSITIVE_INFINITY, prune = async () => [], ledger }: Scene = {}) => {
  const real = ledger ?? (await emptyLedger());
  const seen: string[] = [];
  const told: string[] = [];
  let looked = 0;
  const tell = async ({ incident }: { incident: string }) => void told.push(incident);
  const deps: SweepDeps = {
    executions: {
      async *listFailed() {
        yield* begun;
      },
      prune,
    },
    ledger: {
      ...real,
      noteReconciled: async (key) => {
        seen.push(key);
        await real.noteReconciled(key);
      },
      ...change,
    },
    reporter: { channels: channelsBy(() => tell).slice(1) } as unknown as Reporter,
    now: () => noon,
    // The list itself is asked once for each.
    mayGoOn: () => ++looked <= begun.length + most,
  };
  return { deps, seen, told, ledger: real };
};

describe('a sweep', () => {
  test('sees to the others where one can not be seen to, and then says so', async () => {
    const ledger = await emptyLedger();
    const read: Ledger['read'] = async (key) => (key === 'broken' ? Promise.reject(new Error('throttled')) : ledger.read(key));
    let pruned = 0;
    const { deps, seen } = await setUp({ change: { read }, ledger, prune: async () => [String(++pruned)] });
    await expect(sweep(deps)).rejects.toThrow(
      '1 executions could not be handled: broken: execution broken ended FAILED, but read: Error: throttled',
    );
    expect(seen).toEqual(['first', 'last']);
    expect(pruned).toBe(1);
  });

  test('sees to what it has found where the rest of the list can not be had, and then says so', async () => {
    const { deps, seen } = await setUp();
    async function* listFailed() {
      yield* three.slice(0, 2);
      throw new Error('no answer');
    }
    await expect(sweep({ ...deps, executions: { ...deps.executions, listFailed } })).rejects.toThrow(
      'not every execution could be listed: Error: no answer',
    );
    expect(seen).toEqual(['first', 'broken']);
  });

  test('leaves time for what is in a list that is long', async () => {
    const { deps, seen } = await setUp();
    let listed = 0;
    expect(await sweep({ ...deps, mayList: () => ++listed < 2 })).toMatchObject({ ended: 2, reconciled: 2 });
    expect(seen).toEqual(['first', 'broken']);
  });

  test('tells nobody what the ledger can not be told: the next sweep could not know', async () => {
    const { deps, told } = await setUp({ change: { close: async () => Promise.reject(new Error('denied')) } });
    await expect(sweep(deps)).rejects.toThrow('3 executions could not be handled');
    expect(told).toEqual([]);
  });

  test('sees to the newest first, and says how much it found', async () => {
    const { deps, seen } = await setUp({ begun: died({ old: 600, newest: 1, middle: 30 }) });
    expect(await sweep(deps)).toEqual({ ended: 3, reconciled: 3, left: 0, pruned: [] });
    expect(seen).toEqual(['newest', 'middle', 'old']);
  });

  test('ends before its time is up, and the next one goes on where it ended, with what is new last', async () => {
    const begun = died({ a: 1, b: 2, c: 3, d: 4, e: 5 });
    const first = await setUp({ begun, most: 2 });
    expect(await sweep(first.deps)).toMatchObject({ ended: 5, reconciled: 2, left: 3 });
    expect(first.seen).toEqual(['a', 'b']);
    const second = await setUp({ begun: [...died({ z: 0 }), ...begun], most: 3, ledger: first.ledger });
    expect(await sweep(second.deps)).toMatchObject({ left: 3 });
    expect(second.seen).toEqual(['c', 'd', 'e']);
    const third = await setUp({ begun: [...died({ z: 0 }), ...begun], ledger: first.ledger });
    await sweep(third.deps);
    expect(third.seen).toEqual(['z']);
    expect(await first.ledger.sweepCursor()).toBeNull();
  });

  test('comes to all where it can not be told how far the last one came', async () => {
    const no = async () => Promise.reject(new Error('denied'));
    const { deps, seen } = await setUp({ change: { sweepCursor: no, noteSweepCursor: no } });
    await sweep(deps);
    expect(seen).toEqual(['first', 'broken', 'last']);
  });

  test('clears old versions away only where there is time, and does not fail where it can not', async () => {
    expect(await sweep((await setUp({ prune: async () => ['1'] })).deps)).toMatchObject({ pruned: ['1'] });
    expect(await sweep((await setUp({ prune: async () => ['1'], most: 3 })).deps)).toMatchObject({ pruned: [] });
    const lines: unknown[] = [];
    const { deps } = await setUp({ prune: async () => Promise.reject(new Error('denied')) });
    expect(await sweep({ ...deps, log: (line) => lines.push(line) })).toMatchObject({ reconciled: 3, pruned: [] });
    expect(lines).toMatchObject([{ level: 'WARN' }]);
  });
});
