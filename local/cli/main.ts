import type { Command, Io } from './command.ts';
import { nearest } from './nearest.ts';

/** Loaded when asked for: a command doesn't pay for what another one needs. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  demo: {
    summary: 'break things on an embedded AWS, and watch them being healed',
    load: async () => (await import('./demo.ts')).demoCommand,
  },
  classify: { summary: 'say what events mean; calls no AWS', load: async () => (await import('./classify.ts')).classifyCommand },
  simulate: { summary: 'seeded chaos, with the promises checked', load: async () => (await import('./simulate.ts')).simulateCommand },
  backtest: {
    summary: 'what would have been done with a history, for one policy or two',
    load: async () => (await import('./backtest.ts')).backtestCommand,
  },
  gameday: {
    summary: 'a scenario as a chaos experiment, with a verdict',
    load: async () => (await import('./gameday.ts')).gamedayCommand,
  },
  aws: { summary: 'serve the embedded AWS on a port', load: async () => (await import('./aws.ts')).awsCommand },
};

const usage = (): string => {
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `selfheal: notices failures in an AWS account, heals them, and proves it\n\nUsage: selfheal <command> [options]\n\n${rows.join('\n')}\n\nselfheal <command> --help tells more.\n`;
};

/** Runs one command and returns its exit code: 0; 1 where it ran and the answer is bad; 2 where it could not run. */
export const main = async (args: string[], io: Io): Promise<number> => {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? io.stderr : io.stdout).write(usage());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!entry) {
    const meant = nearest(name, Object.keys(commands));
    io.stderr.write(`selfheal: there is no command ${JSON.stringify(name.slice(0, 40))}${meant ? `; did you mean ${meant}?` : ''}\n`);
    return 2;
  }
  try {
    const command = await entry.load();
    if (rest.includes('--help') || rest.includes('-h')) {
      io.stdout.write(command.help.endsWith('\n') ? command.help : `${command.help}\n`);
      return 0;
    }
    return await command.run(rest, io);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    io.stderr.write(`selfheal ${name}: ${message.split('\n')[0]}\n`);
    return 2;
  }
};
