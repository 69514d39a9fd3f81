import * as z from 'zod';

/** Anything that only one incident may hold at a time: a resource or a slot in a group, in one account and region. */
export type Leasable = Place & { type: string; id: string };

/** An account and a region; names are unique within them. */
export type Place = { account: string; region: string };

export const placeSchema = z.object({ account: z.string(), region: z.string() });

export const isSamePlace = (one: Place, other: Place): boolean => one.account === other.account && one.region === other.region;

/** Adds account and region to a type and id. */
export const placedAt = ({ account, region }: Place, { type, id }: { type: string; id: string }): Place & { type: string; id: string } => ({
  ...{ account, region, type, id },
});
