import { spawn } from 'node:child_process';
import type { Io } from './command.ts';

/** What opens a file in the browser, with its first arguments; null where there is none to open it in. */
export const openerOf = (platform: NodeJS.Platform, env: Io['env']): readonly string[] | null => {
  if (env.BROWSER) return [env.BROWSER];
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : null;
};

/** Opens a file in the browser, and doesn't wait for it; false where that can't be done. */
export const openInBrowser = async (file: string, env: Io['env'], platform = process.platform): Promise<boolean> => {
  const [program, ...args] = openerOf(platform, env) ?? [];
  if (program === undefined) return false;
  const child = spawn(program, [...args, file], { detached: true, stdio: 'ignore' });
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
};
