import type { Io } from '../../local/cli/command.ts';
import { main } from '../../local/cli/main.ts';

/** With `columns` alone stdout is a terminal of that width without colour, and stderr none. */
type Terminal = { isTTY?: boolean; columns?: number; env?: Io['env']; stdin?: readonly string[] };

/** What was written, as lines of JSON. */
export const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Where a command can write to, and what it has written. */
export const recordingIo = ({ env = {}, stdin = [], ...terminal }: Terminal = {}) => {
  const written = { stdout: '', stderr: '' };
  const narrow = terminal.columns !== undefined && terminal.isTTY === undefined;
  const to = (name: keyof typeof written) => ({
    ...terminal,
    ...(narrow && name === 'stdout' ? { isTTY: true } : {}),
    write: (text: string) => {
      written[name] += text;
    },
  });
  const chunks = async function* () {
    for (const chunk of stdin) yield new TextEncoder().encode(chunk);
  };
  const io: Io = { stdout: to('stdout'), stderr: to('stderr'), stdin: chunks(), env: narrow ? { NO_COLOR: '1', ...env } : env };
  return { io, written };
};

/** Runs the command line, and gives back its exit code and what it wrote. */
export const selfheal = async (args: string[], terminal: Terminal = {}) => {
  const { io, written } = recordingIo(terminal);
  const code = await main(args, io);
  return { code, ...written };
};
