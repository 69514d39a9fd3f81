import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { nearest } from '../../shared/model/nearest.ts';
import { isScenarioFile } from '../input/files.ts';
import { type ReadScenario, readScenario } from './read.ts';

/** Where selfheal's own scenarios lie. */
const home = new URL('../../events/scenarios/', import.meta.url).pathname;

/** In bytes: an event is far smaller. */
const largestEvent = 10 * 1024 * 1024;

/** The names of selfheal's own scenarios. */
export const scenarioNames = (): string[] =>
  readdirSync(home)
    .filter(isScenarioFile)
    .map((file) => file.replace(/\.ya?ml$/i, ''))
    .sort();

/** The file of a scenario, by its path or, of selfheal's own, by its name; or why there is none. */
export const findScenario = (asked: string): { file: string } | { problem: string } => {
  if (scenarioNames().includes(asked)) return { file: join(home, `${asked}.yml`) };
  if (existsSync(asked)) return statSync(asked).isFile() ? { file: asked } : { problem: `${asked} is not a file` };
  const meant = nearest(asked, scenarioNames());
  return {
    problem: `there is no scenario ${JSON.stringify(asked.slice(0, 100))}${meant ? `; did you mean ${meant}?` : '; --list lists them'}`,
  };
};

/** Reads a scenario's file. Never throws. */
export const loadScenario = (file: string): ReadScenario => {
  try {
    return readScenario(readFileSync(file, 'utf8'), file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { problems: [`${file}: ${code === 'ENOENT' ? 'no such file' : message}`] };
  }
};

/** Reads the events that a scenario names: from its own folder on, and from nowhere outside the folder above that one. */
export const readBeside =
  (scenario: string) =>
  (file: string): unknown => {
    const folder = resolve(dirname(scenario), '..');
    const path = resolve(dirname(scenario), file);
    if (!path.startsWith(`${folder}/`)) throw new Error(`${file} lies outside ${basename(folder)}/`);
    if (statSync(path).size > largestEvent) throw new Error(`${file} is larger than ${largestEvent} bytes`);
    return JSON.parse(readFileSync(path, 'utf8'));
  };
