import { DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeTagsCommand, DescribeTargetGroupAttributesCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../aws/clients.ts';
import { type Drained, targetGroupName } from '../model/drained.ts';
import type { Policy } from '../model/policy.ts';
import { member, type ResourceSnapshot } from '../model/snapshot.ts';
import { tagMap } from '../model/tags.ts';
import { findRegistrations, type Registration } from '../resources/registrations.ts';
import { type Check, defineGuard, escalate, none, pass } from './guard.ts';
import { isOptedIn } from './opt-in.ts';

/** So many others must be healthy in each of its target groups: with one alone, the next failure would be an outage. */
const minOthers = 2;
/** The service's default, in seconds. docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const defaultDelay = 300;

/**
 * - `nothing`: no request reaches it, so there is nothing to lose.
 * - `cannot`: it serves, and can't be taken out.
 * - `drain`: how it is taken out, and how many seconds its target groups let it finish.
 */
export type DrainPlan =
  | { kind: 'nothing'; because: string }
  | { kind: 'cannot'; because: string }
  | { kind: 'drain'; drained: Omit<Drained, 'until'>; delay: number };

type Input = { clients: Clients; facts: ResourceSnapshot; policy: Policy };

/** Processes without which a member would not come back from standby, or get no requests. */
const neededProcesses = ['Launch', 'AddToLoadBalancer'];

/** Why a group's member can't be put on standby; null if it can. */
const whyNoStandby = async ({ clients: { autoScaling }, facts, policy }: Input): Promise<string | null> => {
  const { group } = facts;
  const own = member(facts);
  if (!group || !own) return 'its group does not list it';
  if (!isOptedIn(group.tags, policy)) return `group ${group.name} is not opted in`;
  if (own.lifecycleState !== 'InService') return `it is ${own.lifecycleState} in group ${group.name}`;
  if (group.desired - 1 < group.min) return `group ${group.name} is at its minimum of ${group.min}`;
  const suspended = neededProcesses.filter((process) => group.suspendedProcesses.includes(process));
  if (suspended.length > 0) return `group ${group.name} would not take it back: ${suspended.join(', ')} suspended`;
  const { Activities } = await autoScaling.send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: group.name, MaxRecords: 20 }));
  const underWay = Activities?.find(({ EndTime, StatusCode }) => !EndTime && StatusCode !== 'Cancelled' && StatusCode !== 'Failed');
  return underWay ? `group ${group.name} is at work: ${(underWay.Description ?? 'an activity').slice(0, 200)}` : null;
};

/** Why a lone instance can't be deregistered; null if it can. */
const whyNotDeregistered = async ({ clients: { elb }, policy }: Input, found: readonly Registration[]): Promise<string | null> => {
  const { key, value } = policy.optIn;
  for (let from = 0; from < found.length; from += 20) {
    const ResourceArns = found.slice(from, from + 20).map(({ targetGroup }) => targetGroup);
    const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
    const without = ResourceArns.find(
      (arn) => !isOptedIn(tagMap(TagDescriptions.find(({ ResourceArn }) => ResourceArn === arn)?.Tags), policy),
    );
    if (without !== undefined) return `target group ${targetGroupName(without)} is not opted in: no tag ${key}=${value}`;
  }
  return null;
};

const delayOf = async ({ elb }: Clients, TargetGroupArn: string): Promise<number> => {
  const { Attributes } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  const given = Number(Attributes?.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value);
  return Number.isFinite(given) ? given : defaultDelay;
};

/**
 * How an instance can be taken out of its target groups before it is interrupted. `least` is how many others must be healthy.
 * @throws whatever the SDK throws
 */
export const planDrain = async (input: Input, least = minOthers): Promise<DrainPlan> => {
  const { clients, facts } = input;
  const { instance } = facts;
  if (!instance) return { kind: 'nothing', because: 'there is no instance' };
  const found = await findRegistrations(clients, instance.id);
  if (!found) return { kind: 'cannot', because: 'its VPC has too many target groups to look through' };
  if (!found.some(({ own }) => own.some(({ state }) => state === 'healthy')))
    return { kind: 'nothing', because: found.length === 0 ? 'it is in no target group' : 'none of its targets is healthy' };
  const short = found.find(({ othersHealthy }) => othersHealthy < least);
  if (short)
    return {
      kind: 'cannot',
      because: `only ${short.othersHealthy} ${short.othersHealthy === 1 ? 'other is' : 'others are'} healthy in target group ${targetGroupName(short.targetGroup)}`,
    };
  const why = await (instance.groupName === null ? whyNotDeregistered(input, found) : whyNoStandby(input));
  if (why !== null) return { kind: 'cannot', because: why };
  const delays = await Promise.all(found.map(({ targetGroup }) => delayOf(clients, targetGroup)));
  const places = found.flatMap(({ own }) => own.map(({ state: _, ...place }) => place));
  return { kind: 'drain', drained: { places, standby: instance.groupName }, delay: Math.max(...delays) };
};

const canBeDrained: Check = async ({ clients, facts, policy, target }) => {
  const plan = await planDrain({ clients, facts, policy });
  if (plan.kind !== 'cannot' || policy.drain?.else === 'act') return pass;
  return escalate(`${target.id} serves requests and can't be drained: ${plan.because}`);
};

/**
 * Where the policy has `drain`: what serves requests is interrupted only if it can be taken out of its target groups before. One that no
 * request reaches has nothing to lose.
 */
export const drain = defineGuard({
  id: 'drain',
  idle: ({ drain: wanted }) => wanted === undefined,
  live: true,
  check: {
    of: {
      instance: {
        starts: none,
        changesSoftware: none,
        interrupts: canBeDrained,
        removesFromService: canBeDrained,
        // Its group drains what it replaces.
        destroys: none,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      group: none,
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
