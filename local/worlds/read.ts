import { problemLine, readYaml } from '../input/yaml.ts';
import { base, type Scenario, scenarioSchema } from './schema.ts';

/** A scenario, or what is wrong with it: a line each, `file:line:column: what`. */
export type ReadScenario = { scenario: Scenario } | { problems: string[] };

/** Reads a scenario from YAML (or JSON, which is YAML too). Never throws; `file` is only named in what is wrong. */
export const readScenario = (text: string, file: string): ReadScenario => {
  const read = readYaml(text, scenarioSchema, { file, keys: base });
  if ('value' in read) return { scenario: read.value };
  const problems = read.problems.map(problemLine);
  return { problems: read.more > 0 ? [...problems, `${file}: and ${read.more} more`] : problems };
};
