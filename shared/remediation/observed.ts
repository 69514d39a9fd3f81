import type { Clients } from '../aws/clients.ts';
import type { Backoff } from '../model/backoff.ts';
import type { Incident } from '../model/incident.ts';
import { hasCauses, isObservedItself, kindsOf, notObserved, type Observation, observe, readCauses, unseen } from '../resources/observe.ts';
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

/** Adds timeline lines about what may be behind the failure, where something can be read. Never fails: what can't be read is noted. */
export const noteCauses = async (incident: Incident, journal: Journal, clients: Clients): Promise<void> => {
  if (!hasCauses(incident)) return;
  const { value } = await journal.persist('causes', (at) => readCauses(clients, incident, at), shortBackoff);
  for (const line of value.ok ? value.value : [unseen(incident, value.error).line]) journal.note('look', line);
};
