import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Random } from '../../../core/random.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import { addLoadBalancer, type Balancers, type LoadBalancer } from '../model/balancers.ts';
import type { TargetGroup } from '../model/target-group.ts';
import { paginate } from './paginate.ts';

/** The part of an ARN that tells one type of load balancer from another. */
const types: Readonly<Record<string, Sdk.LoadBalancerTypeEnum>> = { app: 'application', net: 'network', gwy: 'gateway' };

const validationError = (message: string) => new AwsError('ValidationError', message);

/** Load balancers, their listeners, and the tags of both and of target groups. */
export const loadBalancerOperations = (world: World, balancers: Balancers, ids: Random): Record<string, Operation> => {
  const { loadBalancers, targetGroups } = balancers;

  const describe = ({ arn, name, dnsName, createdAt, vpcId }: LoadBalancer): Sdk.LoadBalancer => ({
    LoadBalancerArn: arn,
    LoadBalancerName: name,
    DNSName: dnsName,
    CreatedTime: new Date(createdAt),
    Scheme: 'internet-facing',
    VpcId: vpcId,
    State: { Code: 'active' },
    Type: types[arn.split('/')[1] ?? ''] ?? 'application',
    IpAddressType: 'ipv4',
  });

  const createLoadBalancer = (input: Sdk.CreateLoadBalancerCommandInput): Omit<Sdk.CreateLoadBalancerCommandOutput, '$metadata'> => {
    const { Name: name = '', Tags: tags = [] } = input;
    if (!/^(?!-|internal-)[a-zA-Z0-9-]{1,32}(?<!-)$/.test(name)) throw validationError(`The load balancer name '${name}' is not valid`);
    if ([...loadBalancers.values()].some((other) => other.name === name))
      throw new AwsError('DuplicateLoadBalancerName', `A load balancer with the same name '${name}' exists`);
    const balancer = addLoadBalancer(world, balancers, ids, name, new Map(tags.map(({ Key = '', Value = '' }) => [Key, Value])));
    return { LoadBalancers: [describe(balancer)] };
  };

  const describeLoadBalancers = (
    input: Sdk.DescribeLoadBalancersCommandInput,
  ): Omit<Sdk.DescribeLoadBalancersCommandOutput, '$metadata'> => {
    const all = [...loadBalancers.values()];
    const asked = [...(input.LoadBalancerArns ?? []), ...(input.Names ?? [])];
    const found = asked.map((arnOrName) => {
      const balancer = all.find(({ arn, name }) => arn === arnOrName || name === arnOrName);
      if (!balancer) throw new AwsError('LoadBalancerNotFound', `One or more load balancers not found`);
      return balancer;
    });
    const { page, next } = paginate(asked.length > 0 ? found : all, input.PageSize, input.Marker);
    return { LoadBalancers: page.map(describe), ...(next && { NextMarker: next }) };
  };

  const createListener = (input: Sdk.CreateListenerCommandInput): Omit<Sdk.CreateListenerCommandOutput, '$metadata'> => {
    const balancer = loadBalancers.get(input.LoadBalancerArn ?? '');
    if (!balancer) throw new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
    const arns = (input.DefaultActions ?? []).flatMap(({ TargetGroupArn, ForwardConfig }) =>
      TargetGroupArn === undefined ? (ForwardConfig?.TargetGroups ?? []).flatMap((tuple) => tuple.TargetGroupArn ?? []) : [TargetGroupArn],
    );
    const groups = arns.map(balancers.expect);
    for (const group of groups) balancers.attach(group, balancer.arn);
    return {
      Listeners: [
        {
          ListenerArn: `${balancer.arn.replace(':loadbalancer/', ':listener/')}/${ids.hex(16)}`,
          LoadBalancerArn: balancer.arn,
          Port: input.Port ?? 80,
          Protocol: input.Protocol ?? 'HTTP',
          DefaultActions: input.DefaultActions ?? [],
        },
      ],
    };
  };

  const tagged = (arn: string): LoadBalancer | TargetGroup => {
    const found = targetGroups.get(arn) ?? loadBalancers.get(arn);
    if (found) return found;
    const code = arn.includes(':targetgroup/') ? 'TargetGroupNotFound' : 'LoadBalancerNotFound';
    throw new AwsError(code, `The resource '${arn}' was not found`);
  };

  const tagsOf = ({ tags }: { tags: Map<string, string> }): Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

  const addTags = (input: Sdk.AddTagsCommandInput): Record<string, never> => {
    for (const resource of (input.ResourceArns ?? []).map(tagged)) {
      for (const { Key = '', Value = '' } of input.Tags ?? []) resource.tags.set(Key, Value);
    }
    return {};
  };

  const describeTags = (input: Sdk.DescribeTagsCommandInput): Omit<Sdk.DescribeTagsCommandOutput, '$metadata'> => {
    const arns = input.ResourceArns ?? [];
    if (arns.length > 20) throw validationError('You can specify up to 20 resource ARNs');
    return { TagDescriptions: arns.map((ResourceArn) => ({ ResourceArn, Tags: tagsOf(tagged(ResourceArn)) })) };
  };

  return {
    CreateLoadBalancer: operation<Sdk.CreateLoadBalancerCommandInput, Sdk.CreateLoadBalancerCommandOutput>(
      () => sdk.loadBalancing().CreateLoadBalancer$,
      createLoadBalancer,
    ),
    DescribeLoadBalancers: operation<Sdk.DescribeLoadBalancersCommandInput, Sdk.DescribeLoadBalancersCommandOutput>(
      () => sdk.loadBalancing().DescribeLoadBalancers$,
      describeLoadBalancers,
    ),
    CreateListener: operation<Sdk.CreateListenerCommandInput, Sdk.CreateListenerCommandOutput>(
      () => sdk.loadBalancing().CreateListener$,
      createListener,
    ),
    AddTags: operation<Sdk.AddTagsCommandInput, Sdk.AddTagsCommandOutput>(() => sdk.loadBalancing().AddTags$, addTags),
    DescribeTags: operation<Sdk.DescribeTagsCommandInput, Sdk.DescribeTagsCommandOutput>(
      () => sdk.loadBalancing().DescribeTags$,
      describeTags,
    ),
  };
};
