/**
 * Why a call to AWS failed, as far as it decides what comes next.
 * - `throttled`: refused for its rate, without effect: try again later.
 * - `uncertain`: nobody knows whether it took effect (a lost answer, a time-out, an internal error): look before doing anything.
 * - `refused`: it will not work by trying again (denied, not found, wrong state, invalid).
 */
export type CallError = {
  kind: 'throttled' | 'uncertain' | 'refused';
  code: string;
  message: string;
  /** As IAM names it: `ec2:RebootInstances`. Missing where the error is none of a call. */
  call?: string;
};

export type Result<T> = { ok: true; value: T } | { ok: false; error: CallError };
