import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is not answered; null if it is. */
export type Refusal = { status: 403 | 421; code: string; message: string };

/** What a web page can send to any address without asking first, by a form for instance: https://fetch.spec.whatwg.org/#simple-header */
const simpleTypes = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** The names by which a server on `port` of this machine is known, as they stand in a Host header: its own, and those that are added. */
export const hostNames = (port: number, added: readonly string[] = []): string[] => {
  const withPort = (name: string): string[] => (/:\d+$/.test(name) ? [name] : [`${name}:${port}`, name]);
  // Where a port is the usual one, it is left out.
  const own = ['127.0.0.1', 'localhost', '[::1]'].flatMap((name) => (port === 80 ? withPort(name) : [`${name}:${port}`]));
  return [...own, ...added.flatMap(withPort)].map((name) => name.toLowerCase());
};

/**
 * What is served on a loopback address has no access control, but a browser brings strangers to it: a page whose name has been made to
 * lead here, or one that sends requests without being able to read the answers. Neither is answered.
 */
export const refusalOf = (method: string, path: string, headers: IncomingHttpHeaders, names: readonly string[]): Refusal | null => {
  const host = (headers.host ?? '').toLowerCase();
  if (!names.includes(host)) {
    const message = `the local AWS answers to ${names.join(', ')}, not to ${JSON.stringify(host.slice(0, 100))}; --host NAME adds a name`;
    return { status: 421, code: 'MisdirectedRequest', message };
  }
  const refused = (message: string): Refusal => ({ status: 403, code: 'CrossSiteRequest', message });
  const { origin, 'sec-fetch-site': site, 'content-type': type = 'text/plain', 'user-agent': agent = '' } = headers;
  if (origin !== undefined && !names.some((name) => origin.toLowerCase() === `http://${name}`))
    return refused(`the local AWS does not answer to pages of other sites: ${JSON.stringify(origin.slice(0, 100))}`);
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return refused('the local AWS does not answer to pages of other sites');
  // Browsers that say neither are old, but all of them say this.
  const browser = origin !== undefined || site !== undefined || agent.startsWith('Mozilla/');
  const simple = simpleTypes.includes(type.split(';')[0]?.trim().toLowerCase() ?? '');
  if (browser && simple && method === 'POST' && path.startsWith('/_selfheal'))
    return refused('a browser has to send application/json here');
  return null;
};
