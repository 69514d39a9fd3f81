import type { Clients } from '../aws/clients.ts';
import type { Backoff } from '../model/backoff.ts';
import type { Incident } from '../model/incident.ts';
import { kindsOf, looksOwn, notLooked, type Observation, observe, unseen } from '../resources/observe.ts';
import type { Journal } from './journal.ts';

/** People wait for this, and are told that it could not be had. */
const brief: Backoff = { initial: 2, cap: 8, attempts: 3 };

/**
 * What a look at an incident's resource came to, and a line of the timeline for it; null where the incident's own look is at it. It never
 * fails: what can't be seen is said, and nothing waits for it.
 */
export const observeResource = async (incident: Incident, journal: Journal, clients: Clients): Promise<Observation | null> => {
  if (looksOwn(incident)) return null;
  const seen = kindsOf(incident).length === 0 ? notLooked(incident) : await ask(incident, journal, clients);
  journal.note('look', seen.line);
  return seen;
};

const ask = async (incident: Incident, journal: Journal, clients: Clients): Promise<Observation> => {
  const { value } = await journal.persist('observe', (at) => observe(clients, incident, at), brief);
  return value.ok ? value.value : unseen(incident, value.error);
};
