import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Imports a module of this folder from the sources. `sls invoke local` runs a bundle, and what hosts the pipeline can't be in one: it
 * needs files beside it, and Node runs the sources as they are.
 */
export const load = async <T>(name: string): Promise<T> => {
  const root = process.env.SELFHEAL_ROOT ?? process.cwd();
  return import(pathToFileURL(join(root, 'local', 'invoke', name)).href);
};
