import { massReason, massScope } from '../model/mass-failure-text.ts';
import { zoneOf } from '../model/resources/index.ts';
import type { Failing, OptedIn } from '../ports/failure-correlation.ts';
import { type Check, defineGuard, hold, holdQuietly, none, pass } from './guard.ts';

/** The minimum number of failing members for a group failure, whatever their share. */
const minGroupFailures = 3;
/** How many are named in a sentence; the timeline lists all. */
const maxNamed = 20;

/**
 * How many resources fail together before it is a mass failure: the policy's number, or its share of what has opted in, where that is known
 * and more. Only instances are counted, which is less than what may fail, and the share is rounded down: both err towards holding.
 */
export const mostFailing = (least: number, share: number, optedIn: number | undefined): number =>
  Math.max(least, Math.floor(share * (optedIn ?? 0)));

const inZone = (optedIn: OptedIn | undefined, zone: string | undefined): number | undefined =>
  optedIn && zone !== undefined && Object.hasOwn(optedIn.zones, zone) ? optedIn.zones[zone] : undefined;

const fewFail: Check = async ({ incident, facts, target, correlatedFailures, ledger, policy, now }) => {
  // An announced event is not a failure yet: many retirements in the same hours are not a mass failure.
  if (incident.evidence.deadline) return pass;
  const { group } = facts;
  const place = zoneOf(target, facts);
  const { account, zone, share, groupShare, window } = policy.massFailure;
  const { failing, full, optedIn } = await correlatedFailures();
  const members = Math.max(group?.desired ?? 0, group?.count.all ?? 0);
  const within = (is: (one: Failing) => boolean, from: number) => {
    const found = failing.filter(is);
    return found.length >= from ? found : null;
  };
  // Widest scope first, so that a growing failure is not reported again for each of its parts.
  const common: [string, Failing[] | null][] = [
    [massScope('account', incident, undefined), within(() => true, full ? 0 : mostFailing(account, share, optedIn?.all))],
    [
      massScope('zone', incident, place),
      within((one) => place !== undefined && one.zone === place, mostFailing(zone, share, inZone(optedIn, place))),
    ],
    [
      massScope('group', incident, group?.name),
      within((one) => group !== null && one.group === group.name, Math.max(minGroupFailures, Math.floor(members * groupShare) + 1)),
    ],
  ];
  const [what, together] = common.find(([, found]) => found !== null) ?? [];
  if (!what || !together) return pass;
  const ids = together.map(({ id }) => id).sort();
  const rest = ids.length - maxNamed;
  const more = full ? ' and more' : rest > 0 ? ` and ${rest} more` : '';
  const reason = massReason(what, ids, full, window, `${ids.slice(0, maxNamed).join(', ')}${more}`);
  const reports = await ledger.electReporter(`mass failure in ${what}`, incident.key, now, 2 * window * 1000);
  return reports ? { ...hold(reason), shared: ids } : holdQuietly(reason);
};

/** When many different resources fail together, the cause is elsewhere: single actions stop, and one message reports all failures. */
export const massFailure = defineGuard({
  id: 'mass-failure',
  check: { of: { instance: fewFail, group: none, database: fewFail, service: fewFail, queue: fewFail, task: fewFail, certificate: none } },
});
