import { parseJson } from '../model/json.ts';
import type { Policy } from '../model/policy.ts';
import { digestOf, versionOf } from './policy-version.ts';

/** A policy that packaging has validated: its text, and the digest of that. */
export type PackagedPolicy = { text: string; digest: string };

/** Why the policy of a package is not followed. */
export const notAsPackaged = "what stands in the function isn't what was packaged";

/**
 * The policy of a function's own package; null if it isn't what was packaged. Packaging has validated it, and to do that again would take
 * longer than the rest of a cold start where a policy has hundreds of rules: the digest says whether this is still the same.
 */
export const openPackaged = ({ text, digest }: PackagedPolicy): Policy | null => {
  const policy = digestOf(text) === digest ? parseJson(text) : undefined;
  return policy === undefined ? null : { ...(policy as Policy), version: versionOf(digest) };
};
