import { digestOf, policyText, versionOf } from '../../shared/policy/policy-version.ts';
import { problemLine } from '../input/yaml.ts';
import type { ReadPolicy } from './read.ts';

/** What a check finds: the version of a policy that can be used, or its problems. */
export type Checked = { file: string; policyVersion: string | null; problems: object[]; more: number };

export const checkedOf = (file: string, read: ReadPolicy): Checked => {
  if ('policy' in read) return { file, policyVersion: versionOf(digestOf(policyText(read.policy))), problems: [], more: 0 };
  const problems = read.problems.map(({ line, column, path, message }) => ({ line, column, path, message }));
  return { file, policyVersion: null, problems, more: read.more };
};

/** The problems of a policy, a line each; none if it can be used. */
export const problemLines = (file: string, read: ReadPolicy): string[] => {
  if ('policy' in read) return [];
  return [...read.problems.map(problemLine), ...(read.more > 0 ? [`${file}: and ${read.more} more`] : [])];
};
