/** Where a command reads from and writes to. */
export type Io = {
  stdout: { write(text: string): void; isTTY?: boolean; columns?: number };
  stderr: { write(text: string): void; isTTY?: boolean; columns?: number };
  stdin: AsyncIterable<Uint8Array | string>;
  env: Record<string, string | undefined>;
};

export type Command = {
  name: string;
  /** Usage, every option in a line of its own, exit codes, examples. Completion and "did you mean" take the options from it. */
  help: string;
  /** Possible arguments, for completion; files if left out. */
  names?: () => readonly string[];
  /** Whether files can stand beside these names. */
  takesFiles?: boolean;
  /** Possible values of an option, for completion; files for those that name one, and nothing for all others. */
  values?: () => Readonly<Record<string, readonly string[]>>;
  /** Returns the exit code: 0; 1 where it ran and the answer is bad; 2 where it could not run. May throw `UsageError` for the latter. */
  run(args: string[], io: Io): Promise<number>;
};

/** All commands by name. Each is loaded on demand, without the dependencies of others. */
export type Commands = Readonly<Record<string, { summary: string; load: () => Promise<Command> }>>;

/** The options whose value is a file or folder: the help writes it so. */
export const fileOptionsIn = (help: string): string[] =>
  optionsIn(help).filter((option) => new RegExp(`${option}(?: (?:FILE|FOLDER|DIR)\\b)`).test(help));

/** The options that a command's help tells of, in its order: each begins a line, or stands behind one that does. */
export const optionsIn = (help: string): string[] => {
  const lines = help.split('\n').filter((line) => /^\s+(?:-\w, )?--[a-z]/.test(line));
  const heads = lines.map((line) => /^\s+\S+(?: \S+)*/.exec(line)?.[0] ?? '');
  return [...new Set([...heads.flatMap((head) => head.match(/--[a-z][a-z-]*/g) ?? []), '--help'])];
};
