import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { LaunchSpec } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { instanceTypes, type TypeInfo } from './catalogue.ts';
import type { Fleet } from './fleet.ts';
import type { Images } from './images.ts';
import { flat, groupTag, type Instance, type Run, type Zone } from './instance.ts';
import type { Releases } from './releases.ts';
import { Timeline } from './timeline.ts';
import { type DiskSpec, rootVolume } from './volume.ts';
import type { Volumes } from './volumes.ts';

/** A launch with all that a call may say of it. */
export type Launch = LaunchSpec & {
  keyName?: string | undefined;
  disks?: readonly DiskSpec[];
  volumeTags?: readonly { key: string; value: string }[];
  autoRecovery?: 'default' | 'disabled' | undefined;
  detailedMonitoring?: boolean;
  disableApiTermination?: boolean;
  disableApiStop?: boolean;
  shutdownBehavior?: 'stop' | 'terminate' | undefined;
  /** Whether it is lent a public address; its subnet says where this doesn't. */
  publicIp?: boolean | undefined;
  operator?: string | undefined;
  hibernates?: boolean | undefined;
  clientToken?: string;
};

/** What is launched, and whether it may be. Instances made here aren't switched on yet, and nobody knows of them. */
export const createLaunching = (fleet: Fleet, { volumes, images, releases }: { volumes: Volumes; images: Images; releases: Releases }) => {
  const { world, random, network } = fleet;
  const { clock } = world;
  const interfaces = world.random.fork('ec2-network');

  const typeOf = (name: string): TypeInfo => {
    const type = instanceTypes.get(name);
    if (!type) throw new AwsError('InvalidParameterValue', `Invalid value '${name.slice(0, 100)}' for InstanceType.`);
    return type;
  };

  const zoneOf = (name: string): Zone => {
    const zone = fleet.zones.get(name);
    if (!zone) throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${name.slice(0, 100)}]`);
    return zone;
  };

  const quotaExceeded = (spot: boolean): AwsError =>
    spot
      ? new AwsError('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded')
      : new AwsError(
          'VcpuLimitExceeded',
          `You have requested more vCPU capacity than your current vCPU limit of ${fleet.limits.vcpus} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
        );

  /** vCPUs that the account's quota still lets start. */
  const vcpusLeft = (): number => fleet.limits.vcpus - fleet.limits.vcpusInUse;

  const publicIp = (): string => network.takePublic(random);

  const create = (launch: Launch, zone: Zone, type: TypeInfo, reservationId: string, launchIndex: number): Instance => {
    const now = clock.now();
    const tags = new Map(launch.tags.map(({ key, value }) => [key, value]));
    if (launch.groupName !== undefined) tags.set(groupTag, launch.groupName);
    if (launch.launchTemplateId !== undefined) tags.set('aws:ec2launchtemplate:id', launch.launchTemplateId);
    if (launch.launchTemplateVersion !== undefined) tags.set('aws:ec2launchtemplate:version', String(launch.launchTemplateVersion));
    const id = launch.id ?? `i-0${random.hex(16)}`;
    const launchedFrom = {
      groupName: launch.groupName ?? null,
      templateId: launch.launchTemplateId ?? null,
      templateVersion: launch.launchTemplateVersion ?? null,
    };
    const image = images.expect(launch.imageId);
    const hasPublicIp = launch.publicIp ?? zone.mapsPublicIp;
    const instance: Instance = {
      seq: fleet.nextSequence(),
      id,
      launchedFrom,
      defect: releases.defectOf(id, launchedFrom),
      reservationId,
      launchIndex,
      clientToken: launch.clientToken ?? '',
      requesterId: launch.groupName === undefined ? null : 'autoscaling',
      imageId: launch.imageId,
      keyName: launch.keyName ?? null,
      type,
      zone,
      spotRequestId: launch.spot ? `sir-${random.hex(8)}` : null,
      privateIp: network.takePrivate(zone),
      networkInterfaceId: `eni-0${interfaces.hex(16)}`,
      operator: launch.operator ?? null,
      hibernates: launch.hibernates ?? false,
      hasPublicIp,
      rootDevice: image.rootDevice,
      volumes: [],
      detailedMonitoring: launch.detailedMonitoring ?? false,
      createdAt: now,
      shutdownBehavior: launch.shutdownBehavior ?? 'stop',
      disableApiTermination: launch.disableApiTermination ?? false,
      disableApiStop: launch.disableApiStop ?? false,
      described: {
        state: 'pending',
        stateReason: null,
        transitionReason: '',
        launchedAt: now,
        publicIp: hasPublicIp ? publicIp() : null,
        elasticIp: null,
        tags,
        autoRecovery: launch.autoRecovery ?? 'default',
      },
      seen: [],
      host: 0,
      boot: 0,
      softwareStarts: 0,
      processes: new Map(),
      hostFailed: false,
      booted: false,
      hung: false,
      everRan: false,
      recoveries: [],
      events: [],
      timers: { state: null, guest: null, recovery: null, leak: null, defect: null },
      run: new Timeline<Run | null>(now, null),
      system: new Timeline(now, true),
      reachable: new Timeline(now, false),
      attached: new Timeline(now, true),
      load: new Timeline<number>(now, ec2Parameters.idle.cpu),
      memory: new Timeline(now, flat(now, ec2Parameters.idle.memory)),
      mounts: [],
    };
    const volumeTags = new Map((launch.volumeTags ?? []).map(({ key, value }) => [key, value]));
    volumes.withInstance(instance, launch.disks ?? image.disks, volumeTags);
    return instance;
  };

  return {
    publicIp,

    /** How many instances, `least` to `most`, would be let through; throws what EC2 would answer for too few. Changes nothing. */
    checkLaunch: (launch: Launch, least: number, most: number): number => {
      const type = typeOf(launch.instanceType);
      const zone = zoneOf(launch.availabilityZone);
      images.expect(launch.imageId);
      if (launch.instanceStore && type.instanceStoreGB === 0)
        throw new AwsError('InvalidParameterCombination', `The instance type ${type.name} has no instance store.`);
      fleet.checkCapacity(zone, type.name, launch.spot);
      network.checkFree(zone, least);
      const room = Math.floor(vcpusLeft() / type.vcpus);
      if (room < least) throw quotaExceeded(launch.spot ?? false);
      return Math.min(room, most, network.free(zone));
    },

    /** Throws what EC2 answers where instances that are stopped can't be started now, all of them. Changes nothing. */
    checkStart: (instances: readonly Instance[]): void => {
      for (const instance of instances) {
        if (!rootVolume(instance))
          // The code is assumed; the message is EC2's.
          throw new AwsError(
            'InvalidParameterValue',
            `Invalid value '${instance.id}' for instanceId. Instance does not have a volume attached at root (${instance.rootDevice})`,
          );
        fleet.checkCapacity(instance.zone, instance.type.name);
      }
      if (instances.reduce((sum, { type }) => sum + type.vcpus, 0) > vcpusLeft()) throw quotaExceeded(false);
    },

    /** `count` instances of one reservation. Call `checkLaunch` first. */
    create: (launch: Launch, count: number): Instance[] => {
      const type = typeOf(launch.instanceType);
      const zone = zoneOf(launch.availabilityZone);
      const reservationId = `r-0${random.hex(16)}`;
      return Array.from({ length: count }, (_, index) => create(launch, zone, type, reservationId, index));
    },
  };
};

export type Launching = ReturnType<typeof createLaunching>;
