import { Resolver } from 'node:dns/promises';
import type { NameServers } from '../ports/name-servers.ts';

/** DNS's answers that there is nothing, as opposed to no answer. https://nodejs.org/api/dns.html#error-codes */
const nothing: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

/** Asks the resolver of the function. */
export const createNameServers = (): NameServers => {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  return async (name) => {
    try {
      return await resolver.resolveNs(name);
    } catch (error) {
      if (nothing.has((error as NodeJS.ErrnoException).code)) return [];
      throw error;
    }
  };
};
