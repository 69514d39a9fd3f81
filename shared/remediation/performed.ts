import type { CallError } from '../ports/call-result.ts';

/**
 * The result of one try of an action.
 * - `acted`: done, or possibly done if there is an error: verification decides.
 * - `not-done`: certainly without effect; may be retried later.
 * - `refused`: certainly without effect; retrying is of no use.
 * - `half-done`: an earlier step took effect and a later one didn't.
 * - `failed`: done, and what it started has failed by its own account.
 * - `lost`: whether it was begun can't be found out, or not when it will end; it must not be begun again.
 */
export type Performed =
  | { result: 'acted'; uncertain?: CallError }
  | { result: 'not-done' | 'refused' | 'half-done' | 'failed' | 'lost'; error: CallError };
