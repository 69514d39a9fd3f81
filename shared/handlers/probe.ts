import { type Fetched, hostOf } from '../aws/https.ts';
import { errorMessage } from '../model/errors.ts';
import { maskSecrets } from '../model/mask-secrets.ts';
import { plainLine } from '../model/text.ts';
import { healthHostOf } from '../model/url-check.ts';
import { type ProbeAnswer, probeRequestSchema } from '../ports/probe.ts';

/** From the first byte sent to the last one read, in milliseconds. */
export const probeTimeout = 10_000;
/** For people, in characters. */
const excerpt = 200;

export type ProbeDeps = {
  /** The addresses of a name, or an address itself. */
  resolve: (host: string) => Promise<readonly string[]>;
  fetch: Fetched;
  isAllowed: (address: string) => boolean;
};

/**
 * Answers whether a URL answers well. It connects to the address that it has resolved and checked, and to no other: a name may resolve to
 * another one the next time.
 */
export const createProbeHandler =
  ({ resolve, fetch, isAllowed }: ProbeDeps) =>
  async (event: unknown): Promise<ProbeAnswer> => {
    const { url: text, status, body } = probeRequestSchema.parse(event);
    const bad = (seen: string): ProbeAnswer => ({ good: false, seen });
    if (healthHostOf(text) === null) return bad('it is not a URL that may be requested');
    const url = new URL(text);
    const host = hostOf(url);
    try {
      const addresses = await resolve(host);
      const [address] = addresses;
      if (address === undefined) return bad(`${host} has no address`);
      const foreign = addresses.find((one) => !isAllowed(one));
      if (foreign !== undefined) return bad(`${host === foreign ? host : `${host} is ${foreign}, which`} may not be requested`);
      const answer = await fetch(url, address);
      if (answer.status !== status)
        return bad(`it answers ${answer.status}, not ${status}: ${plainLine(maskSecrets(answer.body), excerpt)}`);
      if (body !== null && !answer.body.includes(body))
        return bad(`it answers ${status} without the expected text: ${plainLine(maskSecrets(answer.body), excerpt)}`);
      return { good: true, seen: `it answers ${status}` };
    } catch (error) {
      return bad(`it does not answer: ${errorMessage(error).slice(0, excerpt)}`);
    }
  };
