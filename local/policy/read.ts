import type { Policy } from '../../shared/model/policy.ts';
import { wholePolicySchema } from '../../shared/policy/read-policy.ts';
import { readYaml, type YamlProblem } from '../input/yaml.ts';

/** A policy, or what is wrong with it; of very many problems only the first, and how many more there are. */
export type ReadPolicy = { policy: Policy } | { problems: YamlProblem[]; more: number };

/** Reads a policy from YAML or JSON; an empty text is the default policy. Never throws; `file` is only named in what is wrong. */
export const readPolicyText = (text: string, file: string): ReadPolicy => {
  const read = readYaml<Policy>(text, wholePolicySchema, { file, empty: {} });
  return 'value' in read ? { policy: read.value } : read;
};
