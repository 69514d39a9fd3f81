import type { Place } from '../model/place.ts';

export type Failing = { id: string; zone: string | null; group: string | null };

/** What fails in one account and region besides the resource at hand, and where AWS says that a whole zone does. */
export type Neighbours = {
  /** Different resources that were seen to fail within the window, the one at hand among them. What has a long name is named in short. */
  failing: readonly Failing[];
  /** There are more than are counted. */
  full: boolean;
  /** Of the places that were asked about those of which AWS told that they are impaired, and whose time is not over. */
  impaired: readonly string[];
};

/**
 * What incidents know of one another: single-item updates of the ledger's table. All methods throw what the SDK throws; times are
 * milliseconds since the epoch and come from the caller.
 */
export type NeighbourWatch = {
  /**
   * Notes that a resource fails, and gives back what else does, and which of the places `where` it stands are impaired; `window` in
   * milliseconds. Two calls.
   */
  noteFailing(place: Place, failing: Failing, now: number, window: number, where?: readonly string[]): Promise<Neighbours>;
  /** Notes that a zone or a region, by the id or name that AWS gave it, is impaired until `until`. */
  noteImpaired(place: Place, id: string, until: number): Promise<void>;
  /** The zone or region is not impaired any more. */
  clearImpaired(place: Place, id: string): Promise<void>;
  /**
   * Whether the incident is the one that tells people of what many incidents have in common, named by `matter`. It is the first to
   * ask, and stays it; the matter is over once nobody has asked for `quiet` milliseconds.
   */
  tells(matter: string, incident: string, now: number, quiet: number): Promise<boolean>;
};
