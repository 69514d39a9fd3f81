/** 128 and the number of SIGINT: what shells take for "interrupted". */
export const interruptedCode = 130;

/** The last line of `--json` of what was interrupted: what is known until then, and that it is not all. */
export const interruptedLine = (known: object = {}): string => `${JSON.stringify({ ...known, interrupted: true })}\n`;

/**
 * Runs something long that can be interrupted: the first SIGINT aborts the signal, and a second one ends the process, as it always did.
 */
export const interruptible = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const interruption = new AbortController();
  const stop = () => interruption.abort();
  process.once('SIGINT', stop);
  try {
    return await run(interruption.signal);
  } finally {
    process.removeListener('SIGINT', stop);
  }
};

/**
 * Waits for work until it is interrupted: then it is given up where it is, and null. Its threads and connections end with the process, which
 * does not wait for them after an interruption.
 */
export const unlessInterrupted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> =>
  new Promise((resolve, reject) => {
    const giveUp = () => resolve(null);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
