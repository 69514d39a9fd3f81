import { expect, test } from '@jest/globals';
import type { Engine } from '../../local/backtest/engine.ts';
import { drive } from '../../local/backtest/run.ts';
import type { Source } from '../../local/input/source.ts';

const source = (times: readonly number[]): Source => {
  let taken = 0;
  return {
    next: () => {
      const value = times[taken++];
      return value === undefined ? null : { where: `${value}`, value };
    },
    position: () => ({ file: 0, taken }),
    close: () => {},
  };
};

/** In which order an engine gets the items of several sources, each of which is its own time. */
const order = async (times: readonly (readonly number[])[], newest?: readonly (number | null)[]): Promise<number[]> => {
  const fed: number[] = [];
  const engine = {
    feed: (item: { value: number }) => {
      fed.push(item.value);
      return item.value;
    },
    finish: async () => {},
  } as unknown as Engine;
  const sources = times.map(source);
  await drive({ sources, engine, stopped: () => false, between: () => undefined, ...(newest ? { newest } : {}) });
  return fed;
};

test('the source that is furthest behind is read next', async () => {
  expect(
    await order([
      [1, 5, 9],
      [2, 3, 4, 20, 21],
    ]),
  ).toEqual([1, 2, 5, 3, 4, 20, 9, 21]);
});

test('a run that is gone on with knows how far each source had got', async () => {
  expect(
    await order(
      [
        [60, 70],
        [40, 45, 80],
      ],
      [50, 30],
    ),
  ).toEqual([40, 45, 80, 60, 70]);
});
