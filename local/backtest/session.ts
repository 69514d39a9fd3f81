import { createReadStream } from 'node:fs';
import { appendFile, rm, stat, truncate } from 'node:fs/promises';
import { createSource, type Source } from '../input/source.ts';
import { unwritten } from '../own-file.ts';
import { type Case, createEngine, type EngineOptions, type Result } from './engine.ts';
import { caseLine } from './lines.ts';
import { drive } from './run.ts';
import { besides, checkBeside, IncompatibleStateError, loadState, removeState, type Saved, saveState } from './state.ts';

export type SessionOptions = {
  /** The files of each source, in order; sources are read side by side. */
  files: readonly (readonly string[])[];
  /** Sources that are no files. */
  others?: readonly Source[];
  stdin: AsyncIterable<Uint8Array | string>;
  engine: Omit<EngineOptions, 'onCase'>;
  /** Where lines go, one for each incident that is worth one; none are made without it. */
  write: ((text: string) => Promise<void> | void) | null;
  /** How many differences, and how many incidents, are kept to be shown. */
  keep: { shown: number; reported: number };
  /** Where to save the state of an interrupted run, and what identifies this run. */
  state: { path: string; run: string; force?: boolean } | null;
  /** Milliseconds between two savings at least, by `now`. */
  saveEvery: number;
  now: () => number;
  interrupted: () => boolean;
  /** Hears of the bytes read so far. */
  onProgress: (bytes: number, newest: number | null) => void;
};

export type Session = { finished: boolean; result: Result; shown: Case[]; reported: Case[] };

/** Characters of lines that are written in one go. */
const atOnce = 1 << 18;

/** Output lines. With a state they wait in a file next to it, so that a resumed run prints each exactly once. */
const createOutlet = async ({ write, state }: Pick<SessionOptions, 'write' | 'state'>, written: number) => {
  const spool = state && write ? besides(state.path).lines : null;
  if (spool && written > 0) {
    const there = await stat(spool).catch(() => null);
    if (!there || there.size < written) throw new IncompatibleStateError(`its lines, ${spool}, no longer exist; --force starts over`);
    await truncate(spool, written);
  } else if (spool) await rm(spool, { force: true });
  let waiting: string[] = [];
  let size = 0;
  let out = written;
  const flush = async (): Promise<void> => {
    const text = waiting.join('');
    [waiting, size] = [[], 0];
    if (text === '') return;
    if (!spool) return void (await write?.(text));
    await appendFile(spool, text).catch((error: unknown) => {
      throw unwritten(spool, error);
    });
    out += Buffer.byteLength(text);
  };
  return {
    add: (line: string): void => {
      waiting.push(line);
      size += line.length;
    },
    isFull: () => size >= atOnce,
    flush,
    written: () => out,
    /** Hands on what waits in the file. */
    end: async (): Promise<void> => {
      await flush();
      if (!spool || out === 0) return;
      for await (const text of createReadStream(spool, 'utf8')) await write?.(String(text));
      await rm(spool);
    },
  };
};

/** A whole back-test: reads, saves now and then where it has a state, and can be stopped between two items. Throws `IncompatibleStateError`. */
export const runSession = async (options: SessionOptions): Promise<Session> => {
  const { files, others = [], stdin, state, keep, write, saveEvery, now, interrupted, onProgress } = options;
  if (state) await checkBeside(state.path, state.force);
  const saved: Saved | null = state ? await loadState(state.path, state.run, state.force) : null;
  const outlet = await createOutlet(options, saved?.written ?? 0);
  const shown = saved?.shown ?? [];
  const reported = saved?.reported ?? [];
  const several = options.engine.policies.length > 1;
  const engine = createEngine(
    {
      ...options.engine,
      onCase: (one) => {
        if (reported.length < keep.reported) reported.push(one);
        if (one.differs && shown.length < keep.shown) shown.push(one);
        // Of two policies only what they make different is of interest.
        if (write && (one.differs || !several)) outlet.add(caseLine(one));
      },
    },
    saved?.engine,
  );
  let bytes = 0;
  const sources = [
    ...files.map((names, index) =>
      createSource(names, saved?.positions[index] ?? { file: 0, taken: 0 }, {
        reader: 'backtest',
        stdin,
        members: true,
        onBytes: (more) => {
          bytes += more;
        },
      }),
    ),
    ...others,
  ];
  let savedAt = now();
  /** A large state takes its time: no more than a tenth of the whole goes into it. */
  let pause = saveEvery;
  const save = async (newest: readonly (number | null)[]): Promise<void> => {
    await outlet.flush();
    if (!state) return;
    const began = now();
    const positions = sources.map((source) => source.position());
    await saveState(state.path, state.run, {
      positions,
      newest: [...newest],
      engine: engine.save(),
      written: outlet.written(),
      shown,
      reported,
    });
    savedAt = now();
    pause = Math.max(saveEvery, 10 * (savedAt - began));
  };
  let items = 0;
  let newest: readonly (number | null)[] = saved?.newest ?? [];
  let finished = false;
  try {
    finished = await drive({
      sources,
      newest,
      engine,
      stopped: interrupted,
      between: (times) => {
        newest = times;
        // The clock costs more than an item may.
        if (++items % 256 !== 0) return undefined;
        onProgress(
          bytes,
          times.reduce((most, time) => (time !== null && (most === null || time > most) ? time : most), null),
        );
        if (state && now() - savedAt >= pause) return save(newest);
        return outlet.isFull() ? outlet.flush() : undefined;
      },
    });
  } finally {
    for (const source of sources) source.close();
  }
  if (finished) await outlet.end();
  else await save(newest);
  if (finished && state) await removeState(state.path);
  return { finished, result: engine.result(), shown, reported };
};
