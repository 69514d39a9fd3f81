import type {
  _InstanceType,
  AvailabilityZone,
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput,
  DescribeInstanceTypesCommandInput,
  DescribeInstanceTypesCommandOutput,
  DescribeSubnetsCommandInput,
  DescribeSubnetsCommandOutput,
  InstanceTypeInfo,
  ModifySubnetAttributeCommandInput,
  ModifySubnetAttributeCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { instanceTypes, type TypeInfo } from '../model/catalogue.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Zone } from '../model/instance.ts';
import { cidrOf } from '../model/network.ts';
import { checkForm, dryRun } from './common.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, page } from './pages.ts';

const typeRules = { call: 'DescribeInstanceTypes', least: 5, most: 100 };
const subnetRules = { call: 'DescribeSubnets', least: 5, most: 1000 };

const numberOf: ReadonlyMap<string, number> = new Map([...instanceTypes.keys()].map((name, i) => [name, i]));

const wireType = (type: TypeInfo): InstanceTypeInfo => ({
  InstanceType: type.name as _InstanceType,
  CurrentGeneration: true,
  BareMetal: type.bareMetal,
  ...(type.bareMetal ? {} : { Hypervisor: 'nitro' }),
  ProcessorInfo: { SupportedArchitectures: [type.architecture] },
  VCpuInfo: { DefaultVCpus: type.vcpus },
  MemoryInfo: { SizeInMiB: type.memoryMiB },
  InstanceStorageSupported: type.instanceStoreGB > 0,
  ...(type.instanceStoreGB > 0
    ? {
        InstanceStorageInfo: {
          TotalSizeInGB: type.instanceStoreGB,
          Disks: [{ Count: 1, SizeInGB: type.instanceStoreGB, Type: 'ssd' }],
          NvmeSupport: 'required',
        },
      }
    : {}),
  AutoRecoverySupported: type.autoRecovery,
  BurstablePerformanceSupported: type.burstable,
  SupportedRootDeviceTypes: ['ebs'],
  SupportedUsageClasses: ['on-demand', 'spot'],
  SupportedVirtualizationTypes: ['hvm'],
});

const typeTable: FilterTable<TypeInfo> = {
  'auto-recovery-supported': ({ autoRecovery }) => String(autoRecovery),
  'bare-metal': ({ bareMetal }) => String(bareMetal),
  'burstable-performance-supported': ({ burstable }) => String(burstable),
  'current-generation': () => 'true',
  hypervisor: ({ bareMetal }) => (bareMetal ? undefined : 'nitro'),
  'instance-storage-supported': ({ instanceStoreGB }) => String(instanceStoreGB > 0),
  'instance-type': ({ name }) => name,
  'memory-info.size-in-mib': ({ memoryMiB }) => String(memoryMiB),
  'processor-info.supported-architecture': ({ architecture }) => architecture,
  'supported-usage-class': () => ['on-demand', 'spot'],
  'vcpu-info.default-vcpus': ({ vcpus }) => String(vcpus),
};

/** DescribeAvailabilityZones, DescribeSubnets (a default one for each zone) and DescribeInstanceTypes. */
export const zoneOperations = (fleet: Fleet): Record<string, Operation> => {
  const { region, account } = fleet.world;
  const zones = [...fleet.zones.values()];

  const wireZone = (zone: Zone): AvailabilityZone => ({
    ZoneName: zone.name,
    ZoneId: zone.id,
    RegionName: region,
    GroupName: region,
    NetworkBorderGroup: region,
    ZoneType: 'availability-zone',
    OptInStatus: 'opt-in-not-required',
    State: 'available',
    Messages: [],
  });

  const zoneTable: FilterTable<Zone> = {
    'group-name': () => region,
    'opt-in-status': () => 'opt-in-not-required',
    'region-name': () => region,
    state: () => 'available',
    'zone-id': ({ id }) => id,
    'zone-name': ({ name }) => name,
    'zone-type': () => 'availability-zone',
  };

  const subnetTable: FilterTable<Zone> = {
    'available-ip-address-count': (zone) => String(fleet.network.free(zone)),
    'availability-zone': ({ name }) => name,
    'cidr-block': cidrOf,
    'map-public-ip-on-launch': ({ mapsPublicIp }) => String(mapsPublicIp),
    'availability-zone-id': ({ id }) => id,
    'default-for-az': () => 'true',
    state: () => 'available',
    'subnet-id': ({ subnetId }) => subnetId,
    'vpc-id': () => fleet.vpcId,
  };

  /** Rows that a call names, in the call's order, or all of them; throws for a name that isn't one. */
  const named = <Row>(
    rows: readonly Row[],
    names: readonly string[] | undefined,
    of: (row: Row) => string,
    error: (name: string) => AwsError,
  ) =>
    names && names.length > 0
      ? names.map((name) => {
          const row = rows.find((candidate) => of(candidate) === name);
          if (!row) throw error(name);
          return row;
        })
      : rows;

  return {
    DescribeAvailabilityZones: operation<DescribeAvailabilityZonesCommandInput, DescribeAvailabilityZonesCommandOutput>(
      () => sdk.ec2().DescribeAvailabilityZones$,
      (input) => {
        const missing = (name: string) => new AwsError('InvalidParameterValue', `Invalid availability zone: [${name.slice(0, 100)}]`);
        const byName = named(zones, input.ZoneNames, ({ name }) => name, missing);
        const byId = named(zones, input.ZoneIds, ({ id }) => id, missing);
        const matches = compileFilters(zoneTable, input.Filters);
        dryRun(input);
        return { AvailabilityZones: byName.filter((zone) => byId.includes(zone) && matches(zone)).map(wireZone) };
      },
    ),

    DescribeSubnets: operation<DescribeSubnetsCommandInput, DescribeSubnetsCommandOutput>(
      () => sdk.ec2().DescribeSubnets$,
      (input) => {
        const ids = input.SubnetIds ?? [];
        checkPage(subnetRules, input, { name: 'subnetSet', given: ids.length > 0 });
        checkForm(ids, 'subnet', 'InvalidSubnetID');
        const found = named(
          zones,
          ids,
          ({ subnetId }) => subnetId,
          (id) => new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`),
        );
        const matches = compileFilters(subnetTable, input.Filters);
        dryRun(input);
        const { rows, ...next } = page(subnetRules, input, found.filter(matches), (zone) => zones.indexOf(zone));
        return {
          Subnets: rows.map((zone) => ({
            SubnetId: zone.subnetId,
            SubnetArn: fleet.world.arn('ec2', `subnet/${zone.subnetId}`),
            AvailabilityZone: zone.name,
            AvailabilityZoneId: zone.id,
            AvailableIpAddressCount: fleet.network.free(zone),
            CidrBlock: cidrOf(zone),
            DefaultForAz: true,
            MapPublicIpOnLaunch: zone.mapsPublicIp,
            OwnerId: account,
            State: 'available',
            Tags: [],
            VpcId: fleet.vpcId,
          })),
          ...next,
        };
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html: one attribute at a time. */
    ModifySubnetAttribute: operation<ModifySubnetAttributeCommandInput, ModifySubnetAttributeCommandOutput>(
      () => sdk.ec2().ModifySubnetAttribute$,
      (input) => {
        const { SubnetId = '', MapPublicIpOnLaunch, ...others } = input;
        checkForm([SubnetId], 'subnet', 'InvalidSubnetID');
        const zone = fleet.zoneOfSubnet(SubnetId);
        if (!zone) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${SubnetId}' does not exist`);
        if (MapPublicIpOnLaunch?.Value === undefined || Object.values(others).some((value) => value !== undefined))
          throw new AwsError('InvalidParameterCombination', 'The local AWS changes MapPublicIpOnLaunch of a subnet, and nothing else.');
        zone.mapsPublicIp = MapPublicIpOnLaunch.Value;
        return {};
      },
    ),

    DescribeInstanceTypes: operation<DescribeInstanceTypesCommandInput, DescribeInstanceTypesCommandOutput>(
      () => sdk.ec2().DescribeInstanceTypes$,
      (input) => {
        const names = input.InstanceTypes ?? [];
        checkPage(typeRules, input, { name: 'instanceTypes', given: names.length > 0 });
        const unknown = names.filter((name) => !instanceTypes.has(name));
        if (unknown.length > 0)
          throw new AwsError(
            'InvalidInstanceType',
            `The following supplied instance types do not exist: [${unknown.join(', ').slice(0, 500)}]`,
          );
        const matches = compileFilters(typeTable, input.Filters);
        dryRun(input);
        const wanted = new Set<string>(names);
        const candidates = [...instanceTypes.values()].filter((type) => (wanted.size === 0 || wanted.has(type.name)) && matches(type));
        const { rows, ...next } = page(typeRules, input, candidates, ({ name }) => numberOf.get(name) ?? 0);
        return { InstanceTypes: rows.map(wireType), ...next };
      },
    ),
  };
};
