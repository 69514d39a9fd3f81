import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** The source map of a bundle; null if there is none or it is unreadable. */
const readMap = (file: string) => {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return null;
  }
};

const maps = new Map<string, ReturnType<typeof readMap>>();

/** One line of a trace, with its place in the sources if the map has it. */
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
 * Maps stack traces to the sources; every function loads this file first (tools/bundling.cjs). The map is read with the first trace.
 * Node's `--enable-source-maps` reads it at every start, which took a sixth of the load time: docs/performance.md.
 */
Error.prepareStackTrace = (error, frames) => [String(error), ...frames.map((frame) => `    at ${lineOf(frame)}`)].join('\n');
