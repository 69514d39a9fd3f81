/** What is known of an instance type, as far as healing depends on it. */
export type TypeInfo = {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly bareMetal: boolean;
  /** Total size of its local disks in GB; 0 for none. A stop loses what is on them. */
  readonly instanceStoreGB: number;
  /** Whether simplified automatic recovery supports it: not where it is bare metal or has local disks. */
  readonly autoRecovery: boolean;
  readonly burstable: boolean;
};

type Family = {
  readonly name: string;
  readonly arm?: true;
  readonly memoryPerVcpu: number;
  readonly storagePerVcpu?: number;
  readonly metal?: number;
};

/** https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html, as many as scenarios need. */
const families: readonly Family[] = [
  { name: 'm5', memoryPerVcpu: 4, metal: 96 },
  { name: 'm5d', memoryPerVcpu: 4, storagePerVcpu: 37.5, metal: 96 },
  { name: 'm6i', memoryPerVcpu: 4, metal: 128 },
  { name: 'm6g', arm: true, memoryPerVcpu: 4 },
  { name: 'm7g', arm: true, memoryPerVcpu: 4 },
  { name: 'm7i', memoryPerVcpu: 4 },
  { name: 'c5', memoryPerVcpu: 2, metal: 96 },
  { name: 'c5d', memoryPerVcpu: 2, storagePerVcpu: 25 },
  { name: 'c6i', memoryPerVcpu: 2 },
  { name: 'c6g', arm: true, memoryPerVcpu: 2 },
  { name: 'c7g', arm: true, memoryPerVcpu: 2 },
  { name: 'r5', memoryPerVcpu: 8 },
  { name: 'r5d', memoryPerVcpu: 8, storagePerVcpu: 37.5 },
  { name: 'r6g', arm: true, memoryPerVcpu: 8 },
  { name: 'i3', memoryPerVcpu: 7.625, storagePerVcpu: 237.5, metal: 72 },
  { name: 'i4i', memoryPerVcpu: 8, storagePerVcpu: 234 },
];

const sizes: Readonly<Record<string, number>> = { large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16 };

const burstable: Readonly<Record<string, readonly [vcpus: number, gibibytes: number]>> = {
  nano: [2, 0.5],
  micro: [2, 1],
  small: [2, 2],
  medium: [2, 4],
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
};

const describeType = (family: Family, size: string, vcpus: number): TypeInfo => {
  const bareMetal = size === 'metal';
  const instanceStoreGB = Math.floor((family.storagePerVcpu ?? 0) * vcpus);
  return {
    name: `${family.name}.${size}`,
    vcpus,
    memoryMiB: family.memoryPerVcpu * vcpus * 1024,
    architecture: family.arm ? 'arm64' : 'x86_64',
    bareMetal,
    instanceStoreGB,
    autoRecovery: !bareMetal && instanceStoreGB === 0,
    burstable: false,
  };
};

/** What RunInstances takes where no type is given. */
const firstType: TypeInfo = {
  name: 'm1.small',
  vcpus: 1,
  memoryMiB: 1740,
  architecture: 'x86_64',
  bareMetal: false,
  instanceStoreGB: 160,
  autoRecovery: false,
  burstable: false,
};
export const defaultTypeName = firstType.name;

/** All instance types that the local AWS offers, by name. */
export const instanceTypes: ReadonlyMap<string, TypeInfo> = new Map(
  [
    firstType,
    ...(['t3', 't3a', 't4g'] as const).flatMap((name) =>
      Object.entries(burstable).map(
        ([size, [vcpus, gibibytes]]): TypeInfo => ({
          name: `${name}.${size}`,
          vcpus,
          memoryMiB: gibibytes * 1024,
          architecture: name === 't4g' ? 'arm64' : 'x86_64',
          bareMetal: false,
          instanceStoreGB: 0,
          autoRecovery: true,
          burstable: true,
        }),
      ),
    ),
    ...families.flatMap((family) => [
      ...Object.entries(sizes).map(([size, vcpus]) => describeType(family, size, vcpus)),
      ...(family.metal === undefined ? [] : [describeType(family, 'metal', family.metal)]),
    ]),
  ].map((type) => [type.name, type]),
);
