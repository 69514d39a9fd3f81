import { readFileSync } from 'node:fs';
import { UsageError } from '../../shared/model/errors.ts';
import { nearest } from '../../shared/model/nearest.ts';
import { fitHelp } from '../terminal/help.ts';
import { createStyle, plain } from '../terminal/style.ts';
import { type Command, type Commands, type Io, optionsIn } from './command.ts';

export const commands: Commands = {
  demo: {
    summary: 'break things on an embedded AWS, and watch selfheal heal them',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  adopt: { summary: 'show what selfheal would do in your account', load: async () => (await import('./adopt.ts')).adoptCommand },
  classify: { summary: 'classify events; makes no AWS calls', load: async () => (await import('./classify.ts')).classifyCommand },
  simulate: { summary: 'run seeded chaos, and check the promises', load: async () => (await import('./simulate.ts')).simulateCommand },
  faults: {
    summary: 'make every call fail in every way, and judge the results',
    load: async () => (await import('./faults.ts')).faultsCommand,
  },
  backtest: {
    summary: 'show what selfheal would have done with a history',
    load: async () => (await import('./backtest.ts')).backtestCommand,
  },
  replay: {
    summary: 'play events through the whole pipeline, and explain each outcome',
    load: async () => (await import('./replay.ts')).replayCommand,
  },
  messages: {
    summary: 'preview the mails, text messages, chats and pages of an event',
    load: async () => (await import('./messages.ts')).messagesCommand,
  },
  gameday: {
    summary: 'run a scenario as a chaos experiment, with a verdict',
    load: async () => (await import('./gameday.ts')).gamedayCommand,
  },
  playbooks: { summary: 'show the playbook of each failure', load: async () => (await import('./playbooks.ts')).playbooksCommand },
  policy: { summary: 'check, explain and compare policies', load: async () => (await import('./policy.ts')).policyCommand },
  beat: { summary: 'send a heartbeat, or show how to', load: async () => (await import('./beat.ts')).beatCommand },
  doctor: {
    summary: 'look whether a deployment works, and say what repairs it',
    load: async () => (await import('./doctor.ts')).doctorCommand,
  },
  incidents: {
    summary: "list a deployment's incidents, and what they wait for",
    load: async () => (await import('./incidents.ts')).incidentsCommand,
  },
  show: { summary: 'show the story of an incident', load: async () => (await import('./show.ts')).showCommand },
  switch: { summary: 'turn the kill switch of a deployment, or show it', load: async () => (await import('./switch.ts')).switchCommand },
  approve: { summary: 'approve what an incident asks', load: async () => (await import('./approve.ts')).approveCommand },
  reject: { summary: 'reject what an incident asks', load: async () => (await import('./approve.ts')).rejectCommand },
  stop: { summary: 'stop an incident before its next action', load: async () => (await import('./stop.ts')).stopCommand },
  pause: { summary: 'leave a resource alone for a while, or list what is', load: async () => (await import('./pause.ts')).pauseCommand },
  resume: { summary: 'end the pause of a resource', load: async () => (await import('./resume.ts')).resumeCommand },
  digest: { summary: 'count past incidents of a deployment', load: async () => (await import('./digest.ts')).digestCommand },
  acts: { summary: 'list what people did to a deployment', load: async () => (await import('./acts.ts')).actsCommand },
  aws: { summary: 'serve the embedded AWS on a port', load: async () => (await import('./aws.ts')).awsCommand },
  completion: {
    summary: 'print the completion script for bash or zsh',
    load: async () => (await import('./completion.ts')).createCompletion(commands),
  },
};

const usage = (): string => {
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `selfheal: notices failures in an AWS account, heals them, and proves it\n\nUsage: selfheal <command> [options]\n\n${rows.join('\n')}\n\nRun selfheal <command> --help for details, selfheal --version for the version.\n`;
};

/** A help as it fits where it is shown; in a pipe as it was written. */
const fitted = (help: string, out: Io['stdout'], { env }: Io): string => {
  const { width } = createStyle(out, env);
  return Number.isFinite(width) ? fitHelp(help.trimEnd(), width) : help.trimEnd();
};

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

const didYouMean = (meant: string | undefined): string => (meant ? `; did you mean ${meant}?` : '');

/** What is wrong with the options of a command, in one line; null where something else is wrong. */
const optionProblem = (error: unknown, { help }: Command): string | null => {
  const { code, message } = error as Error & { code?: string };
  if (!code?.startsWith('ERR_PARSE_ARGS')) return null;
  const [, unknown] = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? (/Unknown option '(-[^']*)'/.exec(message) ?? []) : [];
  if (unknown === undefined) return message.split('\n')[0] ?? message;
  return `there is no option ${unknown.slice(0, 40)}${didYouMean(nearest(unknown, optionsIn(help)))}`;
};

const asksForHelp = (arg: string | undefined): boolean => arg === '--help' || arg === '-h';

/** Runs one command and returns its exit code: 0; 1 where it ran and the answer is bad; 2 where it could not run. */
export const main = async (args: string[], io: Io): Promise<number> => {
  // `help demo` is `demo --help`.
  const [name, ...rest] = args[0] === 'help' && args[1] !== undefined ? [args[1], '--help'] : args;
  if (name === undefined || asksForHelp(name) || name === 'help') {
    const out = name === undefined ? io.stderr : io.stdout;
    out.write(`${fitted(usage(), out, io)}\n`);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    io.stdout.write(`${version()}\n`);
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    const what = name.startsWith('-') ? 'option' : 'command';
    const meant = nearest(name, [...Object.keys(commands), '--help', '--version']);
    io.stderr.write(`selfheal: there is no ${what} ${JSON.stringify(name.slice(0, 40))}${didYouMean(meant)}\n`);
    return 2;
  }
  return runCommand(await entry.load(), rest, io);
};

/** Runs a command with its arguments; help and errors are handled here for all commands. */
export const runCommand = async (command: Command, rest: string[], io: Io): Promise<number> => {
  const { name } = command;
  // What stands behind `--` is a name, whatever it looks like.
  if (rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length).some(asksForHelp)) {
    io.stdout.write(`${fitted(command.help, io.stdout, io)}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      for (const line of error.message.split('\n')) io.stderr.write(`selfheal ${name}: ${plain(line)}\n`);
      return 2;
    }
    // Not 1: that would be an answer.
    const unexpected = error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
    const stack = io.env.SELFHEAL_TRACE && error instanceof Error ? `\n${error.stack}` : ' (SELFHEAL_TRACE=1 shows where)';
    io.stderr.write(`selfheal ${name}: ${optionProblem(error, command) ?? `${unexpected}${stack}`}\n`);
    return 2;
  }
};
