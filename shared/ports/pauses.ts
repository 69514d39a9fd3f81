import type { Pause } from '../model/pause.ts';

/**
 * The resources that people have paused. Times are milliseconds since the epoch.
 * @throws whatever the SDK throws, from all methods
 */
export type Pauses = {
  /** All of them, those that are over and not yet ended included. */
  pauses(): Promise<Pause[]>;
  /** Pauses a resource, or changes its pause; what was held stays counted. */
  setPause(pause: Omit<Pause, 'held' | 'last'>): Promise<void>;
  /** Counts an incident that a pause holds, once. */
  noteHeldByPause(pause: Pause, incident: string): Promise<void>;
  /** Forgets a pause, unless it was changed meanwhile. */
  endPause(pause: Pause): Promise<void>;
};
