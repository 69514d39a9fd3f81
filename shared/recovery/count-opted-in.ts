import { type EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { attempt, explain } from '../aws/call.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { hourMs } from '../model/duration.ts';
import { isSamePlace, type Place } from '../model/place.ts';
import type { Policy } from '../model/policy.ts';
import { tagMap } from '../model/tags.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Digests } from '../ports/digests.ts';
import type { OptedIn } from '../ports/failure-correlation.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Log } from '../ports/log.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const countOptedInPermissions = ['ec2:DescribeInstances'] as const;

/** After so long it is counted again, in milliseconds: a count is good for a day, so that some may fail in between. */
const countedFor = 6 * hourMs;

/** What counting needs. */
export type CountOptedInDeps = {
  ledger: Pick<Ledger, 'noteOptedIn' | 'optedInCountedAt'>;
  digests: Pick<Digests, 'places'>;
  /** Where the stack itself is; null if that isn't known. */
  home: Place | null;
  own: { ec2: EC2Client };
  /** The clients of a member; without it, there are none. */
  inMember?: ((place: Place) => { ec2: EC2Client }) | undefined;
  policy: Pick<Policy, 'massFailure' | 'optIn'>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each call. */
  bounded?: Bounded;
  /** Whether there is time for another call. */
  mayGoOn?: () => boolean;
  log?: Log;
};

/**
 * The instances that run with the opt-in tag, by their zones. EC2's filters treat `*` and `?` as wildcards, so the tag is compared again.
 * @throws if there was no time for all of them, or whatever the SDK throws: some are no count
 */
const optedInBy = async (
  client: EC2Client,
  { policy, bounded = unbounded, mayGoOn = () => true }: Pick<CountOptedInDeps, 'policy' | 'bounded' | 'mayGoOn'>,
): Promise<OptedIn> => {
  const { key, value } = policy.optIn;
  const Filters = [
    { Name: `tag:${key}`, Values: [value] },
    { Name: 'instance-state-name', Values: ['pending', 'running'] },
  ];
  const zones = new Map<string, number>();
  let all = 0;
  const pages = paginateDescribeInstances({ client, pageSize: 1000 }, { Filters });
  for (let page = await bounded(() => pages.next()); !page.done; page = await bounded(() => pages.next())) {
    // EC2 reports that there are none with an empty list. No list at all is not an answer.
    if (!page.value.Reservations) throw new Error('EC2 returned an empty result for instances');
    for (const { Tags, Placement } of page.value.Reservations.flatMap(({ Instances = [] }) => Instances)) {
      if (!isOptedIn(tagMap(Tags), policy)) continue;
      const zone = Placement?.AvailabilityZone;
      all++;
      if (zone) zones.set(zone, (zones.get(zone) ?? 0) + 1);
    }
    if (page.value.NextToken && !mayGoOn()) throw new Error('there are more instances than can be counted in the time of the function');
  }
  return { all, zones: Object.fromEntries(zones) };
};

/**
 * Counts what has opted in: where the stack is, and in every account and region that has had an incident, which the daily count of past
 * incidents has noted. Mass failures are held against it, and where it fails, only against the policy's numbers. A failure in one place
 * doesn't keep the others from being counted. Returns how many places were counted now, and how many could not be.
 * @throws whatever reading the places throws
 */
export const countOptedIn = async (deps: CountOptedInDeps): Promise<{ counted: number; failed: number }> => {
  const { ledger, digests, home, own, inMember, policy, now, bounded = unbounded, mayGoOn = () => true, log = () => {} } = deps;
  const result = { counted: 0, failed: 0 };
  if (policy.massFailure.share === 0) return result;
  const others = inMember ? (await bounded(() => digests.places())).filter((place) => !home || !isSamePlace(place, home)) : [];
  for (const place of [...(home ? [home] : []), ...others]) {
    if (!mayGoOn()) break;
    const done = await attempt(async () => {
      const last = await bounded(() => ledger.optedInCountedAt(place));
      if (last !== null && last <= now() && now() - last < countedFor) return false;
      const { ec2 } = home && isSamePlace(place, home) ? own : (inMember?.(place) ?? own);
      const begun = now();
      const optedIn = await optedInBy(ec2, deps);
      await bounded(() => ledger.noteOptedIn(place, optedIn, begun));
      return true;
    });
    if (!done.ok) {
      result.failed++;
      log({ level: 'WARN', message: 'opted-in instances not counted', ...place, error: explain(done.error) });
    } else if (done.value) result.counted++;
  }
  return result;
};
