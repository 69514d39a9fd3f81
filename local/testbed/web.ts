import type { ProbeDeps } from '../../shared/handlers/probe.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { checksIn } from '../../shared/model/url-check.ts';

/** A host of the world's own web: its address, and how it answers. */
export type Site = { address: string; answer: () => { status: number; body: string } | null };

/** A public address, for sites of which nothing else says where they are. */
const somewhere = '18.64.0.11';

/** The hosts that a policy's URL checks name, each of which answers well. */
const sitesOf = ({ checks }: Pick<Policy, 'checks'>): [host: string, Site][] => {
  const { urls, hosts, expect } = checksIn(checks);
  const asked = [...hosts.map((host) => ({ host, expect })), ...urls.map(({ url, expect }) => ({ host: new URL(url).hostname, expect }))];
  return asked.map(({ host }) => {
    const answers = asked.filter((one) => one.host === host).map((one) => one.expect);
    const body = answers.map((one) => one.body ?? '').join(' ');
    return [host, { address: somewhere, answer: () => ({ status: answers.at(-1)?.status ?? 200, body }) }];
  });
};

/**
 * The web of a world: names, addresses, and what answers there, which is at first what the policy's URL checks want. Nothing of it leaves
 * the process.
 */
export const createWeb = (policy: Pick<Policy, 'checks'>) => {
  const sites = new Map<string, Site>(sitesOf(policy));
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
