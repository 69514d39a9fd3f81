import type { Random } from '../../../core/random.ts';
import type { AutoScaling, Ec2 } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { attributeOf, deregistrationDelay } from './attributes.ts';
import type { Target, TargetGroup } from './target-group.ts';
import { createTraffic, type Reach, type Traffic } from './traffic.ts';

/** Software on an instance that fails its checks while the instance is well: on one port or all, for one target group or all. */
export type Sickness = { instanceId: string; port?: number; groupArn?: string };

export type LoadBalancer = { arn: string; name: string; dnsName: string; createdAt: number; tags: Map<string, string>; vpcId: string };

/** The VPC of all that is placed. */
export const vpcId = 'vpc-0a1b2c3d4e5f60718';

export const targetKey = (instanceId: string, port: number) => `${instanceId}:${port}`;

/** Why a target is in its state, in the service's words. */
export const reasonOf = ({ state, failure }: Target): { code: string; description: string } | undefined => {
  switch (state) {
    case 'initial':
      return { code: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };
    case 'unhealthy':
      return failure === 'timeout'
        ? { code: 'Target.Timeout', description: 'Request timed out' }
        : { code: 'Target.FailedHealthChecks', description: 'Health checks failed' };
    case 'draining':
      return { code: 'Target.DeregistrationInProgress', description: 'Target deregistration is in progress' };
    case 'healthy':
      return undefined;
  }
};

export type Balancers = {
  targetGroups: Map<string, TargetGroup>;
  loadBalancers: Map<string, LoadBalancer>;
  traffic: Traffic;
  /** The target group with this ARN. Throws `TargetGroupNotFound`. */
  expect(arn: string | undefined): TargetGroup;
  addTargetGroup(group: Omit<TargetGroup, 'loadBalancerArns' | 'targets' | 'counts' | 'tags' | 'attributes'>): TargetGroup;
  removeTargetGroup(group: TargetGroup): void;
  /** Sends a load balancer's traffic to a group: only now are its targets checked. */
  attach(group: TargetGroup, loadBalancerArn: string): void;
  register(group: TargetGroup, instanceId: string, port: number, groupName?: string): void;
  deregister(group: TargetGroup, key: string): void;
  /** What is behind the id or the address of a target. */
  reach: Reach;
  addAddresses(find: Reach): void;
  /** The share of requests that software which is in health answers with an error. */
  answerErrors(ratioOf: (instanceId: string, port: number) => number): void;
  /** Makes software sick until it is mended or started again, with its instance or by a command. */
  sicken(sickness: Sickness): () => void;
};

/**
 * Target groups and the health of what is in them. A target is an instance and a port; it is healthy where the instance answers and
 * what listens on the port isn't sick.
 */
export const createBalancers = (world: World, ec2: Ec2, autoScaling: AutoScaling): Balancers => {
  const targetGroups = new Map<string, TargetGroup>();
  const loadBalancers = new Map<string, LoadBalancer>();
  const cancels = new Map<string, () => void>();
  const finders: Reach[] = [(id) => ec2.get(id)];
  const reach: Reach = (id) => finders.map((find) => find(id)).find((found) => found !== undefined);
  const sicknesses = new Set<Sickness & { starts: number }>();

  /** Sees to all that follows from the states of a group's targets. */
  const settle = (group: TargetGroup) => {
    traffic.reroute(group);
    let healthy = 0;
    let unhealthy = 0;
    for (const { state } of group.targets.values()) {
      if (state === 'healthy') healthy++;
      else if (state === 'unhealthy') unhealthy++;
    }
    const last = group.counts.at(-1);
    if (last?.healthy !== healthy || last.unhealthy !== unhealthy) group.counts.push({ at: world.clock.now(), healthy, unhealthy });
  };

  const isSick = (group: TargetGroup, { instanceId, port }: Target): boolean =>
    [...sicknesses].some(
      (sick) =>
        sick.instanceId === instanceId &&
        sick.starts === (ec2.get(instanceId)?.softwareStarts ?? 0) &&
        (sick.port ?? port) === port &&
        (sick.groupArn ?? group.arn) === group.arn,
    );
  let ratioOf = (_instanceId: string, _port: number): number => 0;
  const errorsOf = (group: TargetGroup, target: Target) => (isSick(group, target) ? 1 : ratioOf(target.instanceId, target.port));
  const traffic = createTraffic(world, reach, errorsOf);

  /** Whether its instance is there and doesn't run. */
  const isUnused = ({ instanceId }: Target): boolean => (ec2.get(instanceId)?.state ?? 'running') !== 'running';

  /** One health check of one target. */
  const check = (group: TargetGroup, target: Target) => {
    if (target.state === 'draining' || isUnused(target)) return;
    const reachable = reach(target.instanceId)?.reachable === true;
    const passes = reachable && !isSick(group, target);
    if (!passes) target.failure = reachable ? 'refused' : 'timeout';
    // A new target needs to pass only once.
    if (target.state === 'initial' && passes) target.state = 'healthy';
    else if (passes ? target.state === 'healthy' : target.state === 'unhealthy') target.contrary = 0;
    else {
      const threshold = passes ? group.check.healthyThreshold : group.check.unhealthyThreshold;
      if (++target.contrary < threshold) return;
      target.state = passes ? 'healthy' : 'unhealthy';
      target.contrary = 0;
    }
  };

  const remove = (group: TargetGroup, key: string) => {
    group.targets.delete(key);
    settle(group);
  };

  const register: Balancers['register'] = (group, instanceId, port, groupName) => {
    const key = targetKey(instanceId, port);
    const target = group.targets.get(key);
    if (target && target.state !== 'draining') return;
    group.targets.set(key, { instanceId, port, state: 'initial', contrary: 0, failure: 'timeout', groupName });
    traffic.reroute(group);
  };

  const deregister: Balancers['deregister'] = (group, key) => {
    const target = group.targets.get(key);
    if (!target || target.state === 'draining') return;
    if (group.loadBalancerArns.length === 0) return remove(group, key);
    target.state = 'draining';
    settle(group);
    world.clock.after(Number(attributeOf(group, deregistrationDelay)) * 1000, () => {
      if (group.targets.get(key) === target) remove(group, key);
    });
  };

  const drains = ({ targets }: TargetGroup, id: string): boolean =>
    [...targets.values()].some(({ instanceId, state }) => instanceId === id && state === 'draining');

  /**
   * A target whose instance doesn't run is unused, neither healthy nor unhealthy, and begins anew with its initial checks (assumed) once it runs:
   * Target.InvalidState of https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
   */
  const leaveUnused = (group: TargetGroup, target: Target) => {
    if (target.state === 'draining') return;
    target.state = 'initial';
    target.contrary = 0;
    settle(group);
  };

  /** Members of the Auto Scaling groups that name this target group come and go with their being in service. */
  const follow = (group: TargetGroup) => {
    const members = new Map<string, string>();
    for (const { name, targetsIn } of autoScaling.list()) for (const id of targetsIn(group.arn)) members.set(id, name);
    for (const [instanceId, name] of members) register(group, instanceId, group.port, name);
    for (const [key, target] of group.targets) {
      if (target.groupName !== undefined && !members.has(target.instanceId)) deregister(group, key);
    }
  };

  /**
   * "If any one of them reports an instance as unhealthy, the Auto Scaling group replaces the instance":
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-add-elb-healthcheck.html
   */
  const allWell = (instanceId: string): boolean =>
    [...targetGroups.values()].every(({ targets }) =>
      [...targets.values()].every(
        (target) => target.instanceId !== instanceId || target.groupName === undefined || target.state !== 'unhealthy',
      ),
    );

  const look = (group: TargetGroup) => {
    follow(group);
    for (const target of group.targets.values()) {
      const { state } = target;
      check(group, target);
      if (target.state !== state && target.groupName !== undefined)
        autoScaling.setElbHealth(target.instanceId, target.state === 'healthy' && allWell(target.instanceId));
    }
    settle(group);
  };

  world.subscribe((worldEvent) => {
    if (worldEvent.type === 'group-targets') {
      for (const group of worldEvent.targetGroupArns.map((arn) => targetGroups.get(arn))) if (group) follow(group);
    }
    if (worldEvent.type !== 'instance-state' || worldEvent.to === 'running') return;
    for (const group of targetGroups.values()) {
      for (const [key, target] of group.targets) {
        if (target.instanceId !== worldEvent.instanceId) continue;
        if (worldEvent.to === 'terminated') remove(group, key);
        else leaveUnused(group, target);
      }
    }
  });
  autoScaling.drainsBy((id) =>
    Math.max(
      0,
      ...[...targetGroups.values()].flatMap((group) => (drains(group, id) ? Number(attributeOf(group, deregistrationDelay)) : [])),
    ),
  );

  return {
    targetGroups,
    loadBalancers,
    traffic,
    expect: (arn) => {
      const group = targetGroups.get(arn ?? '');
      if (!group) throw new AwsError('TargetGroupNotFound', `Target groups '${arn}' not found`);
      return group;
    },
    addTargetGroup: (group) => {
      const added: TargetGroup = { ...group, loadBalancerArns: [], targets: new Map(), tags: new Map(), attributes: new Map(), counts: [] };
      targetGroups.set(added.arn, added);
      return added;
    },
    removeTargetGroup: (group) => {
      cancels.get(group.arn)?.();
      cancels.delete(group.arn);
      targetGroups.delete(group.arn);
    },
    attach: (group, loadBalancerArn) => {
      if (!group.loadBalancerArns.includes(loadBalancerArn)) group.loadBalancerArns.push(loadBalancerArn);
      if (!cancels.has(group.arn))
        cancels.set(
          group.arn,
          world.clock.every(group.check.intervalSeconds * 1000, () => look(group)),
        );
    },
    register,
    deregister,
    reach,
    addAddresses: (find) => {
      finders.push(find);
    },
    answerErrors: (how) => {
      ratioOf = how;
    },
    sicken: (sickness) => {
      const sick = { ...sickness, starts: ec2.get(sickness.instanceId)?.softwareStarts ?? 0 };
      sicknesses.add(sick);
      traffic.updateAll();
      return () => {
        sicknesses.delete(sick);
        traffic.updateAll();
      };
    },
  };
};

/** A load balancer that somebody makes. */
export const addLoadBalancer = (
  world: World,
  { loadBalancers }: Balancers,
  ids: Random,
  name: string,
  tags: Map<string, string>,
): LoadBalancer => {
  const id = ids.hex(16);
  const balancer: LoadBalancer = {
    arn: world.arn('elasticloadbalancing', `loadbalancer/app/${name}/${id}`),
    name,
    dnsName: `${name}-${ids.int(1_000_000_000)}.${world.region}.elb.amazonaws.com`,
    createdAt: world.clock.now(),
    tags,
    vpcId,
  };
  loadBalancers.set(balancer.arn, balancer);
  return balancer;
};
