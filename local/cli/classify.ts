import { parseArgs, stripVTControlCharacters } from 'node:util';
import { readEvent } from '../../shared/failures/read.ts';
import type { Verdict } from '../../shared/failures/verdict.ts';
import type { Rejection } from '../../shared/signals/decode.ts';
import type { Command, Io } from './command.ts';
import { readEvents } from './events.ts';

const help = `Usage: selfheal classify FILE… [--json]

Says what each event means and what selfheal would make of it. No AWS, nothing is changed.

  FILE     an event as JSON, in any envelope; .ndjson or .jsonl: one event a line; -: events from stdin, one a line or one in all
  --json   one line of JSON for each event

Exit code: 0 all was understood; 1 something was rejected; 2 a file could not be read, or is not JSON.

Examples:
  selfheal classify events/ec2/instance-stopped.json
  selfheal classify --json archive.ndjson | jq -r '.signals[].failure'
  aws sqs receive-message --queue-url "$URL" | selfheal classify -
`;

/** An event as it was read. */
export type EventRead = { file: string; rejected: Rejection[]; verdicts: Verdict[] };

/** What an event says, for machines: one line. */
export const eventLine = ({ file, rejected, verdicts }: EventRead): string => {
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
const toText = ({ file, rejected, verdicts }: EventRead, columns: number): string => {
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

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
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
    for await (const readout of readEvents(name, io.stdin)) {
      if ('problem' in readout) {
        unreadable += 1;
        io.stderr.write(`selfheal classify: ${plain(readout.file)}: ${plain(readout.problem)}\n`);
        continue;
      }
      const result = { file: readout.file, ...readEvent(readout.value) };
      rejections += result.rejected.length;
      io.stdout.write(values.json === true ? eventLine(result) : toText(result, io.stdout.columns ?? 80));
    }
  }
  if (unreadable > 0) return 2;
  return rejections > 0 ? 1 : 0;
};

export const classifyCommand: Command = {
  name: 'classify',
  help,
  run,
};
