import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type TargetGroup,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../aws/clients.ts';
import { readTargetState } from '../aws/states.ts';
import type { Place } from '../model/drained.ts';
import type { TargetFacts } from '../model/snapshot.ts';
import { DescribeLagError } from './describe-lag.ts';

type Target = Place & Pick<TargetFacts, 'state'>;

/** The targets of an instance in one target group that a load balancer sends requests to. */
export type Registration = {
  /** Its ARN. */
  targetGroup: string;
  own: Target[];
  /** How many other hosts have a healthy target in it. */
  othersHealthy: number;
};

/** The most target groups of a VPC that are looked through: each takes a call. */
const maxTargetGroups = 300;
/** How many of them are looked at at the same time: the service limits calls (assumed: some ten a second). */
const atOnce = 10;

const toTarget = (targetGroup: string, { Target, TargetHealth }: TargetHealthDescription): Target => ({
  targetGroup,
  id: Target?.Id ?? '',
  port: Target?.Port ?? null,
  zone: Target?.AvailabilityZone ?? null,
  state: readTargetState(TargetHealth?.State),
});

const targetsIn = async ({ elb }: Pick<Clients, 'elb'>, TargetGroupArn: string): Promise<Target[]> => {
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return (TargetHealthDescriptions ?? []).map((one) => toTarget(TargetGroupArn, one));
};

/** The target groups of a VPC that can hold an instance and get requests; null if there are too many. */
const targetGroupsIn = async ({ elb }: Pick<Clients, 'elb'>, vpcId: string | undefined): Promise<string[] | null> => {
  const found: string[] = [];
  let Marker: string | undefined;
  do {
    const page: { TargetGroups?: TargetGroup[] | undefined; NextMarker?: string | undefined } = await elb.send(
      new DescribeTargetGroupsCommand({ PageSize: 400, ...(Marker ? { Marker } : {}) }),
    );
    for (const { TargetGroupArn, VpcId, TargetType, LoadBalancerArns } of page.TargetGroups ?? []) {
      const holds = TargetType === undefined || TargetType === 'instance' || TargetType === 'ip';
      if (TargetGroupArn && holds && VpcId === vpcId && (LoadBalancerArns?.length ?? 0) > 0) found.push(TargetGroupArn);
    }
    Marker = page.NextMarker;
  } while (Marker);
  return found.length > maxTargetGroups ? null : found;
};

/**
 * Where an instance is registered, by its id or by one of its private addresses, and how many others are healthy there; null if there are
 * too many target groups to look through. Classic Load Balancers are not looked at.
 * @throws whatever the SDK throws
 */
export const findRegistrations = async (clients: Pick<Clients, 'ec2' | 'elb'>, instanceId: string): Promise<Registration[] | null> => {
  const { Reservations } = await clients.ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
  const { VpcId, NetworkInterfaces = [] } = Reservations?.[0]?.Instances?.[0] ?? {};
  const names = new Set([
    instanceId,
    ...NetworkInterfaces.flatMap(({ PrivateIpAddresses = [], Ipv6Addresses = [] }) => [
      ...PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress),
      ...Ipv6Addresses.map(({ Ipv6Address }) => Ipv6Address),
    ]),
  ]);
  const groups = await targetGroupsIn(clients, VpcId);
  if (!groups) return null;
  const found: Registration[] = [];
  for (let from = 0; from < groups.length; from += atOnce) {
    const some = groups.slice(from, from + atOnce);
    const all = await Promise.all(some.map((arn) => targetsIn(clients, arn)));
    for (const [i, targets] of all.entries()) {
      const own = targets.filter(({ id, state }) => names.has(id) && state !== 'draining');
      const others = targets.filter(({ id, state }) => !names.has(id) && state === 'healthy');
      if (own.length > 0) found.push({ targetGroup: some[i] as string, own, othersHealthy: new Set(others.map(({ id }) => id)).size });
    }
  }
  return found;
};

/**
 * The states of places in their target groups; `gone` for one that is not registered.
 * @throws {DescribeLagError} if a target group lists nothing at all: others are in it, so that is no answer
 */
export const statesOf = async (clients: Pick<Clients, 'elb'>, places: readonly Place[]): Promise<(TargetFacts['state'] | 'gone')[]> => {
  const groups = [...new Set(places.map(({ targetGroup }) => targetGroup))];
  const lists = await Promise.all(groups.map((arn) => targetsIn(clients, arn)));
  if (lists.some((list) => list.length === 0)) throw new DescribeLagError('Elastic Load Balancing returned no targets');
  const targets = lists.flat();
  return places.map(
    ({ targetGroup, id, port }) =>
      targets.find((one) => one.targetGroup === targetGroup && one.id === id && one.port === port)?.state ?? 'gone',
  );
};
