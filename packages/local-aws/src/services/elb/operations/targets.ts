import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { type Balancers, reasonOf, targetKey } from '../model/balancers.ts';
import type { Target, TargetGroup } from '../model/target-group.ts';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html and the pages beside it. */
export const targetOperations = (balancers: Balancers): Record<string, Operation> => {
  /**
   * The targets that a call names, by id and port: "if you specified a port override when you registered a target, you must specify
   * both the target ID and the port". A zone "is not supported if the target type of the target group is instance".
   */
  const targetsOf = (group: TargetGroup, targets: readonly Sdk.TargetDescription[] = []): { id: string; port: number }[] =>
    targets.map(({ Id: id = '', Port: port = group.port, AvailabilityZone: zone }) => {
      if (zone !== undefined && group.targetType === 'instance')
        throw new AwsError('ValidationError', `You cannot specify an Availability Zone for the instance '${id}'`);
      return { id, port };
    });

  const quoted = (of: readonly { id: string }[]) => of.map(({ id }) => `'${id}'`).join(', ');
  const checkAddresses = (targets: readonly { id: string }[]): void => {
    const wrong = targets.filter(({ id }) => !/^\d{1,3}(\.\d{1,3}){3}$/.test(id));
    if (wrong.length > 0) throw new AwsError('ValidationError', `The IP address ${quoted(wrong)} is not a valid IPv4 address`);
  };
  const checkInstances = (targets: readonly { id: string }[]): void => {
    const absent = targets.filter(({ id }) => !balancers.reach(id));
    if (absent.length > 0) throw new AwsError('InvalidTarget', `The following targets are not valid instances: ${quoted(absent)}`);
    const idle = targets.filter(({ id }) => balancers.reach(id)?.state !== 'running');
    if (idle.length > 0)
      throw new AwsError('InvalidTarget', `The following targets are not in a running state and cannot be registered: ${quoted(idle)}`);
  };

  const register = (input: Sdk.RegisterTargetsCommandInput): Record<string, never> => {
    const group = balancers.expect(input.TargetGroupArn);
    const targets = targetsOf(group, input.Targets);
    const outside = targets.find(({ port }) => !Number.isInteger(port) || port < 1 || port > 65_535);
    if (outside) throw new AwsError('ValidationError', `Port '${outside.port}' must be between 1 and 65535 inclusive`);
    if (group.targetType === 'ip') checkAddresses(targets);
    else checkInstances(targets);
    for (const { id, port } of targets) balancers.register(group, id, port);
    return {};
  };

  const deregister = (input: Sdk.DeregisterTargetsCommandInput): Record<string, never> => {
    const group = balancers.expect(input.TargetGroupArn);
    for (const { id, port } of targetsOf(group, input.Targets)) balancers.deregister(group, targetKey(id, port));
    return {};
  };

  const healthOf = (group: TargetGroup, target: Target): Sdk.TargetHealth => {
    if (target.state !== 'draining') {
      if (group.loadBalancerArns.length === 0)
        return {
          State: 'unused',
          Reason: 'Target.NotInUse',
          Description: 'Target group is not configured to receive traffic from the load balancer',
        };
      if (group.targetType === 'instance' && balancers.reach(target.instanceId)?.state !== 'running')
        return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' };
    }
    const reason = reasonOf(target);
    return {
      State: target.state,
      ...(reason && { Reason: reason.code as Sdk.TargetHealthReasonEnum, Description: reason.description }),
    };
  };

  const health = (input: Sdk.DescribeTargetHealthCommandInput): Omit<Sdk.DescribeTargetHealthCommandOutput, '$metadata'> => {
    const group = balancers.expect(input.TargetGroupArn);
    const describe = (target: Target): Sdk.TargetHealthDescription => ({
      Target: { Id: target.instanceId, Port: target.port },
      HealthCheckPort: String(target.port),
      TargetHealth: healthOf(group, target),
    });
    if (!input.Targets?.length) return { TargetHealthDescriptions: [...group.targets.values()].map(describe) };
    return {
      TargetHealthDescriptions: targetsOf(group, input.Targets).map(({ id: Id, port: Port }) => {
        if (group.targetType === 'instance' && !balancers.reach(Id))
          throw new AwsError('InvalidTarget', `The following targets are not valid instances: '${Id}'`);
        const target = group.targets.get(targetKey(Id, Port));
        if (target) return describe(target);
        return {
          Target: { Id, Port },
          HealthCheckPort: String(Port),
          TargetHealth: {
            State: 'unused',
            Reason: 'Target.NotRegistered',
            Description: 'Target is not registered to the target group',
          },
        };
      }),
    };
  };

  return {
    RegisterTargets: operation<Sdk.RegisterTargetsCommandInput, Sdk.RegisterTargetsCommandOutput>(
      () => sdk.loadBalancing().RegisterTargets$,
      register,
    ),
    DeregisterTargets: operation<Sdk.DeregisterTargetsCommandInput, Sdk.DeregisterTargetsCommandOutput>(
      () => sdk.loadBalancing().DeregisterTargets$,
      deregister,
    ),
    DescribeTargetHealth: operation<Sdk.DescribeTargetHealthCommandInput, Sdk.DescribeTargetHealthCommandOutput>(
      () => sdk.loadBalancing().DescribeTargetHealth$,
      health,
    ),
  };
};
