import { isFor } from '../model/beat.ts';
import { utc } from '../model/text.ts';
import { type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** A beat has come for the time that the incident is about, or a later one. One that never came is no evidence of a failure. */
export const beatArrived: HealthCheck = {
  id: 'beat-arrived',
  check: ({ facts: { beat }, incident }) => {
    if (!beat) return unknown('the ledger was not asked for the heartbeat');
    const { name, lastAt } = beat;
    if (lastAt === null) return unknown(`${name} has never sent a beat`);
    return isFor(lastAt, incident.at)
      ? healthy(`a beat of ${name} came at ${utc(lastAt)}`)
      : unhealthy(`no beat of ${name} since ${utc(lastAt)}`);
  },
};
