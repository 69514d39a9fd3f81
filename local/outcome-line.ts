import type { Outcome } from '../shared/incident/outcome.ts';

/** An outcome as the command line's JSON tells it: one line, the fields in this order. */
export const outcomeLine = ({
  incident,
  failure,
  resource,
  status,
  verified,
  startedAt,
  endedAt,
  timeToRecoverSeconds,
  actions,
  reason,
  quiet,
}: Outcome) => ({
  incident,
  failure,
  resource,
  status,
  verified,
  startedAt,
  endedAt,
  timeToRecoverSeconds,
  actions,
  reason,
  quiet,
});
