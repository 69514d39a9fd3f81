import { createPost } from '../../shared/aws/https.ts';
import type { ProbeDeps } from '../../shared/handlers/probe.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { checksIn } from '../../shared/model/url-check.ts';
import type { Answer, Post } from '../../shared/ports/post.ts';
import { createPager } from './pager.ts';

/** A message that was sent to a site. */
type Posted = { url: string } & Parameters<Post>[1];

/** A host of the world's own web: its address, and how it answers a request, or a message. */
export type Site = { address: string; answer: (posted?: Posted) => Answer | null };

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

/** The servers that a policy's webhooks name, each of which accepts everything. */
const receiversOf = ({ channels }: Pick<Policy, 'channels'>): [host: string, Site][] =>
  channels.webhooks.map(({ url }) => [new URL(url).hostname, { address: somewhere, answer: () => ({ status: 204, body: '' }) }]);

/** Hosts of PagerDuty's in its service regions. */
const pagerHosts = ['events.pagerduty.com', 'events.eu.pagerduty.com'];

/**
 * The web of a world: names, addresses, and what answers there, which is at first what the policy's URL checks want. Nothing of it leaves
 * the process.
 */
export const createWeb = (policy: Pick<Policy, 'checks' | 'channels'>) => {
  const sites = new Map<string, Site>([...receiversOf(policy), ...sitesOf(policy)]);
  const pager = createPager();
  if (policy.channels.pagerduty)
    for (const host of pagerHosts)
      sites.set(host, { address: somewhere, answer: (posted) => (posted ? pager.receive(posted.body) : { status: 404, body: '' }) });
  const posted: Posted[] = [];
  const connections: ((address: string) => void)[] = [];
  const parts: Pick<ProbeDeps, 'resolve' | 'fetch'> = {
    resolve: async (host) => {
      const site = sites.get(host);
      if (!site) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      return [site.address];
    },
    fetch: async (url, address, { headers = {}, body } = {}) => {
      const { hostname } = url;
      const message = body === undefined ? undefined : { url: url.href, headers, body };
      if (message) posted.push(message);
      for (const seen of connections) seen(address);
      const site = sites.get(hostname);
      const answer = site?.address === address ? site.answer(message) : null;
      if (!answer) throw new Error(`connect ECONNREFUSED ${address}:443`);
      return answer;
    },
  };
  return {
    sites,
    parts,
    /** Every message that was sent, whether or not it was accepted. */
    posted,
    /** What a pager has of it. */
    pager,
    post: createPost(parts),
    onConnection: (seen: (address: string) => void) => {
      connections.push(seen);
    },
  };
};

export type Web = ReturnType<typeof createWeb>;
