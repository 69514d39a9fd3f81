import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { elbParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Balancers } from '../model/balancers.ts';
import type { TargetGroup } from '../model/target-group.ts';
import { paginate } from './paginate.ts';

const validationError = (message: string) => new AwsError('ValidationError', message);

const describe = (group: TargetGroup): Sdk.TargetGroup => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: group.protocol as Sdk.ProtocolEnum,
  Port: group.port,
  VpcId: group.vpcId,
  HealthCheckProtocol: 'HTTP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: true,
  HealthCheckIntervalSeconds: group.check.intervalSeconds,
  HealthCheckTimeoutSeconds: group.check.timeoutSeconds,
  HealthyThresholdCount: group.check.healthyThreshold,
  UnhealthyThresholdCount: group.check.unhealthyThreshold,
  HealthCheckPath: group.check.path,
  Matcher: { HttpCode: '200' },
  LoadBalancerArns: group.loadBalancerArns,
  TargetType: group.targetType,
  ProtocolVersion: 'HTTP1',
  IpAddressType: 'ipv4',
});

const within = (name: string, value: number, least: number, most: number): number => {
  if (!Number.isInteger(value) || value < least || value > most)
    throw validationError(`${name} '${value}' must be between ${least} and ${most} inclusive`);
  return value;
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html and the pages beside it. */
export const targetGroupOperations = (world: World, balancers: Balancers): Record<string, Operation> => {
  const ids = world.random.fork('elb-target-groups');
  const { targetGroups } = balancers;

  const create = (input: Sdk.CreateTargetGroupCommandInput): Omit<Sdk.CreateTargetGroupCommandOutput, '$metadata'> => {
    const { Name: name = '', Protocol: protocol, Port: port, VpcId: vpcId, TargetType: targetType = 'instance' } = input;
    if (!/^(?!-)[a-zA-Z0-9-]{1,32}(?<!-)$/.test(name))
      throw validationError(`Target group name '${name}' must have 1 to 32 letters, digits or hyphens, and no hyphen at its ends`);
    if (targetType !== 'instance' && targetType !== 'ip')
      throw validationError(`Target type '${targetType}' is not served by the local AWS`);
    if (protocol !== 'HTTP' && protocol !== 'HTTPS')
      throw validationError(`A target group for an application load balancer needs a protocol, HTTP or HTTPS`);
    if (port === undefined) throw validationError('A port must be specified');
    if (vpcId === undefined) throw validationError('A VPC ID must be specified');
    if ([...targetGroups.values()].some((other) => other.name === name))
      throw new AwsError('DuplicateTargetGroupName', `A target group with the same name '${name}' exists, but with different settings`);
    const { healthCheck } = elbParameters;
    const intervalSeconds = within('Health check interval', input.HealthCheckIntervalSeconds ?? healthCheck.intervalSeconds, 5, 300);
    const timeoutSeconds = within('Health check timeout', input.HealthCheckTimeoutSeconds ?? healthCheck.timeoutSeconds, 2, 120);
    if (timeoutSeconds >= intervalSeconds)
      throw validationError(`Health check timeout '${timeoutSeconds}' must be smaller than the interval '${intervalSeconds}'`);
    const group = balancers.addTargetGroup({
      arn: world.arn('elasticloadbalancing', `targetgroup/${name}/${ids.hex(16)}`),
      name,
      targetType,
      protocol,
      port: within('Port', port, 1, 65535),
      vpcId,
      check: {
        intervalSeconds,
        timeoutSeconds,
        healthyThreshold: within('Healthy threshold count', input.HealthyThresholdCount ?? healthCheck.healthyThreshold, 2, 10),
        unhealthyThreshold: within('Unhealthy threshold count', input.UnhealthyThresholdCount ?? healthCheck.unhealthyThreshold, 2, 10),
        path: input.HealthCheckPath ?? '/',
      },
    });
    for (const { Key = '', Value = '' } of input.Tags ?? []) group.tags.set(Key, Value);
    return { TargetGroups: [describe(group)] };
  };

  const describeAll = (input: Sdk.DescribeTargetGroupsCommandInput): Omit<Sdk.DescribeTargetGroupsCommandOutput, '$metadata'> => {
    const { TargetGroupArns: arns = [], Names: names = [], LoadBalancerArn: balancerArn } = input;
    const all = [...targetGroups.values()];
    const chosen = [...arns, ...names].map((arnOrName) => {
      const group = all.find(({ arn, name }) => arn === arnOrName || name === arnOrName);
      if (!group) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
      return group;
    });
    if (balancerArn !== undefined && !balancers.loadBalancers.has(balancerArn))
      throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
    const ofBalancer = balancerArn === undefined ? all : all.filter(({ loadBalancerArns }) => loadBalancerArns.includes(balancerArn));
    const { page, next } = paginate(chosen.length > 0 ? chosen : ofBalancer, input.PageSize, input.Marker);
    return { TargetGroups: page.map(describe), ...(next && { NextMarker: next }) };
  };

  const remove = (input: Sdk.DeleteTargetGroupCommandInput): Record<string, never> => {
    const group = targetGroups.get(input.TargetGroupArn ?? '');
    if (group && group.loadBalancerArns.length > 0)
      throw new AwsError('ResourceInUse', `Target group '${group.arn}' is currently in use by a listener or a rule`);
    // A group that doesn't exist is as good as deleted.
    if (group) balancers.removeTargetGroup(group);
    return {};
  };

  return {
    CreateTargetGroup: operation<Sdk.CreateTargetGroupCommandInput, Sdk.CreateTargetGroupCommandOutput>(
      () => sdk.loadBalancing().CreateTargetGroup$,
      create,
    ),
    DescribeTargetGroups: operation<Sdk.DescribeTargetGroupsCommandInput, Sdk.DescribeTargetGroupsCommandOutput>(
      () => sdk.loadBalancing().DescribeTargetGroups$,
      describeAll,
    ),
    DeleteTargetGroup: operation<Sdk.DeleteTargetGroupCommandInput, Sdk.DeleteTargetGroupCommandOutput>(
      () => sdk.loadBalancing().DeleteTargetGroup$,
      remove,
    ),
  };
};
