import { createHash } from 'node:crypto';
import type { Policy } from '../model/policy.ts';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
};

/** A policy as JSON in which every setting is written out and keys are sorted: two policies that say the same have the same text. */
export const policyText = (policy: Policy): string => JSON.stringify(sorted(policy));

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** In characters: enough to tell the policies of a service apart. */
const versionLength = 12;

/** The name of a policy by what it says, such as `3f9ab2c41d07`, from the digest of its text. */
export const versionOf = (digest: string): string => digest.slice(0, versionLength);
