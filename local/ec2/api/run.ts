import type { BlockDeviceMapping, Reservation, RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { ec2Physics } from '../../physics.ts';
import { AwsError } from '../../protocol/errors.ts';
import { sdk } from '../../protocol/sdk.ts';
import { type Operation, operation } from '../../protocol/service.ts';
import { defaultTypeName } from '../catalogue.ts';
import type { Fleet } from '../fleet.ts';
import type { Instance, Zone } from '../instance.ts';
import { type DiskSpec, type Launch, type Launching, rootDisk } from '../launch.ts';
import type { Power } from '../power.ts';
import { dryRun } from './common.ts';
import { reservations } from './instances.ts';
import { checkedTags, checkTagCount } from './tags.ts';
import type { LaunchTemplates } from './templates.ts';

const taggable: ReadonlySet<string> = new Set(['instance', 'volume', 'network-interface', 'spot-instances-request', 'elastic-gpu']);
const maxCount = 1000;

type Source = Omit<RunInstancesCommandInput, 'MinCount' | 'MaxCount'>;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** The image's own root volume, as the mappings change it, and the volumes that they add. Instance store volumes need no mapping. */
const disksOf = (mappings: readonly BlockDeviceMapping[] | undefined): DiskSpec[] => {
  const disks = new Map<string, DiskSpec>([[rootDisk.device, rootDisk]]);
  for (const { DeviceName, Ebs, NoDevice, VirtualName } of mappings ?? []) {
    if (DeviceName === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter deviceName');
    if (VirtualName !== undefined) {
      if (!/^ephemeral\d{1,2}$/.test(VirtualName)) throw invalid(`Invalid virtual name '${VirtualName.slice(0, 100)}'.`);
      continue;
    }
    if (NoDevice !== undefined) {
      disks.delete(DeviceName);
      continue;
    }
    const before = disks.get(DeviceName) ?? { ...rootDisk, device: DeviceName };
    const sizeGiB = Ebs?.VolumeSize ?? before.sizeGiB;
    if (!Number.isInteger(sizeGiB) || sizeGiB < 1 || sizeGiB > 65_536) throw invalid(`Volume of size ${sizeGiB}GiB is invalid.`);
    disks.set(DeviceName, {
      device: DeviceName,
      sizeGiB,
      type: Ebs?.VolumeType ?? before.type,
      deleteOnTermination: Ebs?.DeleteOnTermination ?? before.deleteOnTermination,
    });
  }
  return [...disks.values()];
};

const tagsFor = (kind: 'instance' | 'volume', specifications: Source['TagSpecifications']) => {
  const tags = (specifications ?? []).flatMap(({ ResourceType, Tags }) => {
    if (!taggable.has(ResourceType ?? '')) throw invalid(`'${ResourceType}' is not a valid taggable resource type for this operation.`);
    const checked = checkedTags(Tags);
    return ResourceType === kind ? checked : [];
  });
  const keys = new Set(tags.map(({ key }) => key));
  if (keys.size < tags.length) throw invalid('Duplicate tag keys are not allowed.');
  checkTagCount(keys);
  return tags;
};

/** RunInstances. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const runOperations = (fleet: Fleet, power: Power, launching: Launching, templates: LaunchTemplates): Record<string, Operation> => {
  const { world } = fleet;
  const tokens = new Map<string, { request: string; at: number; instances: Instance[] }>();

  const zoneFor = (input: Source): Zone => {
    const subnetId = input.SubnetId ?? input.NetworkInterfaces?.[0]?.SubnetId;
    if (subnetId !== undefined) {
      const zone = fleet.zoneOfSubnet(subnetId);
      if (!zone) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId.slice(0, 100)}' does not exist`);
      return zone;
    }
    const { AvailabilityZone: name, AvailabilityZoneId: id } = input.Placement ?? {};
    const zones = [...fleet.zones.values()];
    if (name === undefined && id === undefined) {
      const open = zones.filter((zone) => zone.dark === 0 && zone.exhausted === 0);
      return fleet.random.pick(open.length > 0 ? open : zones);
    }
    const zone = zones.find((candidate) => (name === undefined ? candidate.id === id : candidate.name === name));
    if (!zone) throw invalid(`Invalid availability zone: [${(name ?? id ?? '').slice(0, 100)}]`);
    return zone;
  };

  const launchOf = (input: Source, launchTemplateId: string | undefined): Launch => {
    const { ImageId, InstanceType = defaultTypeName } = input;
    if (ImageId === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
    const market = input.InstanceMarketOptions?.MarketType;
    if (market !== undefined && market !== 'spot') throw invalid(`Invalid value '${String(market).slice(0, 100)}' for MarketType.`);
    const autoRecovery = input.MaintenanceOptions?.AutoRecovery;
    if (autoRecovery !== undefined && autoRecovery !== 'default' && autoRecovery !== 'disabled')
      throw invalid('Invalid value for AutoRecovery.');
    const behavior = input.InstanceInitiatedShutdownBehavior;
    if (behavior !== undefined && behavior !== 'stop' && behavior !== 'terminate')
      throw invalid('Invalid value for InstanceInitiatedShutdownBehavior.');
    return {
      imageId: ImageId,
      instanceType: InstanceType,
      availabilityZone: zoneFor(input).name,
      tags: tagsFor('instance', input.TagSpecifications),
      volumeTags: tagsFor('volume', input.TagSpecifications),
      spot: market === 'spot',
      disks: disksOf(input.BlockDeviceMappings),
      detailedMonitoring: input.Monitoring?.Enabled ?? false,
      disableApiTermination: input.DisableApiTermination ?? false,
      disableApiStop: input.DisableApiStop ?? false,
      publicIp: input.NetworkInterfaces?.[0]?.AssociatePublicIpAddress ?? true,
      ...(autoRecovery === undefined ? {} : { autoRecovery }),
      ...(behavior === undefined ? {} : { shutdownBehavior: behavior }),
      ...(input.KeyName === undefined ? {} : { keyName: input.KeyName }),
      ...(input.ClientToken === undefined ? {} : { clientToken: input.ClientToken }),
      ...(launchTemplateId === undefined ? {} : { launchTemplateId }),
    };
  };

  const answer = (instances: readonly Instance[]): Reservation => {
    const now = world.clock.now();
    const [reservation] = reservations(
      fleet,
      instances.map((instance) => ({ instance, face: instance.face, at: now })),
    );
    return reservation ?? {};
  };

  /** What was launched with this token before; throws if that was another request. */
  const repeated = (input: RunInstancesCommandInput): Instance[] | undefined => {
    const { ClientToken: token, DryRun: _, ...rest } = input;
    if (token === undefined) return undefined;
    if (!/^[\x20-\x7e]{1,64}$/.test(token)) throw invalid('The client token must be 1 to 64 ASCII characters.');
    const before = tokens.get(token);
    if (!before || before.at + ec2Physics.clientTokenKept * 1000 < world.clock.now()) return undefined;
    if (before.request !== JSON.stringify(rest))
      throw new AwsError(
        'IdempotentParameterMismatch',
        'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
      );
    return before.instances;
  };

  return {
    RunInstances: operation<RunInstancesCommandInput, RunInstancesCommandOutput>(
      () => sdk.ec2().RunInstances$,
      (input) => {
        const { MinCount = 1, MaxCount = 1 } = input;
        if (!Number.isInteger(MinCount) || MinCount < 1) throw invalid(`Value (${MinCount}) for parameter minCount is invalid.`);
        if (!Number.isInteger(MaxCount) || MaxCount < MinCount || MaxCount > maxCount)
          throw invalid(`Value (${MaxCount}) for parameter maxCount is invalid.`);
        const before = repeated(input);
        if (before) return answer(before);
        const template = input.LaunchTemplate && templates.resolve(input.LaunchTemplate);
        const own = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
        const launch = launchOf({ ...(template?.data as Source | undefined), ...own }, template?.template.id);
        const count = launching.checkLaunch(launch, MinCount, MaxCount);
        dryRun(input);
        const instances = power.launch(launch, count);
        const { ClientToken, DryRun: _, ...rest } = input;
        if (ClientToken !== undefined) tokens.set(ClientToken, { request: JSON.stringify(rest), at: world.clock.now(), instances });
        return answer(instances);
      },
    ),
  };
};
