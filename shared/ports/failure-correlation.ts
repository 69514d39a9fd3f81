import type { Place } from '../model/place.ts';

/** A failing resource with its zone and group. */
export type Failing = { id: string; zone: string | null; group: string | null };

/** How many instances have opted in in an account and region, and in its zones by their names there. */
export type OptedIn = { all: number; zones: Readonly<Record<string, number>> };

/** Other failures in the same account and region, and impaired zones. */
export type CorrelatedFailures = {
  /** Different resources that failed within the window, including the one at hand. Long names are shortened. */
  failing: readonly Failing[];
  /** More failed than are counted. */
  full: boolean;
  /** The requested zones or regions that AWS reported as impaired, if that report has not expired. */
  impaired: readonly string[];
  /** How many have opted in; absent where nobody has counted them within a day. */
  optedIn?: OptedIn;
};

/**
 * Correlates failures across incidents by single-item updates of the ledger's table. Times are milliseconds since the epoch and come from
 * the caller.
 * @throws whatever the SDK throws, from all methods
 */
export type FailureCorrelation = {
  /**
   * Records a failing resource. Returns the other failing ones within `windowMs` milliseconds and which of the places `where` are impaired.
   * Two calls.
   */
  noteFailing(place: Place, failing: Failing, now: number, windowMs: number, where?: readonly string[]): Promise<CorrelatedFailures>;
  /** Records how many have opted in, as counted at `now`. */
  noteOptedIn(place: Place, optedIn: OptedIn, now: number): Promise<void>;
  /** When they were last counted; null if they never were. */
  optedInCountedAt(place: Place): Promise<number | null>;
  /** Records a zone or region, by the id or name that AWS gave it, as impaired until `until`. */
  noteImpaired(place: Place, id: string, until: number): Promise<void>;
  /** Clears the impairment of a zone or region. */
  clearImpaired(place: Place, id: string): Promise<void>;
  /**
   * Whether this incident reports what many incidents have in common, named by `matter`. The first one to ask does, and keeps that role.
   * The matter is over once no incident has asked for `quietMs`.
   */
  electReporter(matter: string, incident: string, now: number, quietMs: number): Promise<boolean>;
};
