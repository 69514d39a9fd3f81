import type { Place } from '../model/place.ts';

/** What goes on and is told of again and again: one condition, whichever event tells of it. Times in milliseconds since the epoch. */
export type Episode = {
  /** The incident that tells people of all of it. */
  opener: string;
  openedAt: number;
  lastAt: number;
  /** How many others have joined it. */
  joined: number;
};

/** All methods throw what the SDK throws. */
export type Episodes = {
  /**
   * Joins what goes on, or opens it: where nothing has been told of it for `quiet` milliseconds it is over, and begins anew. The incident that
   * has opened it stays the opener, however often it asks; and one that asks again since an answer was lost has joined it once.
   */
  joinEpisode(place: Place, matter: string, incident: string, now: number, quiet: number): Promise<Episode>;
  /** What goes on of that matter; null for nothing. */
  readEpisode(place: Place, matter: string): Promise<Episode | null>;
  /** Ends an episode that nobody has joined since it was read. False if somebody has. */
  endEpisode(place: Place, matter: string, episode: Episode): Promise<boolean>;
};
