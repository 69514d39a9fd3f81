import { type Incident, incidentKey } from '../model/incident.ts';
import { afterPause, afterPauseKey } from '../model/pause.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Started } from '../ports/starter.ts';

/** What ending pauses needs. */
export type EndPausesDeps = {
  ledger: Pick<Ledger, 'pauses' | 'endPause' | 'read'>;
  start: (incident: Incident) => Promise<Started>;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/**
 * Ends the pauses that are over. For each that held signals one incident looks whether it still fails; it is the same however often this
 * is tried. Returns how many pauses have ended, and how many incidents were started or joined.
 * @throws whatever the SDK throws: the next sweep goes on
 */
export const endPauses = async ({ ledger, start, now }: EndPausesDeps): Promise<{ ended: number; looks: number }> => {
  let [ended, looks] = [0, 0];
  for (const pause of await ledger.pauses()) {
    if (pause.until > now()) continue;
    const { incident = null } = (pause.last === null ? null : await ledger.read(pause.last)) ?? {};
    if (incident) {
      const next = { ...incident, at: pause.until, evidence: { ...incident.evidence, [afterPauseKey]: afterPause(pause) } };
      await start({ ...next, key: incidentKey(next) });
      looks++;
    }
    await ledger.endPause(pause);
    ended++;
  }
  return { ended, looks };
};
