/**
 * Why a call to AWS failed.
 * - `throttled`: rejected because of its rate, without effect; retry later.
 * - `uncertain`: it may or may not have taken effect (a lost response, a timeout, an internal error); look before doing anything.
 * - `refused`: a retry will not help (denied, not found, wrong state, invalid).
 */
export type CallError = {
  kind: 'throttled' | 'uncertain' | 'refused';
  code: string;
  message: string;
  /** The IAM action, such as `ec2:RebootInstances`. Missing if the error is not from a call. */
  call?: string;
};

/** The value of a call, or why it failed. */
export type Result<T> = { ok: true; value: T } | { ok: false; error: CallError };
