import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { longestYaml } from '../../local/input/yaml.ts';
import { problemLines } from '../../local/policy/check.ts';
import { readPolicyText } from '../../local/policy/read.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { PackagedPolicy } from '../../shared/policy/packaged.ts';
import { digestOf, policyText } from '../../shared/policy/policy-version.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';

/** Four bytes are the most that a character takes. */
const largest = 4 * longestYaml;

const textOf = (path: string): string => {
  try {
    if (statSync(path).size > largest) throw new Error(`larger than ${largest} bytes`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`policy: ${path}: ${errorMessage(error)}`);
  }
};

/**
 * The policy of the parameter `policy`: JSON text, or the path of a file of YAML or JSON from the service's folder; the defaults where it is
 * empty.
 * @throws {Error} with a line for each problem
 */
export const policyOfParameter = (given: unknown, folder: string): Policy => {
  if (given !== undefined && typeof given !== 'string') throw new Error('the policy must be JSON text or the path of a file');
  const value = (given ?? '').trim();
  if (value === '' || value.startsWith('{')) return parsePolicy(value);
  const read = readPolicyText(textOf(resolve(folder, value)), value);
  if ('policy' in read) return read.policy;
  throw new Error(problemLines(value, read).join('\n'));
};

/** The same for what the template has only because of a policy: null for one that can't be used, which stops the packaging a moment later. */
export const usablePolicy = (given: unknown, folder: string): Policy | null => {
  try {
    return policyOfParameter(given, folder);
  } catch {
    return null;
  }
};

/** A policy as it is written into the functions. */
export const packagePolicy = (policy: Policy): PackagedPolicy => {
  const text = policyText(policy);
  return { text, digest: digestOf(text) };
};
