import { parseArn, regionOf } from '../model/arn.ts';
import { minuteMs } from '../model/duration.ts';
import type { Link, Outcome } from '../model/outcome.ts';
import type { ResourceType } from '../model/resource.ts';
import { isValidResourceId } from '../model/resources/index.ts';

/**
 * The region of selfheal itself, and the prefix of its deployment's names (`selfheal-prod`): the name of the dashboard and the beginning of
 * the functions' log groups.
 */
export type Home = { region: string; deployment: string };

/**
 * Console hosts by region prefix, with a host per region. Isolated partitions have no public console.
 * https://docs.aws.amazon.com/general/latest/gr/rande.html
 * https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-arns.html
 * Assumed: the hosts of regions in China and GovCloud.
 */
const consoles: readonly (readonly [RegExp, string, string])[] = [
  [/^cn-/, 'aws-cn', 'console.amazonaws.cn'],
  [/^us-gov-/, 'aws-us-gov', 'console.amazonaws-us-gov.com'],
  [/^(?!us-iso|eu-iso|eusc-)/, 'aws', 'console.aws.amazon.com'],
];

type Console = { region: string; partition: string; origin: string; at: (service: string, fragment: string) => string };

/** The console of a region; null if there is none to link to. */
const consoleOf = (text: string): Console | null => {
  const region = regionOf(text);
  const [, partition, host] = consoles.find(([beginning]) => region !== null && beginning.test(region)) ?? [];
  if (region === null || partition === undefined) return null;
  const origin = `https://${region}.${host}`;
  return { region, partition, origin, at: (service, fragment) => `${origin}/${service}/home?region=${region}#${fragment}` };
};

/** Encodes a name in an address, including characters with a meaning in chat markup or on phones. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*~_]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** Whether a name is plain enough for a link: printable ASCII of limited length. */
const isPlain = (name: string): boolean => /^[!-~](?:[ -~]{0,253}[!-~])?$/.test(name);

const accountForm = /^\d{12}$/;

/** Builds a page's address; null if the id lacks something that the page needs. */
type Page = (console: Console, id: string, account: string) => string | null;

const arnPage =
  (key: string, resource: (id: string) => string): Page =>
  ({ at, partition, region }, id, account) =>
    accountForm.test(account)
      ? at('ec2', `${key}=${encoded(`arn:${partition}:elasticloadbalancing:${region}:${account}:${resource(id)}`)}`)
      : null;

/** The ECS console has its pages in the path. */
const ecsPage = ({ origin, region }: Console, cluster: string, rest: string): string =>
  `${origin}/ecs/v2/clusters/${encoded(cluster)}/${rest}?region=${region}`;

/**
 * The console page of each resource type. Assumed, all of them, from the console's address bar, since AWS documents hardly any. Null: there
 * is no page for a single one that its name leads to.
 */
const pages: Readonly<Record<ResourceType, Page | null>> = {
  instance: ({ at }, id) => at('ec2', `InstanceDetails:instanceId=${encoded(id)}`),
  group: ({ at }, id) => at('ec2', `AutoScalingGroupDetails:id=${encoded(id)};view=details`),
  volume: ({ at }, id) => at('ec2', `VolumeDetails:volumeId=${encoded(id)}`),
  snapshot: ({ at }, id) => at('ec2', `SnapshotDetails:snapshotId=${encoded(id)}`),
  'capacity-reservation': ({ at }, id) => at('ec2', `CapacityReservationDetails:crId=${encoded(id)}`),
  'target-group': arnPage('TargetGroup:targetGroupArn', (id) => id),
  // A classic load balancer has only a name.
  'load-balancer': (console, id, account) =>
    id.includes('/')
      ? arnPage('LoadBalancer:loadBalancerArn', (name) => `loadbalancer/${name}`)(console, id, account)
      : console.at('ec2', `LoadBalancers:search=${encoded(id)}`),
  // Its page needs to know whether it is a cluster, which the name doesn't show.
  database: ({ at }) => at('rds', 'databases:'),
  // An ECS service in its cluster, or a function with its alias; a name alone may be either.
  service: (console, id) => {
    const { service, resource = '' } = parseArn(id) ?? {};
    const [, cluster, name] = /^(?:service\/)?([\w-]{1,255})\/([\w-]{1,255})$/.exec(service === 'ecs' ? resource : id) ?? [];
    if (cluster && name) return ecsPage(console, cluster, `services/${encoded(name)}/health`);
    const [, lambda, alias] = /^([\w-]{1,64}):([\w-]{1,128})$/.exec(id) ?? [];
    return lambda && alias ? console.at('lambda', `/functions/${encoded(lambda)}/aliases/${encoded(alias)}`) : null;
  },
  task: (console, id) => {
    const { service, resource = '' } = parseArn(id) ?? {};
    const [, cluster, task] = /^task\/([\w-]{1,255})\/([\w-]{1,64})$/.exec(resource) ?? [];
    return service === 'ecs' && cluster && task ? ecsPage(console, cluster, `tasks/${encoded(task)}`) : null;
  },
  queue: ({ at, region, partition }, id, account) => {
    const url = `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${id}`;
    return accountForm.test(account) ? at('sqs/v3', `/queues/${encoded(url)}`) : null;
  },
  canary: ({ at }, id) => at('cloudwatch', `synthetics:canary/detail/${encoded(id)}`),
  certificate: ({ at }, id) => at('acm', `/certificates/${encoded(id.split('/').at(-1) ?? '')}`),
  alarm: ({ at }, id) => (isPlain(id) ? at('cloudwatch', `alarmsV2:alarm/${encoded(id)}`) : null),
  fleet: null,
  heartbeat: null,
  zone: null,
  region: null,
};

const pageOf = (console: Console, { resource, account }: Pick<Outcome, 'resource' | 'account'>): string | null =>
  isValidResourceId(resource) && resource.id.length <= 512 ? (pages[resource.type]?.(console, resource.id, account) ?? null) : null;

/**
 * A Logs Insights query for the incident's lines in all functions' logs. Anyone who may read the logs can open it at any time; the page of
 * a durable execution shows one function's part and needs the execution's id.
 * Assumed: the form of the address, which is encoded twice, with a dollar for the percent sign.
 */
const storyPage = ({ incident, startedAt, endedAt, timeline }: Outcome, { region, deployment }: Home): string | null => {
  const console = consoleOf(region);
  if (!console || !/^[a-z0-9-]{1,64}$/.test(incident) || !/^[A-Za-z0-9_-]{1,64}$/.test(deployment)) return null;
  const times = [startedAt, endedAt, ...(timeline[0] ? [timeline[0].at] : [])]
    .map((at) => Date.parse(at))
    .filter((at) => !Number.isNaN(at));
  const moment = (at: number) => new Date(at).toISOString();
  // Outside the range of a Date there is nothing to search.
  if (times.length === 0 || times.some((at) => Math.abs(at) > 8e15)) return null;
  // Letters, digits, hyphens, dots and underscores stay; anything else becomes a star and two digits.
  const quoted = (text: string) => `'${text.replace(/[^\w.-]/g, (mark) => `*${mark.charCodeAt(0).toString(16).padStart(2, '0')}`)}`;
  // Each other character takes six in the address.
  const query = `fields @timestamp,phase,message|filter incident='${incident}'|sort @timestamp`;
  const groups = ['intake', 'remediate', 'watch'].map((part) => `~${quoted(`/aws/lambda/${deployment}-${part}`)}`);
  const parts = [
    `end~${quoted(moment(Math.max(...times) + 30 * minuteMs))}`,
    `start~${quoted(moment(Math.min(...times) - 30 * minuteMs))}`,
    "timeType~'ABSOLUTE~tz~'UTC",
    `editorString~${quoted(query)}`,
    `source~(${groups.join('')})`,
  ];
  const detail = encoded(encoded(`~(${parts.join('~')})`)).replaceAll('%', '$');
  return console.at('cloudwatch', `logsV2:logs-insights$3FqueryDetail$3D${detail}`);
};

const alarmPage = ({ alarm, region }: Outcome): string | null => {
  if (!alarm || !isPlain(alarm.name)) return null;
  const console = consoleOf((alarm.arn && parseArn(alarm.arn)?.region) || region);
  return console && (pages.alarm?.(console, alarm.name, '') ?? null);
};

const activityPage = ({ group, region }: Outcome): string | null => {
  const console = consoleOf(region);
  if (!console || group === undefined || !isValidResourceId({ type: 'group', id: group })) return null;
  return console.at('ec2', `AutoScalingGroupDetails:id=${encoded(group)};view=activity`);
};

/** The same address as the template's output `DashboardUrl`. */
const dashboardPage = ({ region, deployment }: Home): string | null =>
  /^[A-Za-z0-9_-]{1,255}$/.test(deployment)
    ? (consoleOf(region)?.at('cloudwatch', `dashboards/dashboard/${encoded(deployment)}`) ?? null)
    : null;

/**
 * The links of an outcome, most useful first. All lead to AWS's console, except the runbook's, which comes from the policy or a host that
 * it trusts. MalformedEventError ids get no link.
 */
export const linksOf = (outcome: Outcome, { home, runbook }: { home: Home | null; runbook: string | null }): Link[] => {
  const console = consoleOf(outcome.region);
  const own = console && pageOf(console, outcome);
  const alarm = alarmPage(outcome);
  const found: readonly [Link['to'], string | null][] = [
    ['runbook', outcome.runbook ?? runbook],
    ['resource', own],
    // If the resource is the alarm, link it only once.
    ['alarm', alarm === own ? null : alarm],
    ['group-activity', activityPage(outcome)],
    ['dashboard', home && dashboardPage(home)],
    // The longest comes last.
    ['story', home && storyPage(outcome, home)],
  ];
  return found.flatMap(([to, url]) => (url === null ? [] : [{ to, url }]));
};

/** Labels of the links in messages. */
export const linkNames: Readonly<Record<Link['to'], string>> = {
  runbook: 'Runbook',
  resource: 'Resource',
  alarm: 'Alarm',
  'group-activity': "Group's activity",
  story: 'Story in the logs',
  dashboard: 'Dashboard',
};
