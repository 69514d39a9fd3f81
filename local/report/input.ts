import type { Outcome } from '../../shared/model/outcome.ts';

/**
 * How many instances were in which state at a moment, in milliseconds since the epoch. `healthy` are running and answer, `impaired`
 * are running or starting and don't, `stopped` are stopped or on their way there. What is terminated counts nowhere.
 */
export type HealthSample = { at: number; healthy: number; impaired: number; stopped: number };

/** An outcome, and the world that it came from where a report is about several, such as `seed 12`. */
export type ReportedOutcome = Outcome & { world?: string };

/** One incident that differs: what it is, what is different, and how it was and is; null where there was or is none. */
export type Change = { incident: string; what: string; before: string | null; now: string | null };
export type Comparison = { lead: string; changes: Change[] };

export type ReportTable = { title: string; columns: string[]; rows: (string | number)[][] };

/** What a page is about before its incidents, if it is about more: a sentence, points, and tables; `heading` is that of the incidents. */
export type ReportAbout = { lead: string; points: readonly string[]; tables: readonly ReportTable[]; heading: string };

export type ReportInput = {
  title: string;
  /** The command line that made it, as one would type it. */
  command: string;
  outcomes: ReportedOutcome[];
  /** True if the outcomes are only a model: the page then says so of every figure. */
  modelled?: boolean;
  /** What a scenario calls its resources, by their ids. */
  names?: ReadonlyMap<string, string>;
  /** True if they are of worlds that share no time: then nothing is drawn over it. */
  apart?: boolean;
  /** In the order of time; empty where there was no fleet to look at. */
  health: HealthSample[];
  /** Notes for the reader: assumptions, and what was left out. */
  notes?: string[];
  /** Stands first. Without any outcome it is all there is. */
  about?: ReportAbout;
  /** Additional tables of the command. */
  tables?: ReportTable[];
  /** What is different from an earlier run, and how that is called. */
  against?: { with: string; comparison: Comparison };
};
