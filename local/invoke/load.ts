import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Imports a module of this folder from the sources. `sls invoke local` runs a bundle, but the test bed needs files next to it, and Node
 * runs the sources directly.
 */
export const load = async <T>(name: string): Promise<T> => {
  const root = process.env.SELFHEAL_ROOT ?? process.cwd();
  return import(pathToFileURL(join(root, 'local', 'invoke', name)).href);
};
