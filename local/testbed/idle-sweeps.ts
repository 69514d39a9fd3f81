import type { Interceptor } from '#local-aws';
import { keyOf, openMassesKey } from '../../shared/aws/ledger-keys.ts';

type IdleSweeps = {
  /** To see the calls by, in the place of those given. */
  interceptors: Interceptor[];
  /** Carries out a sweep for what is out of service, unless it would find nothing again. `sweep` resolves to what it has found. */
  sweep(sweep: () => Promise<unknown>): Promise<void>;
};

type Unreliable = {
  /** Whether reads may be behind. */
  stale: boolean;
  /** Whether calls to the ledger may fail now. What fails is drawn anew for each call, so that none is left out then. */
  fails: () => boolean;
};

const isWrite = (operation: string): boolean => /^(Put|Update|Delete|BatchWrite)Item$/.test(operation);

/**
 * Most sweeps for what is out of service ask the ledger what the one before has asked, and get the same answer: nothing. After such an
 * answer none asks again until somebody has written to the ledger. Not relied upon is an answer that an interceptor has changed or that
 * may be stale, nor any while calls fail; and pauses end by the clock alone, as mass failures of several accounts are told by it, so that a ledger with
 * any is swept every time.
 */
export const createIdleSweeps = (given: readonly Interceptor[], { stale, fails }: Unreliable): IdleSweeps => {
  const byTheClock = [keyOf('pauses', 'resources'), openMassesKey].map(({ pk }) => pk.S);
  /** Calls after which an answer may be another one. */
  let changes = 0;
  let foundNothingAt: number | null = null;
  let timed = false;
  const note: NonNullable<Interceptor['before']> = ({ service, operation, input }) => {
    if (service !== 'dynamodb' || !isWrite(operation)) return;
    changes++;
    timed ||= byTheClock.some((key) => JSON.stringify(input).includes(key));
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
      if (foundNothingAt === changes && !timed && !stale && !fails()) return;
      const before = changes;
      const found = (await sweep()) as { out: number };
      if (found.out === 0 && !fails()) foundNothingAt = before;
    },
  };
};
