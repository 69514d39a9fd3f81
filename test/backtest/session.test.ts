import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generateLines } from '../../bench/backtest.ts';
import { allOptedIn } from '../../local/backtest/inventory.ts';
import { runSession, type SessionOptions } from '../../local/backtest/session.ts';
import { IncompatibleStateError, loadState } from '../../local/backtest/state.ts';
import { minute, policy } from './history-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-session-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = [...generateLines(1800, 7)];
const first = join(folder, 'first.jsonl');
const second = join(folder, 'second.jsonl.gz');
writeFileSync(first, `${lines.filter((_line, n) => n % 3 !== 0).join('\n')}\n`);
writeFileSync(second, gzipSync(`${lines.filter((_line, n) => n % 3 === 0).join('\n')}\n`));

async function* nothing(): AsyncGenerator<string> {}

const session = (state: string | null, more: Partial<SessionOptions> = {}) => {
  const out: string[] = [];
  const strict = policy({ budget: { actions: 1, window: 86_400 }, modes: [{ when: { failure: 'load-saturated' }, mode: 'off' }] });
  const going = runSession({
    files: [[first], [second]],
    stdin: nothing(),
    engine: {
      policies: [policy(), strict],
      inventory: allOptedIn,
      from: Number.NEGATIVE_INFINITY,
      to: Number.POSITIVE_INFINITY,
      window: 200,
      healsAfter: 10 * minute,
    },
    write: (text) => void out.push(text),
    keep: { shown: 5, reported: 20 },
    state: state === null ? null : { path: state, run: 'a run' },
    saveEvery: Number.POSITIVE_INFINITY,
    now: () => 0,
    interrupted: () => false,
    onProgress: () => {},
    ...more,
  });
  return going.then((done) => ({ ...done, text: out.join('') }));
};

/** What comes of the history where nothing interrupts. */
let whole: Awaited<ReturnType<typeof session>>;
beforeAll(async () => {
  whole = await session(null);
});

test('the same history comes to the same, whether or not a state is kept', async () => {
  expect(whole.result.bad + whole.result.read).toBe(1800);
  expect(whole.result.tallies[0]?.incidents).toBeGreaterThan(400);
  expect(whole.result.differences).toBeGreaterThan(50);
  expect(whole.text.trimEnd().split('\n')).toHaveLength(whole.result.differences);
  const state = join(folder, 'kept');
  expect(await session(state)).toEqual(whole);
  expect([existsSync(state), existsSync(`${state}.lines`)]).toEqual([false, false]);
});

test('two sources of the same days are merged by time', async () => {
  const merged = join(folder, 'whole.jsonl');
  writeFileSync(merged, `${lines.join('\n')}\n`);
  const told = ({ result: { tallies, late } }: Awaited<ReturnType<typeof session>>) => ({ late, tallies });
  expect(told(whole)).toEqual(told(await session(null, { files: [[merged]] })));
});

describe('an interrupted run', () => {
  const stopAfter = (items: number) => {
    let asked = 0;
    return () => ++asked > items;
  };

  test('goes on from where it was stopped, again and again, and comes to the very same', async () => {
    const state = join(folder, 'interrupted');
    for (let times = 0; ; times++) {
      const part = await session(state, { interrupted: stopAfter(211) });
      if (part.finished) {
        expect(times).toBeGreaterThan(5);
        expect(part).toEqual(whole);
        break;
      }
      expect(part.text).toBe('');
      // Halfway through there is no way back to the beginning.
      expect(existsSync(state)).toBe(true);
    }
  });

  test('that is killed goes on from its last state, and tells nothing twice', async () => {
    const state = join(folder, 'killed');
    let time = 0;
    let saves = 0;
    const killed = session(state, {
      // Saves at every opportunity.
      saveEvery: 1,
      now: () => ++time,
      onProgress: () => {
        if (++saves === 4) throw new Error('killed');
      },
    });
    await expect(killed).rejects.toThrow('killed');
    // It had got further than its state: lines that the state doesn't know are told by the next run.
    writeFileSync(`${state}.lines`, `${readFileSync(`${state}.lines`, 'utf8')}{"type":"incident"}\n`);
    const { positions } = (await loadState(state, 'a run')) ?? { positions: [] };
    expect(positions.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(200);
    expect(await session(state)).toEqual(whole);
  });

  test('of other files, or with a damaged state, is refused', async () => {
    const state = join(folder, 'other');
    await session(state, { interrupted: stopAfter(300) });
    await expect(loadState(state, 'another run')).rejects.toThrow('other files');
    const text = readFileSync(state, 'utf8');
    for (const [content, why] of [
      [text.replace(/"version":\d+/, '"version":0'), 'another version'],
      [text.replace('"late":0', '"late":1'), 'damaged'],
      [text.slice(0, -100), 'damaged'],
      ['nonsense', 'not the state'],
      ['', 'not the state'],
    ] as const) {
      writeFileSync(state, content);
      await expect(session(state)).rejects.toThrow(why);
      expect(readFileSync(state, 'utf8')).toBe(content);
    }
    writeFileSync(state, text);
    rmSync(`${state}.lines`, { force: true });
    const { written } = (await loadState(state, 'a run')) ?? { written: 0 };
    if (written > 0) await expect(session(state)).rejects.toThrow(IncompatibleStateError);
  });

  test('does not replace what is not its own, unless it is forced', async () => {
    const state = join(folder, 'precious');
    for (const name of [state, `${state}.lines`, `${state}.part`]) {
      writeFileSync(name, 'precious');
      await expect(session(state)).rejects.toThrow(IncompatibleStateError);
      expect(readFileSync(name, 'utf8')).toBe('precious');
      expect(await session(state, { state: { path: state, run: 'a run', force: true } })).toEqual(whole);
      rmSync(name, { force: true });
    }
  });

  test('goes on from a good state, also where it is forced', async () => {
    const state = join(folder, 'forced');
    await session(state, { interrupted: stopAfter(300) });
    expect(await session(state, { state: { path: state, run: 'a run', force: true } })).toEqual(whole);
  });
});
