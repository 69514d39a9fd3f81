import { UsageError } from '../../shared/model/errors.ts';
import type { IncidentRecord } from '../../shared/ports/ledger.ts';
import type { Deployment } from './deployment.ts';

/** How many candidates are named. */
const named = 5;

/** An incident with its key. */
export type Found = IncidentRecord & { key: string };

/** The shortest form of a key that is still readable: its class and eight digits, or more where another key begins alike. */
export const shortKey = (key: string, all: readonly string[]): string => {
  const least = Math.min(key.length, key.lastIndexOf('-', key.endsWith('-2') ? key.length - 3 : key.length) + 9);
  for (let length = least; length < key.length; length++) {
    const prefix = key.slice(0, length);
    if (!prefix.endsWith('-') && all.every((other) => other === key || !other.startsWith(prefix))) return prefix;
  }
  return key;
};

/**
 * The incident of a key, or of the beginning of one.
 * @throws {UsageError} if there is none, or more than one
 */
export const findIncident = async ({ ledger, archive, now }: Deployment, asked: string): Promise<Found> => {
  const exact = /^[a-z0-9-]{1,64}$/.test(asked) ? await ledger.read(asked) : null;
  if (exact) return { ...exact, key: asked };
  const keys = (await archive.keys(await now())).filter((key) => key.startsWith(asked));
  const [key, ...others] = keys;
  const said = JSON.stringify(asked.slice(0, 70));
  if (key === undefined) throw new UsageError(`no incident that is kept begins with ${said}; selfheal incidents lists them`);
  if (others.length > 0) {
    const more = keys.length > named ? ` and ${keys.length - named} more` : '';
    throw new UsageError(`${keys.length} incidents begin with ${said}: ${keys.slice(0, named).join(', ')}${more}`);
  }
  const found = await ledger.read(key);
  if (!found) throw new UsageError(`incident ${key} is no longer kept`);
  return { ...found, key };
};
