import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { InstanceState, InstanceView } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { DescribeView, Instance, Volume, Zone } from './instance.ts';
import { createNetwork } from './network.ts';
import { View } from './view.ts';
import { answers } from './volume.ts';
import { createZones } from './zones.ts';

/** Seconds, as `model-parameters.ts` gives them. */
type Span = { readonly least: number; readonly most: number };

/** Instances that are stopped, or on their way down, don't count. */
const countsForQuota = (state: InstanceState | null): boolean => state === 'pending' || state === 'running';

/** All instances, volumes and zones of the account and region, and what is common to every change of them. */
export const createFleet = (world: World) => {
  const { clock } = world;
  const random = world.chances('ec2');
  const instances = new Map<string, Instance>();
  const views = new Map<string, View>();
  const volumes = new Map<string, Volume>();
  const vpcId = `vpc-0${random.hex(16)}`;
  const securityGroupId = `sg-0${random.hex(16)}`;
  const zones = createZones(world, random);
  const network = createNetwork();

  const limits = { vcpus: ec2Parameters.vcpuQuota as number, vcpusInUse: 0 };

  let sequence = 0;

  /** Milliseconds drawn from a span of seconds. */
  const draw = ({ least, most }: Span): number => Math.round(random.between(least, most) * 1000);

  /** Lets the wire show the instance as it is now, sooner or later. */
  const publishView = (instance: Instance): void => {
    const now = clock.now();
    const { seen } = instance;
    while (seen.length > 1 && (seen[1] as (typeof seen)[number]).at <= now) seen.shift();
    const { chance, span } = ec2Parameters.describeLag[seen.length === 0 ? 'newInstance' : 'change'];
    const lag = random.chance(chance) ? draw(span) : 0;
    seen.push({ at: now + lag, changedAt: now, described: instance.described });
  };

  const change = (instance: Instance, changes: Partial<DescribeView>): void => {
    instance.described = { ...instance.described, ...changes };
    publishView(instance);
  };

  const announce = (instance: Instance, from: InstanceState | null): void => {
    const { id, described } = instance;
    limits.vcpusInUse += instance.type.vcpus * (Number(countsForQuota(described.state)) - Number(countsForQuota(from)));
    world.emit({ type: 'instance-state', instanceId: id, from, to: described.state, at: clock.now() });
    world.putEvent({
      source: 'aws.ec2',
      detailType: 'EC2 Instance State-change Notification',
      resources: [world.arn('ec2', `instance/${id}`)],
      detail: { 'instance-id': id, state: described.state },
    });
  };

  return {
    world,
    random,
    draw,
    instances,
    volumes,
    zones,
    network,
    vpcId,
    securityGroupId,
    limits,
    /** A number that only grows, for whatever is told page by page. */
    nextSequence: (): number => sequence++,

    add: (instance: Instance): void => {
      instances.set(instance.id, instance);
      views.set(instance.id, new View(instance, clock.now));
      for (const volume of instance.volumes) volumes.set(volume.id, volume);
      publishView(instance);
      announce(instance, null);
    },
    remove: (instance: Instance): void => {
      network.givePrivateBack(instance.zone, instance.privateIp);
      instances.delete(instance.id);
      views.delete(instance.id);
    },
    view: (id: string): InstanceView | undefined => views.get(id),
    views: (): Iterable<InstanceView> => views.values(),

    /** For faults and other services: a target that isn't there is a mistake of the caller, not of a client. */
    expect: (id: string): Instance => {
      const instance = instances.get(id);
      if (!instance) throw new RangeError(`There is no instance ${id}`);
      return instance;
    },

    change,
    /** Moves an instance to its next state and tells the world. Call it last: listeners act on what they see. */
    moveTo: (instance: Instance, state: InstanceState, changes: Partial<DescribeView> = {}): void => {
      const from = instance.described.state;
      change(instance, { ...changes, state });
      announce(instance, from);
    },

    /** What the status checks would find from now on. */
    refresh: (instance: Instance): void => {
      const now = clock.now();
      const system = !instance.hostFailed && instance.zone.dark === 0;
      instance.system.set(now, system);
      const reachable = system && instance.booted && !instance.hung;
      const changes = reachable !== instance.reachable.now;
      instance.reachable.set(now, reachable);
      instance.attached.set(now, instance.volumes.every(answers));
      if (changes) world.emit({ type: 'instance-reachable', instanceId: instance.id, at: now });
    },

    zoneOfSubnet: (subnetId: string): Zone | undefined => [...zones.values()].find((zone) => zone.subnetId === subnetId),

    /**
     * What describe calls show now, the newest that has spread, and the time to which it belongs; undefined for an instance that it
     * doesn't know of yet.
     */
    seenNow: (instance: Instance): { described: DescribeView; at: number } | undefined => {
      const now = clock.now();
      const { seen } = instance;
      for (let i = seen.length - 1; i >= 0; i--) {
        const entry = seen[i] as (typeof seen)[number];
        if (entry.at <= now) return { described: entry.described, at: (seen[i + 1]?.changedAt ?? now + 1) - 1 };
      }
      return undefined;
    },

    /** Throws as EC2 does where a zone can't take another instance of this type. */
    checkCapacity: (zone: Zone, typeName: string, spot = false): void => {
      if (zone.exhausted === 0 && zone.dark === 0) return;
      if (spot) throw new AwsError('InsufficientInstanceCapacity', 'There is no Spot capacity available that matches your request.', 500);
      const others = [...zones.values()].filter((z) => z.exhausted === 0 && z.dark === 0).map((z) => z.name);
      const advice = others.length > 0 ? ` or choosing ${others.join(', ')}` : '';
      throw new AwsError(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${typeName} capacity in the Availability Zone you requested (${zone.name}). Our system will be working on provisioning additional capacity. You can currently get ${typeName} capacity by not specifying an Availability Zone in your request${advice}.`,
        500,
      );
    },
  };
};

export type Fleet = ReturnType<typeof createFleet>;
