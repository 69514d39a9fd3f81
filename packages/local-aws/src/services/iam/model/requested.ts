import type { Call } from '../../../wire/gateway.ts';

/** A resource that a call is about, and its tags, looked up when somebody asks. */
export type Resource = { arn: string; tags(): ReadonlyMap<string, string> };

/** What a call asks for, in the words of policies: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
export type Requested = { action: string; resources: readonly Resource[] };

/** Runs an operation of the world's own for what it knows, without a trace. Returns undefined where there is none, or it refuses. */
export type Look = (service: string, operation: string, input: object) => Record<string, unknown> | undefined;

type Where = { partition: string; region: string; account: string };

/** The names that policies have for services, where these aren't what requests are signed for. */
const prefixes: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/** Calls that policies know by another name. */
const actions: Readonly<Record<string, string>> = {
  'lambda Invoke': 'lambda:InvokeFunction',
  'sns PublishBatch': 'sns:Publish',
  'sqs SendMessageBatch': 'sqs:SendMessage',
  'sqs DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
};

export const actionOf = ({ service, operation }: Pick<Call, 'service' | 'operation'>): string =>
  actions[`${service} ${operation}`] ?? `${prefixes[service] ?? service}:${operation}`;

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '');

/** The ARN of what a name means; what is an ARN already stays one. */
const naming =
  (service: string, type: string) =>
  (name: string, { partition, region, account }: Where) =>
    name.startsWith('arn:') ? name : `arn:${partition}:${service}:${region}:${account}:${type}${name}`;

const ec2Types: Readonly<Record<string, string>> = {
  i: 'instance',
  vol: 'volume',
  snap: 'snapshot',
  ami: 'image',
  lt: 'launch-template',
  eipalloc: 'elastic-ip',
  subnet: 'subnet',
};

const ec2Arn = (id: string, { partition, region, account }: Where): string => {
  const type = ec2Types[id.slice(0, id.indexOf('-'))] ?? 'unknown';
  // Images and snapshots are not of an account, as far as their ARNs say.
  return `arn:${partition}:ec2:${region}:${type === 'image' || type === 'snapshot' ? '' : account}:${type}/${id}`;
};

/** Members of a service's inputs that name what a call is about. */
const members: Readonly<Record<string, Readonly<Record<string, (name: string, where: Where) => string>>>> = {
  ec2: Object.fromEntries(
    ['InstanceId', 'InstanceIds', 'VolumeId', 'VolumeIds', 'SnapshotId', 'ImageId', 'Resources', 'AllocationId', 'LaunchTemplateId'].map(
      (member) => [member, ec2Arn],
    ),
  ),
  monitoring: { AlarmName: naming('cloudwatch', 'alarm:'), AlarmNames: naming('cloudwatch', 'alarm:'), ResourceARN: (arn) => arn },
  elasticloadbalancing: Object.fromEntries(
    ['TargetGroupArn', 'TargetGroupArns', 'LoadBalancerArn', 'ResourceArns'].map((member) => [member, (arn: string) => arn]),
  ),
  rds: {
    DBInstanceIdentifier: (name, where) => naming('rds', 'db:')(name.startsWith('arn:') ? name : name.toLowerCase(), where),
    SourceDBInstanceIdentifier: naming('rds', 'db:'),
    DBClusterIdentifier: (name, where) => naming('rds', 'cluster:')(name.startsWith('arn:') ? name : name.toLowerCase(), where),
    ResourceName: (arn) => arn,
  },
  sns: { TopicArn: (arn) => arn, TargetArn: (arn) => arn, ResourceArn: (arn) => arn },
  sqs: {
    QueueName: naming('sqs', ''),
    QueueUrl: (url, where) => {
      const [account = where.account, name = ''] = url.split('/').slice(-2);
      return naming('sqs', '')(name, { ...where, account });
    },
  },
  acm: { CertificateArn: (arn) => arn },
  cloudtrail: {},
  synthetics: { Name: naming('synthetics', 'canary:') },
  route53: Object.fromEntries(
    ['HostedZoneId', 'Id', 'ResourceId'].map((member) => [
      member,
      (id: string, { partition }: Where) => `arn:${partition}:route53:::hostedzone/${id.replace(/^.*\//, '')}`,
    ]),
  ),
  iam: {
    RoleName: (name, { partition, account }) => `arn:${partition}:iam::${account}:role/${name}`,
    PolicyArn: (arn) => arn,
    PolicySourceArn: (arn) => arn,
  },
};

/** What a call is about where no single member says so. */
const composed: Readonly<Record<string, (call: Call, where: Where, look: Look) => string[]>> = {
  autoscaling: ({ input }, where, look) => {
    const members = look('autoscaling', 'DescribeAutoScalingInstances', { InstanceIds: texts(input.InstanceId ?? input.InstanceIds) });
    const ofInstances = () =>
      ((members?.AutoScalingInstances ?? []) as { AutoScalingGroupName: string }[]).map((one) => one.AutoScalingGroupName);
    const named = texts(input.AutoScalingGroupName);
    return (named.length > 0 ? named : input.InstanceId === undefined ? [] : ofInstances()).map((name) => {
      const found = look('autoscaling', 'DescribeAutoScalingGroups', { AutoScalingGroupNames: [name] })?.AutoScalingGroups;
      const arn = (found as { AutoScalingGroupARN: string }[] | undefined)?.[0]?.AutoScalingGroupARN;
      return arn ?? naming('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/')(name, where);
    });
  },
  lambda: ({ input }, where) => {
    const qualified = (name: string) => (typeof input.Qualifier === 'string' ? `${name}:${input.Qualifier}` : name);
    return [
      ...texts(input.FunctionName).map((name) => qualified(naming('lambda', 'function:')(name, where))),
      ...texts(input.Resource),
      ...texts(input.UUID).map((id) => naming('lambda', 'event-source-mapping:')(id, where)),
    ];
  },
  ssm: ({ operation, input }, where) => {
    const document = (name: string) => naming('ssm', 'document/')(name, name.startsWith('AWS-') ? { ...where, account: '' } : where);
    if (operation === 'SendCommand')
      return [...texts(input.DocumentName).map(document), ...texts(input.InstanceIds).map((id) => ec2Arn(id, where))];
    if (/Parameters?$/.test(operation))
      return texts(input.Name ?? input.Names).map((name) => naming('ssm', 'parameter/')(name.replace(/^\//, ''), where));
    return [...texts(input.Name), ...texts(input.CalendarNames)].map(document);
  },
  ecs: ({ input }, where) => {
    const cluster = (texts(input.cluster)[0] ?? 'default').replace(/^.*\//, '');
    const of = (type: string, names: unknown) => texts(names).map((name) => naming('ecs', `${type}/${cluster}/`)(name, where));
    const named = [
      ...of('service', input.service ?? input.services ?? input.serviceName),
      ...of('task', input.task ?? input.tasks),
      ...of('container-instance', input.containerInstance ?? input.containerInstances),
      ...texts(input.resourceArn),
    ];
    return named.length > 0 ? named : texts(input.cluster ?? input.clusters).map((name) => naming('ecs', 'cluster/')(name, where));
  },
  dynamodb: ({ input }, where) => {
    const table = naming('dynamodb', 'table/');
    const index = typeof input.IndexName === 'string' ? `/index/${input.IndexName}` : '';
    return [
      ...texts(input.TableName).map((name) => `${table(name, where)}${index}`),
      ...Object.keys((input.RequestItems as object | undefined) ?? {}).map((name) => table(name, where)),
      ...texts(input.ResourceArn),
    ];
  },
  events: ({ operation, input }, where) => {
    const bus = (name: unknown) => naming('events', 'event-bus/')(typeof name === 'string' ? name : 'default', where);
    if (operation === 'PutEvents')
      return [...new Set(((input.Entries ?? []) as { EventBusName?: string }[]).map(({ EventBusName }) => bus(EventBusName)))];
    if (/EventBus$|Permission$/.test(operation)) return [bus(input.EventBusName ?? input.Name)];
    const of = bus(input.EventBusName).replace(/^.*event-bus\//, '');
    return texts(input.Rule ?? input.Name).map((name) => naming('events', `rule/${of === 'default' ? '' : `${of}/`}`)(name, where));
  },
  kms: ({ input }, where, look) =>
    texts(input.KeyId).map((id) => {
      const found = look('kms', 'DescribeKey', { KeyId: id })?.KeyMetadata as { Arn: string } | undefined;
      return found?.Arn ?? naming('kms', 'key/')(id, where);
    }),
  logs: ({ input }, where) =>
    texts(input.logGroupName).map((name) => naming('logs', 'log-group:')(`${name}:log-stream:${String(input.logStreamName ?? '')}`, where)),
};

/** What describe calls of these services are about where they name nothing: all of a kind. */
const kinds: Readonly<Record<string, string>> = {
  DescribeDBInstances: 'db:*',
  DescribeDBClusters: 'cluster:*',
  DescribeDBSnapshots: 'snapshot:*',
  DescribeDBClusterSnapshots: 'cluster-snapshot:*',
  DescribeDBProxies: 'db-proxy:*',
  DescribeBlueGreenDeployments: 'deployment:*',
};

/** Describe calls of EC2, Auto Scaling and Elastic Load Balancing have no resource in a policy's sense, but for these. */
const hasNone = ({ service, operation }: Call): boolean =>
  ['ec2', 'autoscaling', 'elasticloadbalancing'].includes(service) &&
  operation.startsWith('Describe') &&
  operation !== 'DescribeInstanceAttribute';

const arnsOf = (call: Call, where: Where, look: Look): string[] => {
  const { service, operation, input } = call;
  if (hasNone(call)) return [];
  if (service === 'ec2' && operation === 'RunInstances') {
    const own = naming('ec2', '');
    return ['instance/*', 'volume/*'].map((type) => own(type, where)).concat(texts(input.ImageId).map((id) => ec2Arn(id, where)));
  }
  if (service === 'rds' && Object.hasOwn(kinds, operation) && !texts(input.DBInstanceIdentifier ?? input.DBClusterIdentifier).length)
    return [naming('rds', kinds[operation] as string)('', where)];
  const compose = composed[service];
  if (compose) return compose(call, where, look);
  const known = members[service] ?? {};
  return Object.entries(input).flatMap(([member, value]) =>
    Object.hasOwn(known, member) ? texts(value).map((name) => known[member]?.(name, where) ?? name) : [],
  );
};

/** How a service tells the tags of what an ARN or an id names. */
const tagLooks: Readonly<Record<string, (arn: string) => [service: string, operation: string, input: object]>> = {
  ec2: (arn) => ['ec2', 'DescribeTags', { Filters: [{ Name: 'resource-id', Values: [arn.slice(arn.lastIndexOf('/') + 1)] }] }],
  autoscaling: (arn) => [
    'autoscaling',
    'DescribeTags',
    { Filters: [{ Name: 'auto-scaling-group', Values: [arn.slice(arn.lastIndexOf('/') + 1)] }] },
  ],
  rds: (ResourceName) => ['rds', 'ListTagsForResource', { ResourceName }],
  ecs: (resourceArn) => ['ecs', 'ListTagsForResource', { resourceArn }],
  lambda: (arn) => ['lambda', 'ListTags', { Resource: /^(?:[^:]*:){6}[^:]*/.exec(arn)?.[0] ?? arn }],
  acm: (CertificateArn) => ['acm', 'ListTagsForCertificate', { CertificateArn }],
  cloudwatch: (ResourceARN) => ['monitoring', 'ListTagsForResource', { ResourceARN }],
  elasticloadbalancing: (arn) => ['elasticloadbalancing', 'DescribeTags', { ResourceArns: [arn] }],
};

type SaidTag = { Key?: string; Value?: string; key?: string; value?: string };

const listed = (answer: Record<string, unknown>): [string, string][] => {
  const { Tags, tags, TagList, TagDescriptions } = answer;
  const said = (TagDescriptions as { Tags?: unknown }[] | undefined)?.[0]?.Tags ?? Tags ?? tags ?? TagList ?? [];
  if (!Array.isArray(said)) return Object.entries(said as Record<string, string>);
  return (said as SaidTag[]).map(({ Key, Value, key, value }) => [Key ?? key ?? '', Value ?? value ?? '']);
};

/** What a call asks for. One that names nothing is about everything, which only a policy's `*` reaches. */
export const requestedBy = (call: Call, where: Where, look: Look): Requested => {
  const arns = arnsOf(call, where, look);
  const resources = (arns.length > 0 ? arns : ['*']).map((arn) => ({
    arn,
    tags: () => {
      const tagLook = tagLooks[arn.split(':')[2] ?? ''];
      return new Map(listed((tagLook && look(...tagLook(arn))) ?? {}));
    },
  }));
  return { action: actionOf(call), resources };
};
