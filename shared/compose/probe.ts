import * as z from 'zod';
import { fetchPinned, resolveHost } from '../aws/https.ts';
import { createProbeHandler, type ProbeDeps, probeTimeout } from '../handlers/probe.ts';
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

/** The function that requests URLs for others, and has no rights. */
export const composeProbe = (
  { PROBE_NETWORKS }: Environment<typeof probeVariables>,
  { timer, ...change }: Partial<ProbeDeps> & { timer?: Timer } = {},
) =>
  createProbeHandler({
    resolve: resolveHost,
    fetch: fetchPinned({ timer, timeout: probeTimeout }),
    isAllowed: allowedIn(PROBE_NETWORKS),
    ...change,
  });
