import type { ActionRecord } from './outcome-schema.ts';

/** What came of one call of an action, by the kind of AWS's answer where it failed. */
export type ActionResult =
  | { status: 'done' | 'would' | 'not-begun' }
  | { status: 'throttled' | 'refused' | 'uncertain'; code: string }
  /** Of another version. */
  | { status: 'unknown'; text: string };

const plain = { done: 'done', would: 'would', 'not-begun': 'not begun' } as const;
const failed = /^(throttled|refused|uncertain): (.*)$/s;

/** As an outcome, the ledger and logs carry it. */
export const formatResult = (result: ActionResult): string =>
  'text' in result ? result.text : 'code' in result ? `${result.status}: ${result.code}` : plain[result.status];

export const resultOf = ({ result: text }: Pick<ActionRecord, 'result'>): ActionResult => {
  for (const status of ['done', 'would', 'not-begun'] as const) if (plain[status] === text) return { status };
  const [, status, code = ''] = failed.exec(text) ?? [];
  return status === undefined ? { status: 'unknown', text } : { status: status as 'throttled' | 'refused' | 'uncertain', code };
};

type Recorded = Pick<ActionRecord, 'result'>;

export const wasDone = (record: Recorded): boolean => resultOf(record).status === 'done';

/** In a dry run. */
export const wouldBeDone = (record: Recorded): boolean => resultOf(record).status === 'would';

/** Something was changed by it, or may have been. */
export const mayHaveActed = (record: Recorded): boolean => ['done', 'uncertain'].includes(resultOf(record).status);

/** Nothing was changed by it, for sure. */
export const hadNoEffect = (record: Recorded): boolean => !['done', 'uncertain', 'unknown'].includes(resultOf(record).status);

/** No call was made: it was a rehearsal, or it could not be written down before. */
export const wasNotBegun = (record: Recorded): boolean => ['would', 'not-begun'].includes(resultOf(record).status);
