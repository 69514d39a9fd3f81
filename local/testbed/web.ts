import type { ProbeDeps } from '../../shared/handlers/probe.ts';

/** A host of the world's own web: its address, and how it answers. */
export type Site = { address: string; answer: () => { status: number; body: string } | null };

/** The web of a world: names, addresses, and what answers there. Nothing of it leaves the process. */
export const createWeb = () => {
  const sites = new Map<string, Site>();
  const connections: ((address: string) => void)[] = [];
  const parts: Pick<ProbeDeps, 'resolve' | 'fetch'> = {
    resolve: async (host) => {
      const site = sites.get(host);
      if (!site) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      return [site.address];
    },
    fetch: async ({ hostname }, address) => {
      for (const seen of connections) seen(address);
      const site = sites.get(hostname);
      const answer = site?.address === address ? site.answer() : null;
      if (!answer) throw new Error(`connect ECONNREFUSED ${address}:443`);
      return answer;
    },
  };
  return {
    sites,
    parts,
    onConnection: (seen: (address: string) => void) => {
      connections.push(seen);
    },
  };
};

export type Web = ReturnType<typeof createWeb>;
