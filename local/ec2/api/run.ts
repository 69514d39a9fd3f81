import type { Reservation, RunInstancesCommandInput, RunInstancesCommandOutput } from '@aws-sdk/client-ec2';
import { AwsError } from '../../protocol/errors.ts';
import { sdk } from '../../protocol/sdk.ts';
import { type Operation, operation } from '../../protocol/service.ts';
import { defaultTypeName } from '../catalogue.ts';
import type { Fleet } from '../fleet.ts';
import type { Instance, Zone } from '../instance.ts';
import type { Launch, Launching } from '../launch.ts';
import type { Power } from '../power.ts';
import { type DiskSpec, rootDisk } from '../volume.ts';
import { dryRun, principal } from './common.ts';
import { disksOf } from './disks.ts';
import { reservations } from './instances.ts';
import { tagsFor } from './tags.ts';
import type { LaunchTemplates } from './templates.ts';
import { createTokens } from './tokens.ts';

const taggable: ReadonlySet<string> = new Set(['instance', 'volume', 'network-interface', 'spot-instances-request', 'elastic-gpu']);
const maxCount = 1000;

type Source = Omit<RunInstancesCommandInput, 'MinCount' | 'MaxCount'>;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const operatorOf = (principal: string | undefined): string | undefined => {
  if (principal !== undefined && !/^[a-z0-9.-]{1,100}\.amazonaws\.com$/.test(principal))
    throw invalid(`Invalid value '${principal.slice(0, 100)}' for Operator.Principal.`);
  return principal;
};

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernating-prerequisites.html: memory is kept on an encrypted root volume. */
const hibernates = (wanted: boolean, disks: readonly DiskSpec[]): boolean => {
  if (wanted && !disks.find(({ device }) => device === rootDisk.device)?.encrypted)
    throw new AwsError('UnsupportedHibernationConfiguration', 'Hibernation needs an encrypted root volume.');
  return wanted;
};

/** RunInstances. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const runOperations = (fleet: Fleet, power: Power, launching: Launching, templates: LaunchTemplates): Record<string, Operation> => {
  const { world } = fleet;
  const tokens = createTokens<Instance[]>(world.clock);

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
    const disks = disksOf(input.BlockDeviceMappings);
    return {
      imageId: ImageId,
      instanceType: InstanceType,
      availabilityZone: zoneFor(input).name,
      tags: tagsFor('instance', input.TagSpecifications, taggable),
      volumeTags: tagsFor('volume', input.TagSpecifications, taggable),
      spot: market === 'spot',
      disks,
      detailedMonitoring: input.Monitoring?.Enabled ?? false,
      disableApiTermination: input.DisableApiTermination ?? false,
      disableApiStop: input.DisableApiStop ?? false,
      publicIp: input.NetworkInterfaces?.[0]?.AssociatePublicIpAddress,
      operator: operatorOf(input.Operator?.Principal),
      hibernates: hibernates(input.HibernationOptions?.Configured ?? false, disks),
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

  return {
    RunInstances: operation<RunInstancesCommandInput, RunInstancesCommandOutput>(
      () => sdk.ec2().RunInstances$,
      (input, context) => {
        const { MinCount = 1, MaxCount = 1 } = input;
        if (!Number.isInteger(MinCount) || MinCount < 1) throw invalid(`Value (${MinCount}) for parameter minCount is invalid.`);
        if (!Number.isInteger(MaxCount) || MaxCount < MinCount || MaxCount > maxCount)
          throw invalid(`Value (${MaxCount}) for parameter maxCount is invalid.`);
        const before = tokens.repeated(input);
        if (before) return answer(before);
        const template = input.LaunchTemplate && templates.resolve(input.LaunchTemplate);
        const own = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
        const launch = launchOf({ ...(template?.data as Source | undefined), ...own }, template?.template.id);
        const count = launching.checkLaunch(launch, MinCount, MaxCount);
        dryRun(input);
        return answer(tokens.keep(input, power.launch(launch, count, principal(fleet, context))));
      },
    ),
  };
};
