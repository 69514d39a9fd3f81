import type { Clients } from '../aws/clients.ts';
import type { Incident } from '../model/incident.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { healthyWithin, maxHealthyWithin } from '../resources/target-group.ts';

/**
 * How long what was done `age` seconds ago gets to show that it works: `own` seconds for the instance itself, and as long again as the target
 * group's checks take, where the incident goes by these. Looked up only where that decides. In seconds.
 * @throws whatever the SDK throws
 */
export const settlesWithin = async (
  { facts, incident, clients }: { facts: ResourceSnapshot; incident: Incident; clients: Clients },
  own: number,
  age: number,
): Promise<number> =>
  facts.targets !== null && age >= own && age < own + maxHealthyWithin ? own + (await healthyWithin(clients, incident)) : own;
