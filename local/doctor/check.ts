import type { Subject } from './subject.ts';

/** `unknown`: it could not be looked at, which is no reason for alarm. */
export type Verdict = 'ok' | 'broken' | 'unknown';

/** What a check found. Only what is broken has a repair: one command of a shell. */
export type Finding = { verdict: 'ok' | 'unknown'; says: string } | { verdict: 'broken'; says: string; repair: string };

/** A look at one thing: of a deployment, unless it says that of another place. */
export type Check<Of = Subject> = {
  id: string;
  /** What it reads, in a clause. */
  reads: string;
  /** The IAM actions that this takes. */
  permissions: readonly string[];
  /**
   * Looks, and changes nothing. One finding at least; one for each thing that is broken.
   * @throws whatever the SDK throws, on which nothing is known
   */
  look: (subject: Of) => Promise<Finding[]>;
};

export const ok = (says: string): Finding => ({ verdict: 'ok', says });
export const unknown = (says: string): Finding => ({ verdict: 'unknown', says });
export const broken = (says: string, repair: string): Finding => ({ verdict: 'broken', says, repair });

/** What is broken, or else that all is well. */
export const brokenOr = (found: readonly Finding[], says: string): Finding[] =>
  found.some(({ verdict }) => verdict === 'broken') ? [...found] : [ok(says), ...found];

/** `1 rule`, `2 rules`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
