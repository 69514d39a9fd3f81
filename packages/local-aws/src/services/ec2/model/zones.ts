import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { Random } from '../../../core/random.ts';
import type { World } from '../../../core/world.ts';
import type { Zone } from './instance.ts';

const directions: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
};

/** `us-east-1` becomes `use1`, as zone ids begin. */
const regionShort = (region: string): string =>
  region
    .split('-')
    .map((part) => directions[part] ?? part)
    .join('');

/**
 * The region's zones by name: each account has names of its own for them, and only their ids are the same everywhere.
 * https://docs.aws.amazon.com/ram/latest/userguide/working-with-az-ids.html
 * Each has a default subnet.
 */
export const createZones = ({ region, zoneShift = 0 }: World, random: Random): Map<string, Zone> =>
  new Map(
    ec2Parameters.zoneLetters.map((letter, i) => {
      const name = `${region}${letter}`;
      return [
        name,
        {
          name,
          id: `${regionShort(region)}-az${((i + zoneShift) % ec2Parameters.zoneLetters.length) + 1}`,
          subnetId: `subnet-0${random.hex(16)}`,
          subnetIndex: i,
          mapsPublicIp: true,
          dark: 0,
          exhausted: 0,
        },
      ];
    }),
  );
