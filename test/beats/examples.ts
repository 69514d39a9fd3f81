import { type Beat, beatsSchema } from '../../shared/model/beat.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
export const keys = { current: 'c'.repeat(64), previous: 'p'.repeat(64) };

/** A heartbeat as the policy has it. */
export const beat = (change: Partial<Beat> = {}): Beat => {
  const [parsed] = beatsSchema.parse([{ name: 'nightly-export', ...(change.schedule ? {} : { every: '24h' }), grace: '1h', ...change }]);
  return parsed as Beat;
};
