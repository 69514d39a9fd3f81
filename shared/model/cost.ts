import { dayMs } from './duration.ts';

/**
 * US dollars, us-east-1, without any free tier. A test holds both against the pages that say how they are counted.
 * docs/performance.md, "Cost": `cost.per_1000_incidents_usd`, from the priced calls of measured incidents.
 */
export const perIncident = 0.28 / 1000;
/** docs/operations.md, "Cost": alarms on selfheal, keys, the secret and the dashboard; metrics come to it. */
export const installationPerMonth = 6.6;

export type Cost = { incidents: number; installation: number };

/** What so many incidents in a time cost, and the installation in it. A month is 30 days. */
export const costOf = (incidents: number, milliseconds: number): Cost => ({
  incidents: incidents * perIncident,
  installation: (installationPerMonth * milliseconds) / (30 * dayMs),
});
