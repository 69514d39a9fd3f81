import { type AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import { type EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { DescribeServicesCommand, ECSClient, paginateListClusters, paginateListServices } from '@aws-sdk/client-ecs';
import {
  DescribeTagsCommand,
  type ElasticLoadBalancingV2Client,
  paginateDescribeTargetGroups,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueueTagsCommand,
  paginateListQueues,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Clients } from '../aws/clients.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { errorMessage, errorName } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import { namesContainers, namesQueues } from '../model/remedies.ts';
import { tagMap } from '../model/tags.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import { agentMetricNames } from './alarms.ts';
import { functionsOf } from './functions.ts';
import { prefixOf } from './name.ts';
import type { Part } from './plan.ts';
import {
  type AgentMetric,
  unwatchedOf,
  type Watched,
  type WatchedGroup,
  type WatchedInstance,
  type WatchedQueue,
  type WatchedService,
  type WatchedTargets,
} from './watched.ts';

/** The SDK clients of the look-ups. */
export type DescribeClients = {
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  elb: ElasticLoadBalancingV2Client;
  cloudWatch: CloudWatchClient;
  of: Clients['of'];
};

type Seen = {
  watched: Watched;
  /** The parts that were read completely. */
  known: ReadonlySet<Part>;
  /** One line for each look-up that failed. */
  problems: string[];
};

type OptIn = Pick<Policy, 'optIn'>;

/** What decides on what is watched. */
export type Watching = OptIn & Pick<Policy, 'redrive' | 'consumers' | 'lambda' | 'ecs'>;

/**
 * Filters only reduce the result: EC2's treat `*` and `?` as wildcards, so the tag is compared again. Includes everything but terminating
 * instances: a stopped one keeps its alarms.
 */
const instancesOf = async (client: EC2Client, policy: OptIn): Promise<WatchedInstance[]> => {
  const { key, value } = policy.optIn;
  const Filters = [
    { Name: `tag:${key}`, Values: [value] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ];
  const found: WatchedInstance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client, pageSize: 1000 }, { Filters })) {
    for (const { InstanceId: id, Tags } of Reservations.flatMap(({ Instances }) => Instances ?? [])) {
      const tags = tagMap(Tags);
      if (id && isOptedIn(tags, policy))
        found.push({ id, groupName: tags['aws:autoscaling:groupName'] ?? null, unwatched: unwatchedOf(tags) });
    }
  }
  return found;
};

type Group = WatchedGroup & { targetGroupArns: readonly string[] };

const groupsOf = async (client: AutoScalingClient, policy: OptIn): Promise<Group[]> => {
  const { key, value } = policy.optIn;
  const Filters = [{ Name: `tag:${key}`, Values: [value] }];
  const found: Group[] = [];
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client, pageSize: 100 }, { Filters })) {
    for (const { AutoScalingGroupName: name, Tags, TargetGroupARNs = [], Status } of AutoScalingGroups) {
      const tags = tagMap(Tags);
      // Only a group that is being deleted has a status.
      if (name && !Status && isOptedIn(tags, policy)) found.push({ name, unwatched: unwatchedOf(tags), targetGroupArns: TargetGroupARNs });
    }
  }
  return found;
};

/** The metric namespace of a target group's load balancer, by protocol. */
const namespaceOf = (protocol = ''): string =>
  protocol.startsWith('HTTP') ? 'AWS/ApplicationELB' : protocol === 'GENEVE' ? 'AWS/GatewayELB' : 'AWS/NetworkELB';

/** The forms of ARNs in metric dimensions: `targetgroup/name/id` and `app/name/id`. */
const targetGroupDimension = (arn: string): string => arn.slice(arn.indexOf(':targetgroup/') + 1);
const loadBalancerDimension = (arn: string): string => arn.slice(arn.indexOf(':loadbalancer/') + ':loadbalancer/'.length);

/**
 * The maximum number of ARNs in a DescribeTags call.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
 */
const tagBatch = 20;

/** Target groups that are opted in, and those of opted-in groups. */
const targetsOf = async (client: ElasticLoadBalancingV2Client, policy: OptIn, groups: readonly Group[]): Promise<WatchedTargets[]> => {
  const used: TargetGroup[] = [];
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client, pageSize: 400 }, {})) {
    used.push(...TargetGroups.filter(({ LoadBalancerArns = [] }) => LoadBalancerArns.length > 0));
  }
  const ofGroups = new Set(groups.flatMap(({ targetGroupArns }) => targetGroupArns));
  const found: WatchedTargets[] = [];
  for (let from = 0; from < used.length; from += tagBatch) {
    const some = used.slice(from, from + tagBatch);
    const ResourceArns = some.flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []);
    const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { TargetGroupArn: arn = '', LoadBalancerArns = [], Protocol } of some) {
      const tags = tagMap(TagDescriptions.find(({ ResourceArn }) => ResourceArn === arn)?.Tags);
      if (!isOptedIn(tags, policy) && !ofGroups.has(arn)) continue;
      for (const balancer of LoadBalancerArns) {
        found.push({
          targetGroup: targetGroupDimension(arn),
          loadBalancer: loadBalancerDimension(balancer),
          namespace: namespaceOf(Protocol),
          unwatched: unwatchedOf(tags),
        });
      }
    }
  }
  return found;
};

/** IAM actions of the look at queues, which packaging grants only where the policy names what may be done to them. */
export const queueAlarmPermissions = [
  'sqs:ListQueues',
  'sqs:ListQueueTags',
  'sqs:GetQueueAttributes',
  'sqs:ListDeadLetterSourceQueues',
] as const;

/** SQS tells tags of one queue at a time: with more queues than this, nobody should wait for it. */
const maxQueues = 1000;

const queuesOf = async (of: Clients['of'], policy: Watching): Promise<WatchedQueue[]> => {
  if (!namesQueues(policy)) return [];
  const client = of(SQSClient);
  const urls: string[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues({ client, pageSize: 1000 }, {})) urls.push(...QueueUrls);
  if (urls.length > maxQueues) throw new Error(`there are ${urls.length} queues, and the tags of ${maxQueues} are read at most`);
  const found: WatchedQueue[] = [];
  for (const QueueUrl of urls) {
    const { Tags: tags = {} } = await client.send(new ListQueueTagsCommand({ QueueUrl }));
    if (!isOptedIn(tags, policy)) continue;
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['MessageRetentionPeriod'] }));
    const { queueUrls = [] } = await client.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl, MaxResults: 1 }));
    found.push({
      name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1),
      deadLetters: queueUrls.length > 0,
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
      keeps: Number(Attributes?.MessageRetentionPeriod ?? 345_600),
      unwatched: unwatchedOf(tags),
    });
  }
  return found;
};

/** IAM actions of the look at services of ECS, which packaging grants only where the policy names what may be done to them. */
export const serviceAlarmPermissions = ['ecs:ListClusters', 'ecs:ListServices', 'ecs:DescribeServices'] as const;

/** The maximum of a DescribeServices call: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html */
const servicesAtOnce = 10;

const servicesOf = async (of: Clients['of'], policy: Watching): Promise<WatchedService[]> => {
  if (!namesContainers(policy)) return [];
  const client = of(ECSClient);
  const found: WatchedService[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client, pageSize: 100 }, {})) {
    for (const cluster of clusterArns) {
      const pages = paginateListServices({ client, pageSize: servicesAtOnce }, { cluster });
      for await (const { serviceArns: services = [] } of pages) {
        if (services.length === 0) continue;
        const described = await client.send(new DescribeServicesCommand({ cluster, services, include: ['TAGS'] }));
        for (const { serviceName: name, status, tags: listed = [] } of described.services ?? []) {
          const tags = Object.fromEntries(listed.flatMap(({ key, value = '' }) => (key === undefined ? [] : [[key, value]])));
          if (!name || status !== 'ACTIVE' || !isOptedIn(tags, policy)) continue;
          found.push({ cluster: cluster.slice(cluster.lastIndexOf('/') + 1), name, unwatched: unwatchedOf(tags) });
        }
      }
    }
  }
  return found;
};

/**
 * The metrics that the agent reported within two weeks, so that alarms outlive a pause.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
 */
const agentOf = async (client: CloudWatchClient): Promise<AgentMetric[]> => {
  const found: AgentMetric[] = [];
  for (const name of agentMetricNames) {
    for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace: 'CWAgent', MetricName: name })) {
      for (const { Dimensions = [] } of Metrics) {
        found.push({ name, dimensions: Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value])) });
      }
    }
  }
  return found;
};

/**
 * Early warning's existing alarms.
 * @throws whatever the SDK throws: without them nothing can be compared
 */
export const presentAlarms = async (client: CloudWatchClient, topicArn: string): Promise<MetricAlarm[]> => {
  const found: MetricAlarm[] = [];
  const input = { AlarmNamePrefix: prefixOf(topicArn), AlarmTypes: ['MetricAlarm' as const] };
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client, pageSize: 100 }, input)) found.push(...MetricAlarms);
  return found;
};

/** Everything opted in, from seven look-ups. Each may fail alone and is limited by `bounded` separately. */
export const describeWatched = async (
  { ec2, autoScaling, elb, cloudWatch, of }: DescribeClients,
  policy: Watching,
  bounded: Bounded = unbounded,
): Promise<Seen> => {
  const known = new Set<Part>();
  const problems: string[] = [];
  const tried = async <T>(part: Part, describe: () => Promise<T[]>): Promise<T[]> => {
    try {
      const found = await bounded(describe);
      known.add(part);
      return found;
    } catch (error) {
      problems.push(`${part} could not be looked up: ${errorName(error)}: ${errorMessage(error)}`.slice(0, 500));
      return [];
    }
  };
  const instances = await tried('instances', () => instancesOf(ec2, policy));
  const groups = await tried('groups', () => groupsOf(autoScaling, policy));
  const targets = await tried('targets', () => targetsOf(elb, policy, groups));
  const queues = await tried('queues', () => queuesOf(of, policy));
  const functions = await tried('functions', () => functionsOf(of, policy));
  const services = await tried('services', () => servicesOf(of, policy));
  const agent = instances.length + groups.length > 0 ? await tried('agent', () => agentOf(cloudWatch)) : [];
  if (instances.length + groups.length === 0) known.add('agent');
  return { watched: { instances, groups, targets, queues, functions, services, agent }, known, problems };
};
