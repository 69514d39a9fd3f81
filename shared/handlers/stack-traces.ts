import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** A bundle's map, or null where there is none that can be read. */
const readMap = (file: string) => {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return null;
  }
};

const maps = new Map<string, ReturnType<typeof readMap>>();

/** A line of a trace, with the place in the sources where the map knows it. */
const lineOf = (frame: NodeJS.CallSite): string => {
  const text = String(frame);
  const file = frame.getFileName();
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  if (!file?.endsWith('.cjs') || line === null || column === null) return text;
  if (!maps.has(file)) maps.set(file, readMap(file));
  const entry = maps.get(file)?.findEntry(line - 1, column - 1);
  if (!entry || !('originalSource' in entry)) return text;
  const source = entry.originalSource.replace(/^(?:\.\.\/)+/, '');
  return text.replace(`${file}:${line}:${column}`, () => `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`);
};

/**
 * Stack traces with the names and lines of the sources; every bundle has this file (serverless.yml, `inject`). The map is read when
 * the first trace is. Node's own `--enable-source-maps` reads it at every start, and that took a sixth of the load: docs/performance.md.
 */
Error.prepareStackTrace = (error, frames) => [String(error), ...frames.map((frame) => `    at ${lineOf(frame)}`)].join('\n');
