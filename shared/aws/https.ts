import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { RefusedError } from '../model/errors.ts';
import { isPublicAddress } from '../model/ip-address.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Answer, Post } from '../ports/post.ts';

/** In bytes of an answer's body. */
export const maxBody = 64 * 1024;

type Sent = { method?: 'POST'; headers?: Readonly<Record<string, string>>; body?: string };

/** One request to an address, in the name of a URL's host; redirects are answers like any other. */
export type Fetched = (url: URL, address: string, sent?: Sent) => Promise<Answer>;

/** The host of a URL as DNS takes it: IPv6 addresses without brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');

/**
 * A request over TLS to an address, by the name of the URL's host, given up after so many milliseconds. `ca` is a certificate to trust in
 * place of those that Node trusts.
 */
export const fetchPinned =
  ({ timer, ca, timeout }: { timer?: Timer | undefined; ca?: string; timeout: number }): Fetched =>
  (url, address, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const named = isIP(hostOf(url)) === 0;
      const sent = request(
        {
          host: address,
          port: url.port === '' ? 443 : Number(url.port),
          path: `${url.pathname}${url.search}`,
          method,
          headers: {
            host: url.host,
            'user-agent': 'selfheal',
            'accept-encoding': 'identity',
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
            ...headers,
          },
          // An address has no name to send. The certificate is checked by it all the same.
          ...(named ? { servername: url.hostname } : {}),
          agent: false,
          ...(ca === undefined ? {} : { ca }),
          ...(timer ? { signal: timer(timeout) } : {}),
        },
        (answer) => {
          let read = Buffer.alloc(0);
          const done = () => {
            resolve({ status: answer.statusCode ?? 0, body: read.subarray(0, maxBody).toString('utf8') });
            sent.destroy();
          };
          answer.on('data', (chunk: Buffer) => {
            read = Buffer.concat([read, chunk]);
            if (read.length >= maxBody) done();
          });
          answer.on('end', done);
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

/** The addresses of a name, or an address itself. */
export const resolveHost = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** What a message to the outside may take, in milliseconds. */
const postTimeout = 5000;

export type PostDeps = { resolve: typeof resolveHost; fetch: Fetched; isAllowed: (address: string) => boolean };

/**
 * Sends messages to servers outside AWS, at public addresses only: a name that leads to another one is refused, and the connection goes to
 * the address that was checked. Redirects aren't followed.
 */
export const createPost = ({ timer, ...change }: { timer?: Timer | undefined } & Partial<PostDeps> = {}): Post => {
  const { resolve, fetch, isAllowed }: PostDeps = {
    resolve: resolveHost,
    fetch: fetchPinned({ timer, timeout: postTimeout }),
    isAllowed: isPublicAddress,
    ...change,
  };
  return async (url, message) => {
    if (url.protocol !== 'https:') throw new RefusedError('AddressRefused', 'messages are sent by https only');
    const host = hostOf(url);
    const addresses = await resolve(host);
    const [address] = addresses;
    const foreign = addresses.find((one) => !isAllowed(one));
    if (foreign !== undefined) throw new RefusedError('AddressRefused', `${host} is ${foreign}, which is not a public address`);
    if (address === undefined) throw new RefusedError('AddressRefused', `${host} has no address`);
    return fetch(url, address, { method: 'POST', ...message });
  };
};
