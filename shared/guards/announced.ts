import type { Incident } from '../model/incident.ts';

const announcedFailures: ReadonlySet<Incident['failure']> = new Set(['spot-interruption', 'spot-rebalance', 'instance-retiring']);

/** Whether AWS takes the instance away in any case: to replace it in time takes nothing from its group. */
export const isAnnounced = ({ failure }: Pick<Incident, 'failure'>): boolean => announcedFailures.has(failure);
