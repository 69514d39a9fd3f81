import type { Clients } from '../aws/clients.ts';
import type { Backoff } from '../model/backoff.ts';
import type { Incident } from '../model/incident.ts';
import { isObservedItself, kindsOf, notObserved, type Observation, observe, unseen } from '../resources/observe.ts';
import type { Journal } from './journal.ts';

/** A few seconds of tries only: people wait, and a failed look is reported. */
const shortBackoff: Backoff = { initial: 2, cap: 8, attempts: 3 };

/**
 * Looks at an incident's resource and adds a timeline line; null if the incident's standard look covers it. Never fails: an unreadable
 * resource is noted.
 */
export const observeResource = async (incident: Incident, journal: Journal, clients: Clients): Promise<Observation | null> => {
  if (isObservedItself(incident)) return null;
  const seen = kindsOf(incident).length === 0 ? notObserved(incident) : await observeWithRetry(incident, journal, clients);
  journal.note('look', seen.line);
  return seen;
};

const observeWithRetry = async (incident: Incident, journal: Journal, clients: Clients): Promise<Observation> => {
  const { value } = await journal.persist('observe', (at) => observe(clients, incident, at), shortBackoff);
  return value.ok ? value.value : unseen(incident, value.error);
};
