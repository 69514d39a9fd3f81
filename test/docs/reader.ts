import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { main as localAws } from '#local-aws/cli';
import type { Io } from '../../local/cli/command.ts';
import { main } from '../../local/cli/main.ts';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Makes a folder in which a reader could stand: that of the project, with room for files of his own. */
export const readersFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-reader-'));
  for (const name of readdirSync(root)) if (!name.startsWith('.')) symlinkSync(join(root, name), join(folder, name));
  return folder;
};

/** What a command of a page serves, until it is ended. */
export type Served = { url: string; end(): Promise<void> };

/**
 * A command of a page that serves an embedded AWS, on a free port. It runs in this process, where what it loads is loaded already; so a
 * command that asks it must not be waited for synchronously.
 */
export const serveOnFreePort = async (
  command: string,
  { folder, env = process.env }: { folder: string; env?: NodeJS.ProcessEnv },
): Promise<Served> => {
  const [, program, ...args] = command
    .replace(/--port \d+/, '--port 0')
    .trim()
    .split(/\s+/);
  const listening = Promise.withResolvers<string>();
  let said = '';
  const write = (text: string) => {
    said += text;
    const [url] = /http:\S+/.exec(said) ?? [];
    if (url !== undefined) listening.resolve(url);
  };
  const io: Io = { stdout: { write }, stderr: { write }, stdin: Readable.from([]), env };
  const [before, others] = [process.cwd(), process.listeners('SIGTERM')];
  process.chdir(folder);
  try {
    const ended = program === 'local-aws' ? localAws(args, io) : main(args, io);
    const failed = ended.then((code) => Promise.reject(new Error(`it does not listen, and ends with ${code}: ${said}`)));
    const url = await Promise.race([listening.promise, failed]);
    const stops = process.listeners('SIGTERM').filter((listener) => !others.includes(listener));
    const end = async () => {
      for (const stop of stops) stop('SIGTERM');
      expect(await ended).toBe(0);
    };
    return { url, end };
  } finally {
    process.chdir(before);
  }
};
