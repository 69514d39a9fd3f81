/** Runs items concurrently, at most so many at a time, until all are done or `stopped` returns true. */
export const inParallel = async <T>(
  items: readonly T[],
  width: number,
  run: (item: T) => Promise<void>,
  stopped: () => boolean = () => false,
): Promise<void> => {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined && !stopped(); item = queue.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
};
