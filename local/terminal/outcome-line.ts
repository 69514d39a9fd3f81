import type { Outcome } from '../../shared/model/outcome.ts';

/** An outcome in the command line's JSON: one line, the fields in this order. */
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

/** The duration in the simulated world, in seconds, from the first timeline line to the end; the event itself may have any other time. */
export const lastedIn = ({ startedAt, endedAt, timeline }: Outcome): number =>
  (Date.parse(endedAt) - Date.parse(timeline[0]?.at ?? startedAt)) / 1000;
