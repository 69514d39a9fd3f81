import type { Interceptor } from '#local-aws';
import { keyOf } from '../../shared/aws/ledger-keys.ts';

type IdleSweeps = {
  /** To see the calls by, in the place of those given. */
  interceptors: Interceptor[];
  /** Carries out a sweep for what is out of service, unless it would find nothing again. `sweep` resolves to what it has found. */
  sweep(sweep: () => Promise<unknown>): Promise<void>;
};

const isWrite = (operation: string): boolean => /^(Put|Update|Delete|BatchWrite)Item$/.test(operation);

/**
 * Nine of ten sweeps for what is out of service ask the ledger what the one before has asked, and get the same answer: nothing. After such an
 * answer none asks again until somebody has written to the ledger. Not relied upon are an answer that an interceptor has changed, and one
 * that may be stale; and pauses end by the clock alone, so that a ledger with any is swept every time.
 */
export const createIdleSweeps = (given: readonly Interceptor[], stale: boolean): IdleSweeps => {
  const { S: pauses } = keyOf('pauses', 'resources').pk;
  /** Calls after which an answer may be another one. */
  let changes = 0;
  let foundNothingAt: number | null = null;
  let paused = false;
  const note: NonNullable<Interceptor['before']> = ({ service, operation, input }) => {
    if (service !== 'dynamodb' || !isWrite(operation)) return;
    changes++;
    paused ||= JSON.stringify(input).includes(pauses);
  };
  const noting = ({ before, after }: Interceptor): Interceptor => ({
    ...(before ? { before } : {}),
    after: (call) => {
      const meddled = after?.(call);
      if (meddled !== undefined) changes++;
      return meddled;
    },
  });
  return {
    // A write begins to have its effect before it is answered, and has it then.
    interceptors: [
      {
        before: note,
        after: (call) => {
          note(call);
          return undefined;
        },
      },
      ...given.map(noting),
    ],
    sweep: async (sweep) => {
      if (foundNothingAt === changes && !paused && !stale) return;
      const before = changes;
      foundNothingAt = null;
      const found = (await sweep()) as { out: number };
      if (found.out === 0) foundNothingAt = before;
    },
  };
};
