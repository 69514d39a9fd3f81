import { elbParameters } from '../../core/model-parameters.ts';
import type { AutoScaling, Ec2, LoadBalancing } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { addLoadBalancer, createBalancers, targetKey, vpcId } from './model/balancers.ts';
import { elbMetrics, listElbMetrics } from './model/metrics.ts';
import type { TargetGroup } from './model/target-group.ts';
import { balancerErrorsOf, totalOf } from './model/traffic.ts';
import { attributeOperations } from './operations/attributes.ts';
import { loadBalancerOperations } from './operations/load-balancers.ts';
import { targetGroupOperations } from './operations/target-groups.ts';
import { targetOperations } from './operations/targets.ts';

/** Application load balancers, their target groups and the health of the targets. */
export const createLoadBalancing = (world: World, ec2: Ec2, autoScaling: AutoScaling): LoadBalancing => {
  const balancers = createBalancers(world, ec2, autoScaling);
  const { loadBalancers, targetGroups, traffic } = balancers;
  const ids = world.random.fork('elb');

  const named = (targetGroup: string): TargetGroup => {
    const group = [...targetGroups.values()].find(({ arn, name }) => arn === targetGroup || name === targetGroup);
    if (!group) throw new RangeError(`There is no target group ${targetGroup}`);
    return group;
  };

  const requestsOf = (group: TargetGroup) => {
    const sums = traffic.sumsAt(group, world.clock.now());
    return { total: Math.round(totalOf(sums)), failed: Math.round(balancerErrorsOf(sums) + sums.targetErrors) };
  };

  return {
    metrics: elbMetrics(targetGroups, traffic),
    listMetrics: () => listElbMetrics(targetGroups, traffic, world.clock.now()),
    place: (arn, instanceIds) => {
      if (targetGroups.has(arn)) return;
      const { intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold } = elbParameters.healthCheck;
      const name = arn.split('/')[1] ?? 'placed';
      const check = { intervalSeconds, timeoutSeconds, healthyThreshold, unhealthyThreshold, path: '/' };
      const group = balancers.addTargetGroup({ arn, name, targetType: 'instance', protocol: 'HTTP', port: 80, vpcId, check });
      balancers.attach(group, addLoadBalancer(world, balancers, ids, `placed-${loadBalancers.size + 1}`, new Map()).arn);
      for (const id of instanceIds) balancers.register(group, id, group.port);
    },
    placeBalancer: (arn, createdAt) => {
      const [, , name = 'placed'] = arn.split('/');
      if (loadBalancers.has(arn)) return;
      const dnsName = `${name}.${world.region}.elb.amazonaws.com`;
      loadBalancers.set(arn, { arn, name, dnsName, createdAt, tags: new Map(), vpcId });
    },
    sickenTarget: ({ instanceId, port, targetGroup }) => {
      if (!balancers.reach(instanceId)) throw new RangeError(`There is no instance ${instanceId}`);
      const group = targetGroup === undefined ? undefined : named(targetGroup);
      return balancers.sicken({ instanceId, ...(port === undefined ? {} : { port }), ...(group && { groupArn: group.arn }) });
    },
    sendRequests: (targetGroup, perSecond, each) => {
      const group = named(targetGroup);
      if (group.loadBalancerArns.length === 0) throw new RangeError(`No load balancer sends requests to target group ${targetGroup}`);
      return traffic.send(group, perSecond, each);
    },
    register: (arn, instanceId, port) => {
      const group = targetGroups.get(arn);
      if (group) balancers.register(group, instanceId, port);
    },
    deregister: (arn, instanceId, port) => {
      const group = targetGroups.get(arn);
      if (group) balancers.deregister(group, targetKey(instanceId, port));
    },
    stateOf: (arn, instanceId, port) => {
      const group = targetGroups.get(arn);
      return group && group.loadBalancerArns.length > 0 ? group.targets.get(targetKey(instanceId, port))?.state : undefined;
    },
    answerErrors: balancers.answerErrors,
    updateErrors: traffic.updateAll,
    addAddresses: balancers.addAddresses,
    requests: (targetGroup) => requestsOf(named(targetGroup)),
    list: () =>
      [...targetGroups.values()].map((group) => ({
        arn: group.arn,
        name: group.name,
        targets: [...group.targets.values()].map(({ instanceId, port, state }) => ({ instanceId, port, state })),
        requests: { perSecond: traffic.perSecond(group), ...requestsOf(group) },
      })),
    service: {
      signingName: 'elasticloadbalancing',
      protocols: ['query'],
      xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
      operations: {
        ...targetGroupOperations(world, balancers),
        ...targetOperations(balancers),
        ...attributeOperations(balancers),
        ...loadBalancerOperations(world, balancers, ids),
      },
    },
  };
};
