import type { LiveClients } from '../../local/adopt/live.ts';
import type { Adoption } from '../../local/adopt/shape.ts';
import { createAdoptCommand, type Reach } from '../../local/cli/adopt.ts';
import { runCommand } from '../../local/cli/main.ts';
import { recordingIo } from '../cli/io.ts';

const nobody = (): LiveClients => {
  throw new Error('files are read without any client');
};

/** Runs the command in a world of its own, and gives back its exit code, what it wrote, and that as JSON. */
export const adopt = async (args: string[], { columns = 100, ...reach }: Partial<Reach> & { columns?: number } = {}) => {
  const { io, written } = recordingIo({ columns });
  const command = createAdoptCommand({ connect: nobody, now: () => Date.UTC(2026, 10, 28), sleep: async () => {}, ...reach });
  const code = await runCommand(command, args, io);
  return { code, ...written, adoption: () => JSON.parse(written.stdout) as Adoption };
};
