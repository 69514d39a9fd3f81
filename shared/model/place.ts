/** Anything that only one incident may have at a time: a resource, or a place in a group; in one account and region. */
export type Leasable = Place & { type: string; id: string };

/** An account and a region: within them a name is unique. */
export type Place = { account: string; region: string };

/** The same thing, with where it is. */
export const placedAt = ({ account, region }: Place, { type, id }: { type: string; id: string }): Place & { type: string; id: string } => ({
  ...{ account, region, type, id },
});
