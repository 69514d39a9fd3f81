import type { Group, Member } from './group.ts';
import { losesSpot } from './mixed.ts';

const newest = (a: Member, b: Member) => b.joinedAt - a.joinedAt;
const oldest = (a: Member, b: Member) => a.joinedAt - b.joinedAt;

const versionOf = ({ source }: Member): number => (source && source.kind !== 'configuration' ? Number(source.template.version) : -1);

/** Configurations are older than any template; the default policy goes for them first. */
const oldestTemplate = (a: Member, b: Member) => versionOf(a) - versionOf(b);

type Policy = (candidates: readonly Member[]) => readonly Member[];

/** Those that come first by `order`. */
const first =
  (order: (a: Member, b: Member) => number): Policy =>
  (candidates) => {
    const best = candidates.reduce((least, next) => (order(next, least) < 0 ? next : least));
    return candidates.filter((candidate) => order(candidate, best) === 0);
  };

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html */
export const terminationPolicies: Readonly<Record<string, Policy>> = {
  Default: first(oldestTemplate),
  AllocationStrategy: (candidates) => candidates,
  OldestInstance: first(oldest),
  NewestInstance: first(newest),
  OldestLaunchConfiguration: first(oldestTemplate),
  OldestLaunchTemplate: first(oldestTemplate),
  ClosestToNextInstanceHour: first(oldest),
};

const inLargestZones: Policy = (candidates) => {
  const sizes = new Map<string, number>();
  for (const { zone } of candidates) sizes.set(zone, (sizes.get(zone) ?? 0) + 1);
  const most = Math.max(...sizes.values());
  return candidates.filter(({ zone }) => sizes.get(zone) === most);
};

/** Those of the purchase option that a mixed group has too many of, if there are any. */
const ofOption = ({ settings: { source } }: Group, members: readonly Member[], candidates: readonly Member[]): readonly Member[] => {
  if (source.kind !== 'mixed') return candidates;
  const spot = losesSpot(members, source.distribution);
  const fitting = candidates.filter((member) => member.spot === spot);
  return fitting.length > 0 ? fitting : candidates;
};

/**
 * The members that a scale-in takes: zones are balanced first, then come the group's termination policies, then age. Protected
 * members are spared, and instances that are still being launched are taken last. There may be fewer than asked for.
 */
export const selectForTermination = (group: Group, members: readonly Member[], count: number): Member[] => {
  const left = members.filter((member) => !member.protected);
  const selected: Member[] = [];
  while (selected.length < count && left.length > 0) {
    const ready = left.filter(({ lifecycle }) => lifecycle === 'InService');
    const remaining = members.filter((member) => !selected.includes(member));
    let candidates = ofOption(group, remaining, inLargestZones(ready.length > 0 ? ready : left));
    for (const name of group.settings.terminationPolicies) candidates = terminationPolicies[name]?.(candidates) ?? candidates;
    const next = first(oldest)(candidates)[0] as Member;
    selected.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return selected;
};
