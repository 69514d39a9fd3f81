import { lookup } from 'node:dns/promises';
import { request } from 'node:https';
import { isIP } from 'node:net';
import * as z from 'zod';
import { createProbeHandler, type Fetched, mostBody, type ProbeDeps, probeTimeout } from '../handlers/probe.ts';
import { isPublicAddress, isWithin, networksOf } from '../model/ip-address.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Environment } from './environment.ts';

/** Environment variables of the function. */
export const probeVariables = {
  /** The networks of its VPC, separated by commas, which it requests instead of public addresses; empty outside a VPC. */
  PROBE_NETWORKS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((cidr) => cidr !== ''))
    .refine((cidrs) => networksOf(cidrs) !== null, { error: 'must be networks such as 10.0.0.0/16' }),
};

/** The addresses that may be requested. */
export const allowedIn = (networks: readonly string[]): ProbeDeps['isAllowed'] => {
  const own = networks.length > 0 ? networksOf(networks) : null;
  return own ? (address) => isWithin(address, own) : isPublicAddress;
};

/** A request over TLS to an address, by the name of the URL's host. `ca` is a certificate to trust in place of those that Node trusts. */
export const fetchPinned =
  ({ timer, ca }: { timer?: Timer | undefined; ca?: string } = {}): Fetched =>
  (url, address) =>
    new Promise((resolve, reject) => {
      const named = isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) === 0;
      const sent = request(
        {
          host: address,
          port: url.port === '' ? 443 : Number(url.port),
          path: `${url.pathname}${url.search}`,
          method: 'GET',
          headers: { host: url.host, 'user-agent': 'selfheal', 'accept-encoding': 'identity' },
          // An address has no name to send. The certificate is checked by it all the same.
          ...(named ? { servername: url.hostname } : {}),
          agent: false,
          ...(ca === undefined ? {} : { ca }),
          ...(timer ? { signal: timer(probeTimeout) } : {}),
        },
        (answer) => {
          let read = Buffer.alloc(0);
          const done = () => {
            resolve({ status: answer.statusCode ?? 0, body: read.subarray(0, mostBody).toString('utf8') });
            sent.destroy();
          };
          answer.on('data', (chunk: Buffer) => {
            read = Buffer.concat([read, chunk]);
            if (read.length >= mostBody) done();
          });
          answer.on('end', done);
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end();
    });

const resolve: ProbeDeps['resolve'] = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** The function that requests URLs for others, and has no rights. */
export const composeProbe = (
  { PROBE_NETWORKS }: Environment<typeof probeVariables>,
  { timer, ...change }: Partial<ProbeDeps> & { timer?: Timer } = {},
) => createProbeHandler({ resolve, fetch: fetchPinned({ timer }), isAllowed: allowedIn(PROBE_NETWORKS), ...change });
