import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { readEvent } from '../../shared/failures/read.ts';
import type { Verdict } from '../../shared/failures/verdict.ts';
import type { Rejection } from '../../shared/signals/decode.ts';
import type { Command, Io } from './command.ts';

const help = `selfheal classify FILE… [--json]

Says what each event means and what selfheal would make of it. No AWS, nothing is changed.

  FILE     an event as JSON, in any envelope; .ndjson or .jsonl: one event a line; -: events from stdin, one a line or one in all
  --json   one line of JSON for each event

Exit code: 0 all was understood; 1 something was rejected; 2 a file could not be read, or is not JSON.
`;

const outside = 10 * 1024 * 1024;

type Result = { file: string; rejected: Rejection[]; verdicts: Verdict[] };

const toJson = ({ file, rejected, verdicts }: Result): string => {
  const signals = verdicts.map(({ failure, disposition, resource, account, region, playbook, reason }) => {
    return { failure, disposition, resource, account, region, playbook, reason };
  });
  return `${JSON.stringify({ file, rejected: rejected.map(({ record, error }) => ({ record, error })), signals })}\n`;
};

/** Text from an event, made safe for a terminal: no escape sequences, no characters that turn a line around. */
const plain = (text: string): string => stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');

const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((part) => part.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
};

/** A block for each event: a table of 80 columns has no room for a file, a resource, a playbook and a reason side by side. */
const toText = ({ file, rejected, verdicts }: Result, columns: number): string => {
  const width = Math.max(40, Math.min(columns, 120));
  const row = (head: string, what: string, why: string): string => {
    const lines = [`  ${head.padEnd(10)} ${what}`.trimEnd(), ...wrap(why, width - 13).map((line) => `             ${line}`)];
    return `${lines.join('\n')}\n`;
  };
  const parts = [`${wrap(plain(file), width).join('\n')}\n`];
  for (const { failure, disposition, resource, account, region, playbook, reason } of verdicts) {
    const what = wrap(
      plain(
        [failure ?? 'no failure', resource === null ? '' : `${resource.type} ${resource.id}`, playbook === null ? '' : `→ ${playbook}`]
          .filter(Boolean)
          .join('  '),
      ),
      width - 13,
    ).join('\n             ');
    const where = [account, region].filter(Boolean).join(' ');
    parts.push(row(disposition, what, plain(where === '' ? reason : `${where}: ${reason}`)));
  }
  for (const { record, error } of rejected) parts.push(row('rejected', `record ${record}`, plain(error)));
  if (verdicts.length + rejected.length === 0) parts.push(row('nothing', '', 'the batch is empty'));
  return parts.join('');
};

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

/** An event's text, read; or why it couldn't be, for stderr. */
type Readout = { file: string; value: unknown } | { file: string; problem: string };

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

async function* readFile(file: string, io: Io): AsyncGenerator<Readout> {
  try {
    if (file === '-') {
      yield* readLines('-', io.stdin);
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

const run = async (args: string[], io: Io): Promise<number> => {
  let parsed: { values: { json?: boolean | undefined; help?: boolean | undefined }; positionals: string[] };
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    io.stderr.write(`selfheal classify: ${(error as Error).message}\n`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    io.stdout.write(help);
    return 0;
  }
  if (positionals.length === 0) {
    io.stderr.write('selfheal classify: no file is named; see selfheal classify --help\n');
    return 2;
  }
  let unreadable = 0;
  let rejections = 0;
  for (const name of positionals) {
    for await (const readout of readFile(name, io)) {
      if ('problem' in readout) {
        unreadable += 1;
        io.stderr.write(`selfheal classify: ${plain(readout.file)}: ${plain(readout.problem)}\n`);
        continue;
      }
      const result = { file: readout.file, ...readEvent(readout.value) };
      rejections += result.rejected.length;
      io.stdout.write(values.json === true ? toJson(result) : toText(result, io.stdout.columns ?? 80));
    }
  }
  if (unreadable > 0) return 2;
  return rejections > 0 ? 1 : 0;
};

export const classifyCommand: Command = {
  name: 'classify',
  summary: 'what events mean, and what would be made of them; no AWS',
  help,
  run,
};
