import type { Policy } from '../services/iam/model/document.ts';

/** Temporary credentials of a role, and what is known of whoever has them. Times in milliseconds since the epoch. */
export type Session = {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly token: string;
  readonly createdAt: number;
  /** Infinity where somebody renews them, as Lambda does for its functions. */
  readonly expiresAt: number;
  readonly account: string;
  readonly role: { readonly arn: string; readonly name: string; readonly id: string };
  readonly name: string;
  readonly sourceIdentity: string | undefined;
  readonly tags: ReadonlyMap<string, string>;
  /** Keys of tags that the sessions have too which are begun with this one. */
  readonly transitive: readonly string[];
  /** What the session was narrowed to when it was begun. */
  readonly policies: readonly Policy[];
};
