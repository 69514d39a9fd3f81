import { type Common, commonReason, type MassIn, massReason, massScope, nameSome } from '../model/mass-failure-text.ts';
import { zoneOf } from '../model/resources/index.ts';
import type { Failing, OptedIn } from '../ports/failure-correlation.ts';
import { type Check, defineGuard, hold, holdQuietly, none, pass } from './guard.ts';

/** The minimum number of failing members for a group failure, whatever their share. */
const minGroupFailures = 3;

/**
 * How many resources fail together before it is a mass failure: the policy's number, or its share of what has opted in, where that is known
 * and more. Only instances are counted, which is less than what may fail, and the share is rounded down: both err towards holding.
 */
export const maxFailing = (least: number, share: number, optedIn: number | undefined): number =>
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
  const found: ['account' | 'zone' | 'group', string | undefined, Failing[] | null][] = [
    ['account', undefined, within(() => true, full ? 0 : maxFailing(account, share, optedIn?.all))],
    ['zone', place, within((one) => place !== undefined && one.zone === place, maxFailing(zone, share, inZone(optedIn, place)))],
    [
      'group',
      group?.name,
      within((one) => group !== null && one.group === group.name, Math.max(minGroupFailures, Math.floor(members * groupShare) + 1)),
    ],
  ];
  const [scope, name, together] = found.find(([, , some]) => some !== null) ?? [];
  if (!scope || !together) return pass;
  const what = massScope(scope, incident, name);
  const ids = together.map(({ id }) => id).sort();
  const reason = massReason(what, ids, full, window, nameSome(ids, full));
  const limits = { windowMs: window * 1000, quietMs: 2 * window * 1000 };
  if (!(await ledger.electReporter(`mass failure in ${what}`, incident.key, now, limits.quietMs))) return holdQuietly(reason);
  // A group's own failure is nobody else's. A zone's name means another zone in another account: one without an id is reported by itself.
  const zoneId = facts.instance?.zoneId ?? null;
  const { account: accountId, region } = incident;
  const commons: Common[] =
    scope === 'account'
      ? [
          { of: 'region', id: region },
          { of: 'account', id: accountId },
        ]
      : scope === 'zone' && zoneId !== null
        ? [{ of: 'zone', id: zoneId }]
        : [];
  const own: MassIn = { account: accountId, region, count: ids.length, more: full, zone: scope === 'zone' ? (name ?? null) : null };
  for (const common of commons) {
    const joined = await ledger.joinMass(common, incident.key, own, now, limits);
    if (joined.role === 'first') continue;
    const shared = commonReason(common, joined.places, 2 * window);
    return joined.role === 'teller' ? { ...hold(shared), shared: ids } : holdQuietly(shared);
  }
  return { ...hold(reason), shared: ids };
};

/** When many different resources fail together, the cause is elsewhere: single actions stop, and one message reports all failures. */
export const massFailure = defineGuard({
  id: 'mass-failure',
  check: { of: { instance: fewFail, group: none, database: fewFail, service: fewFail, queue: fewFail, task: fewFail, certificate: none } },
});
