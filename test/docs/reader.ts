import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Makes a folder in which a reader could stand: that of the project, with room for files of his own. */
export const readersFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-reader-'));
  for (const name of readdirSync(root)) if (!name.startsWith('.')) symlinkSync(join(root, name), join(folder, name));
  return folder;
};

/** A command of a page that serves an embedded AWS, on a free port. */
export const serveOnFreePort = async (
  command: string,
  { folder, env }: { folder: string; env?: NodeJS.ProcessEnv },
): Promise<{ server: ChildProcess; url: string }> => {
  const program = command.startsWith('npx local-aws') ? ['packages/local-aws/bin/local-aws.js'] : ['local/cli/selfheal.js', 'aws'];
  const args = command
    .replace(/^npx (selfheal aws|local-aws)/, '')
    .replace(/--port \d+/, '--port 0')
    .trim()
    .split(/\s+/);
  const server = spawn(process.execPath, [join(root, program[0] ?? ''), ...program.slice(1), ...args], { cwd: folder, env });
  let said = '';
  for await (const chunk of server.stdout) {
    said += String(chunk);
    const [url] = /http:\S+/.exec(said) ?? [];
    if (url !== undefined) return { server, url };
  }
  throw new Error(`it does not listen: ${said}`);
};

/** Ends a server that hasn't ended. */
export const endServer = async (server: ChildProcess | undefined): Promise<void> => {
  if (server === undefined || server.exitCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
};
