/** Where a command reads from and writes to. */
export type Io = {
  stdout: { write(text: string): void; isTTY?: boolean; columns?: number };
  stderr: { write(text: string): void; isTTY?: boolean; columns?: number };
  stdin: AsyncIterable<Uint8Array | string>;
  env: Record<string, string | undefined>;
};

export type Command = {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  help: string;
  /** Returns the exit code: 0; 1 where it ran and the answer is bad; 2 where it could not run. */
  run(args: string[], io: Io): Promise<number>;
};
