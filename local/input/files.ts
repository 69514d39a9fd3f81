import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const json = /\.(?:json|jsonl|ndjson|log)(?:\.gz)?$|\.gz$/i;
/** What stands beside an event and isn't one. */
const beside = /\.expected\.json$/i;
/** As of a program or a document; a delivery stream ends its names with a time and an id, and may have dots before. */
const extension = /\.[a-z][a-z0-9]{0,9}$/i;

export const isScenarioFile = (file: string): boolean => /\.ya?ml$/i.test(file);
export const isExpectation = (file: string): boolean => beside.test(file);

/** Whether a name says that its file is a stream of events, one a line, however many there are. */
export const isStream = (file: string): boolean => file === '-' || /\.(?:ndjson|jsonl)(?:\.gz)?$/i.test(file);

/** Whether a file without an extension begins as JSON does, compressed or not. */
const beginsAsJson = async (file: string): Promise<boolean> => {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512);
    const bytes = buffer.subarray(0, bytesRead);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return true;
    // The marks of encodings are no UTF-8, and UTF-16 has a zero before or behind each character.
    return /^[\s\ufffd\ufeff]*[[{]/.test(bytes.toString('utf8').replaceAll('\0', ''));
  } finally {
    await handle.close();
  }
};

/**
 * The files that a name stands for: itself, or all that a folder and those in it have of events, by name; scenarios too where they are
 * asked for. What is expected of events is none. Throws what the file system says.
 */
export const filesOf = async (name: string, { scenarios = false } = {}): Promise<string[]> => {
  if (name === '-' || !(await stat(name)).isDirectory()) return [name];
  const entries = await readdir(name, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !isExpectation(entry.name));
  const wanted: string[] = [];
  for (const { name: own, parentPath } of files) {
    const path = join(parentPath, own);
    if (json.test(own) || (scenarios && isScenarioFile(own)) || (!extension.test(own) && (await beginsAsJson(path)))) wanted.push(path);
  }
  return wanted.sort();
};
