import { parseArgs, stripVTControlCharacters } from 'node:util';
import { readEvent } from '../../shared/failures/read.ts';
import type { Classification } from '../../shared/model/classification.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { chosenPlaybook } from '../../shared/policy/effective-policy.ts';
import type { Rejection } from '../../shared/signals/decode.ts';
import { eventsOf } from '../input/events.ts';
import { filesOf, isStream } from '../input/files.ts';
import { reasonOf } from '../input/items.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { policyFrom } from './options.ts';

const help = `Usage: selfheal classify FILE… [--json] [--policy FILE]

Shows how selfheal classifies each event and what it would do about it. It makes no AWS calls and changes nothing.

  FILE           events as JSON, in any envelope, one or many (an archive, the output of aws sqs receive-message), with or without gzip;
                 a folder: all event files in it and its subfolders; -: stdin
  --json         one line of JSON per file; for stdin, .ndjson and .jsonl, per event
  --policy FILE  the policy, as YAML or JSON: what it says of your own alarms, and which playbook it gives to a class

Exit code: 0 all events were understood; 1 an event was rejected; 2 a file could not be read, or has no events.

Examples:
  selfheal classify events/ec2/instance-stopped.json
  selfheal classify events/health
  selfheal classify --json archive.ndjson | jq -r '.signals[].failure'
  aws sqs receive-message --queue-url "$URL" | selfheal classify -
`;

/** An event as it was read. */
export type EventRead = { file: string; rejected: Rejection[]; verdicts: Classification[] };

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
  for (const word of text
    .split(' ')
    .flatMap((part) => (Number.isFinite(width) ? part.match(new RegExp(`.{1,${width}}`, 'gu')) : null) ?? [part])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
};

/** A block for each event: a table of 80 columns has no room for a file, a resource, a playbook and a reason side by side. */
const toText = ({ file, rejected, verdicts }: EventRead, width: number): string => {
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

/** What comes of a signal under a policy, which may give its class another playbook or none. */
const underPolicy = (one: Classification, policy: Policy): Classification => {
  const { failure, disposition, reason } = one;
  if (failure === null || disposition !== 'remediate') return one;
  const playbook = chosenPlaybook(policy, { failure, playbook: one.playbook });
  if (playbook !== null) return { ...one, playbook };
  return { ...one, disposition: 'escalate', playbook, reason: `${reason}; no action: the policy leaves ${failure} to a person` };
};

/** How many records an event is: a batch has one for each of its own. */
const recordsIn = (event: unknown): number => {
  const records = Array.isArray(event) ? event : (event as { Records?: unknown } | null)?.Records;
  return Array.isArray(records) ? records.length : 1;
};

/** The number of results of one file per line; memory must not grow with an archive of millions. */
const atOnce = 10_000;

/** Adds up what the events of a file say, with their records numbered through all of the file. */
const createSheet = (file: string, tell: (result: EventRead) => void) => {
  let records = 0;
  let sheet: EventRead | null = null;
  const end = (): void => {
    if (sheet) tell(sheet);
    sheet = null;
  };
  return {
    add: (event: unknown, { verdicts, rejected }: Omit<EventRead, 'file'>): void => {
      sheet ??= { file, rejected: [], verdicts: [] };
      for (const verdict of verdicts) sheet.verdicts.push(verdict);
      for (const one of rejected) sheet.rejected.push({ ...one, record: records + one.record });
      records += recordsIn(event);
      if (sheet.verdicts.length + sheet.rejected.length >= atOnce) end();
    },
    end,
  };
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, policy: { type: 'string' } },
  });
  if (positionals.length === 0) throw new UsageError('no file given; see selfheal classify --help');
  const policy = await policyFrom(values.policy);
  const rules = policy && rulesOf(policy);
  const read = (event: unknown): Omit<EventRead, 'file'> => {
    const { verdicts, rejected } = readEvent(event, rules);
    return { rejected, verdicts: policy ? verdicts.map((one) => underPolicy(one, policy)) : verdicts };
  };
  let unreadable = 0;
  let rejections = 0;
  const complain = (where: string, problem: string): void => {
    unreadable++;
    io.stderr.write(`selfheal classify: ${plain(where)}: ${plain(problem)}\n`);
  };
  const tell = (result: EventRead): void => {
    rejections += result.rejected.length;
    io.stdout.write(values.json ? eventLine(result) : toText(result, createStyle(io.stdout, io.env).width));
  };
  for (const name of positionals) {
    let files: string[] = [];
    try {
      files = await filesOf(name);
      if (files.length === 0) complain(name, 'it contains no event files');
    } catch (error) {
      complain(name, reasonOf(error));
    }
    for (const file of files) {
      const sheet = createSheet(file, tell);
      for await (const readout of eventsOf(file, { reader: 'classify', stdin: io.stdin })) {
        if ('problem' in readout) complain(readout.file, readout.problem);
        else if (isStream(file)) tell({ file: readout.file, ...read(readout.value) });
        else sheet.add(readout.value, read(readout.value));
      }
      sheet.end();
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
