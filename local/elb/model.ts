import type { AutoScaling, Ec2 } from '../parts.ts';
import { elbPhysics } from '../physics.ts';
import type { World } from '../world/world.ts';

/** `initial` until the first check says something; `draining` until the deregistration delay is over. */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export type Target = {
  instanceId: string;
  port: number;
  state: TargetState;
  /** Checks in a row that contradict the state. */
  contrary: number;
  /** Set by an Auto Scaling group, which also takes it away again. */
  groupName: string | undefined;
};

export type TargetGroup = {
  arn: string;
  name: string;
  protocol: string;
  port: number;
  vpcId: string;
  check: { intervalSeconds: number; timeoutSeconds: number; healthyThreshold: number; unhealthyThreshold: number; path: string };
  loadBalancerArns: string[];
  targets: Map<string, Target>;
  tags: Map<string, string>;
  /** How many were healthy and unhealthy from when on; grows only when that changes. */
  counts: { at: number; healthy: number; unhealthy: number }[];
};

export type LoadBalancer = { arn: string; name: string; dnsName: string; createdAt: number; tags: Map<string, string>; vpcId: string };

export const targetKey = (instanceId: string, port: number) => `${instanceId}:${port}`;

/** Why a target is in its state, in the service's words. */
export const reasonOf = ({ state }: Target): { code: string; description: string } | undefined => {
  switch (state) {
    case 'initial':
      return { code: 'Elb.InitialHealthChecking', description: 'Initial health checks in progress' };
    case 'unhealthy':
      return { code: 'Target.Timeout', description: 'Request timed out' };
    case 'draining':
      return { code: 'Target.DeregistrationInProgress', description: 'Target deregistration is in progress' };
    case 'healthy':
      return undefined;
  }
};

export type Balancers = {
  targetGroups: Map<string, TargetGroup>;
  loadBalancers: Map<string, LoadBalancer>;
  addTargetGroup(group: Omit<TargetGroup, 'loadBalancerArns' | 'targets' | 'counts' | 'tags'>): TargetGroup;
  removeTargetGroup(group: TargetGroup): void;
  /** Sends a load balancer's traffic to a group: only now are its targets checked. */
  attach(group: TargetGroup, loadBalancerArn: string): void;
  register(group: TargetGroup, instanceId: string, port: number, groupName?: string): void;
  deregister(group: TargetGroup, key: string): void;
};

/** Target groups and the health of what is in them. A target is healthy where the software on its instance answers. */
export const createBalancers = (world: World, ec2: Ec2, autoScaling: AutoScaling): Balancers => {
  const targetGroups = new Map<string, TargetGroup>();
  const loadBalancers = new Map<string, LoadBalancer>();
  const cancels = new Map<string, () => void>();

  const count = (group: TargetGroup) => {
    let healthy = 0;
    let unhealthy = 0;
    for (const { state } of group.targets.values()) {
      if (state === 'healthy') healthy++;
      else if (state === 'unhealthy') unhealthy++;
    }
    const last = group.counts.at(-1);
    if (last?.healthy !== healthy || last.unhealthy !== unhealthy) group.counts.push({ at: world.clock.now(), healthy, unhealthy });
  };

  /** One health check of one target. */
  const check = (group: TargetGroup, target: Target) => {
    if (target.state === 'draining') return;
    const passes = ec2.get(target.instanceId)?.reachable === true;
    // A new target needs to pass only once.
    if (target.state === 'initial' && passes) target.state = 'healthy';
    else if (passes === (target.state === 'healthy')) target.contrary = 0;
    else {
      const threshold = passes ? group.check.healthyThreshold : group.check.unhealthyThreshold;
      if (++target.contrary < threshold) return;
      target.state = passes ? 'healthy' : 'unhealthy';
      target.contrary = 0;
    }
  };

  const remove = (group: TargetGroup, key: string) => {
    group.targets.delete(key);
    count(group);
  };

  const register: Balancers['register'] = (group, instanceId, port, groupName) => {
    const key = targetKey(instanceId, port);
    const target = group.targets.get(key);
    if (target && target.state !== 'draining') return;
    group.targets.set(key, { instanceId, port, state: 'initial', contrary: 0, groupName });
  };

  const deregister: Balancers['deregister'] = (group, key) => {
    const target = group.targets.get(key);
    if (!target || target.state === 'draining') return;
    if (group.loadBalancerArns.length === 0) return remove(group, key);
    target.state = 'draining';
    count(group);
    world.clock.after(elbPhysics.deregistrationDelaySeconds * 1000, () => {
      if (group.targets.get(key) === target) remove(group, key);
    });
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

  const look = (group: TargetGroup) => {
    follow(group);
    for (const target of group.targets.values()) {
      const { state } = target;
      check(group, target);
      if (target.state !== state && target.groupName !== undefined) autoScaling.setElbHealth(target.instanceId, target.state === 'healthy');
    }
    count(group);
  };

  world.onHappening((happening) => {
    if (happening.type !== 'instance-state' || happening.to !== 'terminated') return;
    for (const group of targetGroups.values()) {
      for (const [key, { instanceId }] of group.targets) if (instanceId === happening.instanceId) remove(group, key);
    }
  });

  return {
    targetGroups,
    loadBalancers,
    addTargetGroup: (group) => {
      const added: TargetGroup = { ...group, loadBalancerArns: [], targets: new Map(), tags: new Map(), counts: [] };
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
  };
};
