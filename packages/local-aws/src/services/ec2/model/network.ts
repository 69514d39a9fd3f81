import type { Random } from '../../../core/random.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Zone } from './instance.ts';

/** A default subnet is a /20 of 172.31.0.0/16. https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html */
const subnetSize = 4096;
/** The first four addresses of a subnet and its last one are AWS's own. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const reserved = { first: 4, last: 1 };

export const cidrOf = ({ subnetIndex }: Zone): string => `172.31.${subnetIndex * 16}.0/20`;

const addressAt = ({ subnetIndex }: Zone, host: number): string => {
  const n = subnetIndex * subnetSize + host;
  return `172.31.${n >> 8}.${n & 255}`;
};

/** Addresses of the account's network: private ones out of their subnets, public ones that are lent or elastic. */
export const createNetwork = () => {
  const taken = new Map<Zone, Set<number>>();
  const cursors = new Map<Zone, number>();
  const published = new Set<string>();

  const takenIn = (zone: Zone): Set<number> => {
    const set = taken.get(zone) ?? new Set();
    taken.set(zone, set);
    return set;
  };
  const free = (zone: Zone): number => subnetSize - reserved.first - reserved.last - takenIn(zone).size;

  return {
    free,

    /** Throws as EC2 does where a subnet hasn't so many addresses left. */
    checkFree: (zone: Zone, count: number): void => {
      if (free(zone) < count)
        throw new AwsError(
          'InsufficientFreeAddressesInSubnet',
          `The specified subnet does not have enough free addresses to satisfy the request: ${zone.subnetId}`,
        );
    },

    /** The next address of the subnet that nobody has; call `checkFree` first. */
    takePrivate: (zone: Zone): string => {
      const inUse = takenIn(zone);
      const span = subnetSize - reserved.first - reserved.last;
      let next = cursors.get(zone) ?? 0;
      while (inUse.has(reserved.first + next)) next = (next + 1) % span;
      cursors.set(zone, (next + 1) % span);
      inUse.add(reserved.first + next);
      return addressAt(zone, reserved.first + next);
    },
    givePrivateBack: (zone: Zone, address: string): void => {
      const [, , third = 0, fourth = 0] = address.split('.').map(Number);
      takenIn(zone).delete(third * 256 + fourth - zone.subnetIndex * subnetSize);
    },

    /** Out of 198.18.0.0/15, which belongs to nobody. */
    takePublic: (random: Random): string => {
      for (;;) {
        const address = `198.${18 + random.int(2)}.${random.int(256)}.${random.int(254) + 1}`;
        if (published.has(address)) continue;
        published.add(address);
        return address;
      }
    },
    givePublicBack: (address: string | null): void => {
      if (address !== null) published.delete(address);
    },
  };
};
