import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { utc } from '../../shared/model/text.ts';
import { readableOf } from '../input/events.ts';
import { filesOf, isScenarioFile } from '../input/files.ts';
import { reasonOf } from '../input/items.ts';
import { collecting, type Message, type Published } from '../messages/collect.ts';
import { approvalFile, approvalRefusal, folderRefusal, pagesOf, writePages } from '../messages/pages.ts';
import { writeWhole } from '../own-file.ts';
import { createPace } from '../replay/pace.ts';
import { replayStream } from '../replay/stream.ts';
import { eventText } from '../replay/tell.ts';
import { interruptedCode, interruptedLine, interruptible } from '../terminal/interrupt.ts';
import { progressOn } from '../terminal/progress.ts';
import { createStyle, plain, type Style } from '../terminal/style.ts';
import type { Host } from '../testbed/host.ts';
import { findScenario, loadScenario, readBeside } from '../worlds/library.ts';
import { playScenario } from '../worlds/play.ts';
import { eventLine } from './classify.ts';
import type { Command, Io } from './command.ts';
import { openInBrowser } from './open.ts';
import { playOptions, policyFrom, wholeNumber } from './options.ts';

const help = `Usage: selfheal messages FILE… [--json] [--policy FILE] [--seed N] [--out DIR [--force]] [--open]
       selfheal messages --approval [FILE…] [--report FILE [--force]] [--open]

Shows the messages that people get for events or a scenario: each mail, text message and chat message, the approval page and the
dashboard's widget. It plays them on an embedded local AWS, as replay does, and shows what selfheal publishes there. It sends nothing.

  FILE           events as JSON, in any envelope, one or many, compressed or not; - is stdin
                 .yml: a scenario, in the world that it describes
                 a folder: all such files in it, except those that end in .expected.json
  --json         one line per message, with its mail, text and chat message, and one per widget; no pages without --out or --open
  --policy FILE  the policy, as YAML or JSON
  --seed N       the seed; another one varies the same incidents (default 1, or the scenario's)
  --out DIR      the folder for the pages; index.html has everything (default: a temporary folder, named at the end)
  --force        write into a folder that has other files
  --open         open the pages in the browser, if there is one
  --approval     only what is asked of a person: the question's mail, and its page; without FILE, for a scenario in which an instance
                 would lose its public address
  --report FILE  with --approval: write the page of the question to a file; of more than one, that of the first

Exit code: 0 it ran; 1 a record was rejected, an alarm that needs an action can't be played here, or a scenario could not begin or continue
as written; 2 something could not be read or run, the rest was; 130 it was interrupted.

Examples:
  selfheal messages my-event.json
  selfheal messages events/scenarios/zone-outage.yml --policy production.json --open
  selfheal messages my-event.json --json | jq -r .email
  selfheal messages --approval --report approval.html
`;

/** What is asked there is what people most often have to decide: whether downtime and another address are worth it. */
const asking = 'public-address';

/** The file of the scenario that is played where none is given. */
const askingFile = (): string => {
  const found = findScenario(asking);
  if ('problem' in found) throw new UsageError(found.problem);
  return found.file;
};

const isQuestion = ({ kind }: Message): boolean => kind === 'approval';

type Settings = {
  policy: Policy | undefined;
  seed: number | undefined;
  io: Io;
  json: boolean;
  /** Only what is asked is shown. */
  approval: boolean;
  style: Style;
  complain: (text: string) => void;
};
type Came = { bad: boolean; unread: boolean; published: Published[] };

/** What was published in the worlds that a source was played in, in their order. */
const collect = (interrupted: () => boolean, onTime: (at: number) => void) => {
  const hosts: Host[] = [];
  const { pace, published } = collecting(createPace({ interrupted, onTime }));
  return { pace, onHost: (host: Host) => void hosts.push(host), all: () => hosts.map(published) };
};
type Collecting = ReturnType<typeof collect>;

const playEvents = async (file: string, { pace, onHost, all }: Collecting, settings: Settings): Promise<Came> => {
  const { policy, seed = 1, io, json, approval, style, complain } = settings;
  let unread = false;
  const events = readableOf(file, { reader: 'replay', stdin: io.stdin }, (problem) => {
    unread = true;
    complain(problem);
  });
  const { rejected, unplayable, open } = await replayStream(events, {
    seed,
    pace,
    onHost,
    ...(policy ? { policy } : {}),
    onEvent: (reading) => {
      if (json) {
        if (reading.incidents.length === 0 || reading.rejected.length > 0) io.stderr.write(eventLine(reading));
        return;
      }
      const text = eventText(reading, style);
      if (text !== null) io.stdout.write(`${text}\n\n`);
    },
    onOutcome: ({ quiet, failure, resource, status, reason }) => {
      if (quiet && !approval) complain(`${file}: quiet, so no message is sent: ${failure} on ${resource.id}, ${status}: ${reason}`);
    },
    onNote: (text) => complain(`${file}: ${text}`),
  });
  if (open.length > 0) complain(`${file}: ${open.length} incidents had not ended when it stopped`);
  return { bad: rejected > 0 || unplayable.length > 0, unread, published: all() };
};

const playWorld = async (
  file: string,
  { pace, onHost, all }: Collecting,
  { policy, seed, approval, complain }: Settings,
): Promise<Came> => {
  const read = loadScenario(file);
  if ('problems' in read) {
    for (const problem of read.problems) complain(problem);
    return { bad: false, unread: true, published: [] };
  }
  const { unsteady, done } = await playScenario(read.scenario, {
    pace,
    onHost,
    readFile: readBeside(file),
    ...(policy ? { policy } : {}),
    ...(seed === undefined ? {} : { seed }),
    onAnswer: (error) => {
      if (error !== null) complain(`${file}: ${error}`);
    },
    onOutcome: ({ quiet, failure, resource, status, reason }) => {
      if (quiet && !approval) complain(`${file}: quiet, so no message is sent: ${failure} on ${resource.id}, ${status}: ${reason}`);
    },
  });
  const failed = [...unsteady, ...done.flatMap(({ step, error }) => (error === null ? [] : [`${step.do}: ${error}`]))];
  for (const problem of failed) complain(`${file}: ${problem}`);
  return { bad: failed.length > 0, unread: false, published: all() };
};

/** A text as it stands, each of its lines within the width. */
const block = (text: string, style: Style): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : style.wrap(line, 4, '  ')))
    .join('\n');

const messageText = (message: Message, style: Style): string => {
  const head = style.bold(style.wrap(`${message.kind}, ${utc(message.at)}, to ${message.topic}`, 2));
  if (message.kind === 'chat') {
    const { title, description, nextSteps } = message.chat.content;
    return [head, block([title, description, ...nextSteps.map((step) => `> ${step}`)].join('\n'), style)].join('\n');
  }
  const { subject, email, sms } = message;
  return [
    head,
    style.wrap(subject, 4, '  Subject: '),
    '',
    block(email, style),
    '',
    style.dim(style.wrap(`Text message (${sms.length} characters):`, 2, '  ')),
    block(sms, style),
  ].join('\n');
};

/** What is asked, and nothing else that was sent. */
const questionsOf = ({ messages }: Published): Published => ({ messages: messages.filter(isQuestion), widget: null });

const messageLine = (file: string, { at, ...message }: Message) => ({ file, at: new Date(at).toISOString(), ...message });

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...playOptions,
      out: { type: 'string' },
      open: { type: 'boolean', default: false },
      approval: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  const { approval, report } = values;
  if (approval && positionals.length === 0) positionals.push(askingFile());
  if (positionals.length === 0) throw new UsageError('no file given; see selfheal messages --help');
  if (report !== undefined && !approval) throw new UsageError('--report is for --approval; --out writes the pages of all messages');
  const taken = report === undefined ? null : await approvalRefusal(report, values.force);
  if (taken !== null) throw new UsageError(`--report: ${taken}`);
  const seed = wholeNumber('seed', values.seed);
  const policy = await policyFrom(values.policy);
  const refusal = values.out === undefined ? null : await folderRefusal(values.out, values.force);
  if (refusal !== null) throw new UsageError(`--out: ${refusal}`);

  const style = createStyle(io.stdout, io.env);
  const progress = progressOn(io.stderr);
  const complain = (text: string): void => {
    progress.clear();
    io.stderr.write(`selfheal messages: ${plain(text)}\n`);
  };
  const say = (text: string): void => {
    progress.clear();
    io.stdout.write(`${text}\n`);
  };
  const settings: Settings = { policy, seed, io, json: values.json, approval, style, complain };
  const came: Came[] = [];
  const interrupted = await interruptible(async (signal) => {
    const isInterrupted = () => signal.aborted;
    for (const name of positionals) {
      let files: string[];
      try {
        files = await filesOf(name, { scenarios: true });
        if (files.length === 0) throw new Error('nothing in it can be played');
      } catch (error) {
        complain(`${name}: ${reasonOf(error)}`);
        came.push({ bad: false, unread: true, published: [] });
        continue;
      }
      for (const file of files) {
        if (isInterrupted()) break;
        const collected = collect(isInterrupted, (at) => progress.show(`${file}, ${utc(at)} simulated`));
        const played = await (isScenarioFile(file) ? playWorld : playEvents)(file, collected, settings);
        const one = approval ? { ...played, published: played.published.map(questionsOf) } : played;
        came.push(one);
        for (const { messages, widget } of one.published) {
          for (const message of messages)
            say(values.json ? JSON.stringify(messageLine(file, message)) : `${messageText(message, style)}\n`);
          if (values.json && widget !== null) say(JSON.stringify({ file, kind: 'widget', html: widget }));
        }
      }
    }
    return isInterrupted();
  });
  const published = came.flatMap((one) => one.published);
  const isNothing = published.every(({ messages }) => messages.length === 0);
  if (!values.json && isNothing) say(approval ? 'Nobody is asked anything.' : 'No message is sent.');
  const page = approval
    ? published.flatMap(({ messages }) => messages).flatMap((one) => ('page' in one ? (one.page ?? []) : []))[0]
    : undefined;
  if (report !== undefined && page !== undefined) {
    await writeWhole({ [report]: approvalFile(page) });
    (values.json ? complain : say)(`${values.json ? '' : 'Page: '}${report}`);
    if (values.open && !(await openInBrowser(report, io.env))) complain(`no browser found: open ${report}`);
  } else if (values.out !== undefined || (approval ? values.open && !isNothing : !values.json || values.open)) {
    const folder = values.out ?? (await mkdtemp(join(tmpdir(), 'selfheal-messages-')));
    const index = join(folder, 'index.html');
    try {
      await writePages(folder, pagesOf(positionals.length === 1 ? `Messages about ${positionals[0]}` : 'Messages', published));
    } catch (error) {
      throw error instanceof UsageError ? error : new UsageError(`the pages can't be written: ${reasonOf(error)}`);
    }
    // On stdout there are messages and nothing else for machines; a path is not broken, so that it can be copied.
    const tell = values.json ? complain : say;
    tell(`${values.json ? '' : 'Pages: '}${index}`);
    if (values.open && !(await openInBrowser(index, io.env))) complain(`no browser found: open ${index}`);
  }
  if (interrupted) {
    if (values.json) io.stdout.write(interruptedLine());
    else complain('interrupted: these are the messages until then');
    return interruptedCode;
  }
  if (came.some(({ unread }) => unread)) return 2;
  return came.some(({ bad }) => bad) ? 1 : 0;
};

export const messagesCommand: Command = { name: 'messages', help, run };
