import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** In bytes: larger than any event that AWS delivers. */
const outside = 10 * 1024 * 1024;

/** Lines of a stream, without ever holding more than one (and never more than `outside` of it). */
async function* lines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
    if (rest.length > outside) throw new Error(`a line is longer than ${outside} characters`);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

/** An event's text, read; or why it couldn't be, for stderr. `file` names the line as well, where it is one of many. */
export type Readout = { file: string; value: unknown } | { file: string; problem: string };

const readText = (file: string, text: string): Readout => {
  try {
    return { file, value: JSON.parse(text.replace(/^\ufeff/, '')) };
  } catch (error) {
    return { file, problem: `not JSON: ${(error as Error).message}` };
  }
};

/** Events of a stream, one a line. A stream whose first line is only the beginning of an event is one event in all. */
async function* readLines(name: string, stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Readout> {
  let number = 0;
  let held: string[] | null = null;
  let size = 0;
  let first = true;
  const one = (text: string, line: number) => readText(`${name}:${line}`, text);
  for await (const line of lines(stream)) {
    number += 1;
    if (held === null) {
      if (line.trim() === '') continue;
      const readout = one(line, number);
      if (first && 'problem' in readout && /^\ufeff?\s*[[{]/.test(line)) held = [...Array<string>(number - 1).fill(''), line];
      else yield readout;
      first = false;
    } else {
      held.push(line);
      size += line.length + 1;
      if (size > outside) {
        for (const [index, text] of held.entries()) if (text.trim() !== '') yield one(text, index + 1);
        held = null;
      }
    }
  }
  if (held === null) return;
  const whole = one(held.join('\n'), held.findIndex((text) => text.trim() !== '') + 1);
  if ('value' in whole) yield whole;
  else for (const [index, text] of held.entries()) if (text.trim() !== '') yield one(text, index + 1);
}

/** The events of a file, of a stream (`.ndjson`, `.jsonl`), or of stdin (`-`), one after the other. Never throws. */
export async function* readEvents(file: string, stdin: AsyncIterable<Uint8Array | string>): AsyncGenerator<Readout> {
  try {
    if (file === '-') {
      yield* readLines('-', stdin);
      return;
    }
    const entry = await stat(file);
    if (entry.isDirectory()) yield { file, problem: 'is a directory; name the files in it' };
    else if (/\.(?:ndjson|jsonl)$/i.test(file)) yield* readLines(file, createReadStream(file));
    else if (entry.size > outside) yield { file, problem: `larger than ${outside} bytes; one event a line (.ndjson) has no such limit` };
    else {
      let text = '';
      for await (const chunk of createReadStream(file, 'utf8')) text += chunk;
      yield readText(file, text);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    yield { file, problem: code === 'ENOENT' ? 'no such file' : message };
  }
}
