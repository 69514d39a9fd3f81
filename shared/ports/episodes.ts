import type { Place } from '../model/place.ts';

/** A condition that several events report, as one episode. Times are milliseconds since the epoch. */
export type Episode = {
  /** The incident that reports the whole episode. */
  opener: string;
  openedAt: number;
  lastAt: number;
  /** How many other incidents have joined it. */
  joined: number;
};

/**
 * Episodes in the ledger.
 * @throws whatever the SDK throws, from all methods
 */
export type Episodes = {
  /**
   * Joins the current episode or opens one. An episode without a report for `quietMs` is over, and the next report opens a new
   * one. The incident that opened it stays the opener however often it asks, and an incident that asks again after a lost response has
   * joined only once.
   */
  joinEpisode(place: Place, matter: string, incident: string, now: number, quietMs: number): Promise<Episode>;
  /** The current episode of that matter; null if there is none. */
  readEpisode(place: Place, matter: string): Promise<Episode | null>;
  /** Ends an episode. False if another incident has joined since it was read. */
  endEpisode(place: Place, matter: string, episode: Episode): Promise<boolean>;
};
