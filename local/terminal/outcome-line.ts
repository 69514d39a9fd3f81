import type { Outcome } from '../../shared/model/outcome.ts';

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

/** How long it took in the world that it was played in, in seconds: from the first word of it to its end. An event may be of any other time. */
export const lastedIn = ({ startedAt, endedAt, timeline }: Outcome): number =>
  (Date.parse(endedAt) - Date.parse(timeline[0]?.at ?? startedAt)) / 1000;
