import type * as Sdk from '@aws-sdk/client-application-auto-scaling';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { page } from '../../../wire/protocol/pages.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';

type Named = { ServiceNamespace?: string | undefined; ResourceId?: string | undefined; ScalableDimension?: string | undefined };

const invalid = (message: string) => new AwsError('ValidationException', message);
const keyOf = ({ ServiceNamespace, ResourceId, ScalableDimension }: Named) => [ServiceNamespace, ResourceId, ScalableDimension].join(' ');

/** What is scaled, by its namespace: services of ECS, and the readers of Aurora's clusters. */
const scaled: Readonly<Record<string, { dimension: string; resource: RegExp; role: [service: string, name: string] }>> = {
  ecs: { dimension: 'ecs:service:DesiredCount', resource: /^service\/[^/]+\/[^/]+$/, role: ['ecs', 'ECSService'] },
  rds: { dimension: 'rds:cluster:ReadReplicaCount', resource: /^cluster:[^:/]+$/, role: ['rds', 'RDSCluster'] },
};

/** Scalable targets and their policies, as they are put and described. */
export const scalableTargetOperations = (world: World): Service['operations'] => {
  const ids = world.random.fork('application-autoscaling');
  const targets = new Map<string, Sdk.ScalableTarget>();
  const policies = new Map<string, Sdk.ScalingPolicy>();

  const check = ({ ServiceNamespace = '', ResourceId, ScalableDimension }: Named): void => {
    const known = Object.hasOwn(scaled, ServiceNamespace) ? scaled[ServiceNamespace] : undefined;
    if (!known) throw invalid(`The local AWS scales nothing of service namespace ${ServiceNamespace.slice(0, 50)}`);
    if ((ScalableDimension ?? known.dimension) !== known.dimension || (ResourceId !== undefined && !known.resource.test(ResourceId)))
      throw invalid('Unsupported service namespace, resource type or scalable dimension');
  };

  const expectTarget = (named: Named): Sdk.ScalableTarget => {
    const found = targets.get(keyOf(named));
    if (found) return found;
    const { ServiceNamespace: namespace, ResourceId: id, ScalableDimension: dimension } = named;
    throw new AwsError(
      'ObjectNotFoundException',
      `No scalable target found for service namespace: ${namespace}, resource ID: ${id}, scalable dimension: ${dimension}`,
    );
  };

  /** Those that a call asks for, a page of them. "The maximum value is 50", which is also what it is where nobody says. */
  const asked = <Row extends Named>(
    rows: Iterable<Row>,
    input: Named & { MaxResults?: number | undefined; NextToken?: string | undefined },
    fits: (row: Row) => boolean = () => true,
  ) => {
    const { MaxResults = 50, NextToken, ...request } = input;
    check(request);
    if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > 50) throw invalid('MaxResults must be between 1 and 50');
    const found = [...rows].filter(
      (row) =>
        row.ServiceNamespace === input.ServiceNamespace &&
        (input.ResourceId ?? row.ResourceId) === row.ResourceId &&
        (input.ScalableDimension ?? row.ScalableDimension) === row.ScalableDimension &&
        fits(row),
    );
    try {
      const { items, next } = page(found, MaxResults, NextToken, request);
      return { items, next: next === undefined ? {} : { NextToken: next } };
    } catch {
      throw new AwsError('InvalidNextTokenException', 'The next token supplied was invalid.');
    }
  };

  const register = (input: Sdk.RegisterScalableTargetCommandInput): Omit<Sdk.RegisterScalableTargetCommandOutput, '$metadata'> => {
    check(input);
    const known = targets.get(keyOf(input));
    const { MinCapacity = known?.MinCapacity, MaxCapacity = known?.MaxCapacity } = input;
    if (MinCapacity === undefined || MaxCapacity === undefined)
      throw invalid('MinCapacity and MaxCapacity are required to register a new scalable target');
    if (MinCapacity < 0 || MaxCapacity < MinCapacity) throw invalid('Maximum capacity cannot be less than minimum capacity');
    const [service, role] = scaled[input.ServiceNamespace ?? '']?.role ?? [];
    const suspended = input.SuspendedState ?? known?.SuspendedState ?? {};
    const target: Sdk.ScalableTarget = {
      ServiceNamespace: input.ServiceNamespace,
      ResourceId: input.ResourceId,
      ScalableDimension: input.ScalableDimension,
      MinCapacity,
      MaxCapacity,
      RoleARN: `arn:${world.partition}:iam::${world.account}:role/aws-service-role/${service}.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_${role}`,
      CreationTime: known?.CreationTime ?? new Date(world.clock.now()),
      SuspendedState: {
        DynamicScalingInSuspended: false,
        DynamicScalingOutSuspended: false,
        ScheduledScalingSuspended: false,
        ...suspended,
      },
      ScalableTargetARN: known?.ScalableTargetARN ?? world.arn('application-autoscaling', `scalable-target/${ids.hex(24)}`),
    };
    targets.set(keyOf(input), target);
    return { ScalableTargetARN: target.ScalableTargetARN };
  };

  const putPolicy = (input: Sdk.PutScalingPolicyCommandInput): Omit<Sdk.PutScalingPolicyCommandOutput, '$metadata'> => {
    check(input);
    expectTarget(input);
    const key = `${keyOf(input)} ${input.PolicyName}`;
    const known = policies.get(key);
    const PolicyARN =
      known?.PolicyARN ??
      world.arn(
        'autoscaling',
        `scalingPolicy:${ids.uuid()}:resource/${input.ServiceNamespace}/${input.ResourceId}:policyName/${input.PolicyName}`,
      );
    policies.set(key, {
      ...input,
      PolicyARN,
      PolicyType: input.PolicyType ?? 'StepScaling',
      Alarms: [],
      CreationTime: known?.CreationTime ?? new Date(world.clock.now()),
    });
    return { PolicyARN, Alarms: [] };
  };

  return {
    RegisterScalableTarget: operation<Sdk.RegisterScalableTargetCommandInput, Sdk.RegisterScalableTargetCommandOutput>(
      () => sdk.applicationAutoScaling().RegisterScalableTarget$,
      register,
    ),
    DeregisterScalableTarget: operation<Sdk.DeregisterScalableTargetCommandInput, Sdk.DeregisterScalableTargetCommandOutput>(
      () => sdk.applicationAutoScaling().DeregisterScalableTarget$,
      (input) => {
        check(input);
        expectTarget(input);
        targets.delete(keyOf(input));
        // "Deregistering a scalable target deletes the scaling policies that are associated with it."
        for (const [key, policy] of policies) if (keyOf(policy) === keyOf(input)) policies.delete(key);
        return {};
      },
    ),
    DescribeScalableTargets: operation<Sdk.DescribeScalableTargetsCommandInput, Sdk.DescribeScalableTargetsCommandOutput>(
      () => sdk.applicationAutoScaling().DescribeScalableTargets$,
      ({ ResourceIds, ...input }) => {
        const { items, next } = asked(targets.values(), input, ({ ResourceId = '' }) => ResourceIds?.includes(ResourceId) ?? true);
        return { ScalableTargets: items, ...next };
      },
    ),
    PutScalingPolicy: operation<Sdk.PutScalingPolicyCommandInput, Sdk.PutScalingPolicyCommandOutput>(
      () => sdk.applicationAutoScaling().PutScalingPolicy$,
      putPolicy,
    ),
    DescribeScalingPolicies: operation<Sdk.DescribeScalingPoliciesCommandInput, Sdk.DescribeScalingPoliciesCommandOutput>(
      () => sdk.applicationAutoScaling().DescribeScalingPolicies$,
      ({ PolicyNames, ...input }) => {
        const { items, next } = asked(policies.values(), input, ({ PolicyName = '' }) => PolicyNames?.includes(PolicyName) ?? true);
        return { ScalingPolicies: items, ...next };
      },
    ),
    DescribeScalingActivities: operation<Sdk.DescribeScalingActivitiesCommandInput, Sdk.DescribeScalingActivitiesCommandOutput>(
      () => sdk.applicationAutoScaling().DescribeScalingActivities$,
      (input) => {
        check(input);
        return { ScalingActivities: [] };
      },
    ),
  };
};
