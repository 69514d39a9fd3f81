import type { Policy } from '../policy.ts';

const hour = 3600_000;
const day = 24 * hour;
/** A calm hour this close to the deadline is too late: AWS may act first. */
const margin = 2 * hour;

/**
 * Seconds until the next calm hour (UTC), 0 within one. Where the deadline (ISO 8601) comes before it, there is no calm hour
 * left, and the answer is 0 as well: better at a bad hour of our own than at one of AWS's. `now` in milliseconds since the epoch.
 */
export const secondsToCalm = (now: number, { fromHour, toHour }: Policy['calm'], deadline: string | undefined): number => {
  const midnight = Math.floor(now / day) * day;
  const inside = now >= midnight + fromHour * hour && now < midnight + toHour * hour;
  if (inside) return 0;
  const today = midnight + fromHour * hour;
  const next = today > now ? today : today + day;
  const latest = deadline ? Date.parse(deadline) - margin : Number.POSITIVE_INFINITY;
  return Number.isNaN(latest) || next <= latest ? (next - now) / 1000 : 0;
};
