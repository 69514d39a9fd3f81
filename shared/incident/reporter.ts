import type { Outcome } from './outcome.ts';

/** The ways in which an outcome leaves selfheal. Each may be called again after a crash; all carry the incident's key. */
export type Reporter = {
  /** One message for people and machines. */
  announce(outcome: Outcome): Promise<void>;
  /** One event on the bus. */
  emit(outcome: Outcome): Promise<void>;
  /** Counts and times. */
  measure(outcome: Outcome): Promise<void>;
};
