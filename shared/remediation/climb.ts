import { type Action, has, toDo, wouldHave } from '../actions/action.ts';
import { explain, isDenied } from '../aws/call.ts';
import { failingLaunch, recentLaunches } from '../aws/launches.ts';
import { askGuards } from '../guards/ask.ts';
import { guards, guardsForGood, guardsMidway } from '../guards/index.ts';
import { groupMayReplace } from '../health/group.ts';
import type { Health } from '../health/health.ts';
import { type Backoff, backoffSeconds } from '../model/backoff.ts';
import { formatDuration, minutes } from '../model/duration.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import { type Leasable, placedAt } from '../model/place.ts';
import type { Resource } from '../model/resource.ts';
import type { Facts } from '../model/snapshot.ts';
import type { Condition, Playbook, Rung } from '../playbooks/playbook.ts';
import { policyFor } from '../policy/effective-policy.ts';
import type { Neighbours } from '../ports/failure-correlation.ts';
import type { Attempt } from '../ports/ledger.ts';
import type { Replacements } from '../ports/replacements.ts';
import { perform, settling } from './perform.ts';
import { leastBetweenLooks, type Ways } from './sight.ts';
import type { Treatment, Verdict } from './treatment-context.ts';

/** The parts of a playbook that treatment uses. */
export type Ladder = Pick<Playbook, 'failing' | 'healthy' | 'ladder' | 'rounds'>;

/** How often it may look healthy on one look but not on the next before a person has to find out why. */
const maxFlaps = 5;
/** Between tries of an action that a guard holds for now. */
const holdBackoff: Backoff = { initial: 60, cap: 600, attempts: Number.POSITIVE_INFINITY };

/** Whether all conditions hold on a look. */
export const conditionsMet = (conditions: readonly Condition[], seen: Facts): boolean => conditions.every(({ met }) => met(seen));

/** Asks all guards in one step, which also acquires leases. */
const askAll = (
  treatment: Treatment,
  action: Action,
  target: Resource,
  failing: Health,
  seen: Facts,
  which = treatment.deps.guards ?? guards,
) => {
  const { deps, durable, holdings, consent } = treatment;
  const { clients, ledger, policy, killSwitch } = deps;
  const incident = treatment.incident();
  return durable.step('guard', async () => {
    let attempts: readonly Attempt[] | undefined;
    const taken: Leasable[] = [];
    const now = deps.now();
    let looked: Promise<Neighbours> | undefined;
    let counted: Promise<Replacements[]> | undefined;
    const countedOf = async (): Promise<Replacements[]> => {
      const { type, id } = incident.resource;
      const of = [...(seen.group ? [{ type: 'group', id: seen.group.name }] : []), ...(type === 'target-group' ? [{ type, id }] : [])];
      return Promise.all(of.map((one) => ledger.replacements(placedAt(incident, one))));
    };
    const take = async (one: { type: string; id: string }) => {
      const what = placedAt(incident, one);
      const lease = await ledger.acquire(what, incident.key, now, now + policy.lease.seconds * 1000);
      if (lease.acquired) taken.push(what);
      return lease;
    };
    const answer = await askGuards(which, {
      incident,
      facts: seen,
      policy: policyFor(policy, { incident, facts: seen }),
      action,
      target,
      health: failing,
      now,
      clients,
      ledger,
      killSwitch,
      neighbours: () => {
        const one = { id: target.id, zone: seen.instance?.availabilityZone ?? null, group: seen.group?.name ?? null };
        const where = [seen.instance?.availabilityZone, seen.instance?.zoneId, incident.region].filter((id) => typeof id === 'string');
        looked ??= ledger.noteFailing(incident, one, now, policy.massFailure.window * 1000, where);
        return looked;
      },
      take,
      held: holdings.all(),
      lease: async () => {
        const lease = await take(target);
        if (lease.acquired) attempts = lease.attempts;
        return lease;
      },
      attempts: () => attempts,
      replacements: () => {
        counted ??= countedOf();
        return counted;
      },
      approved: consent.has(action, target),
    });
    return { ...answer, taken, attempts: attempts ?? [], replacements: (await counted) ?? [], at: deps.now(), draw: deps.random() };
  });
};

/**
 * Why no action will be taken in any case, so that people are notified at once and not after every wait; null if one may be. A group that
 * replaces its members is waited for in any case.
 */
export const nothingWillBeDone = async (treatment: Treatment, { ladder, failing }: Ladder, seen: Facts): Promise<Verdict | null> => {
  if (ladder[0]?.kind !== 'watch' || groupMayReplace(seen) || treatment.incident().alarm === null) return null;
  let no: Verdict | null = null;
  for (const step of ladder) {
    if (step.kind !== 'act' || !conditionsMet(step.when, seen)) continue;
    const target = step.action.target(seen);
    if (!target) continue;
    const health = treatment.sight.health(failing, seen);
    if (health.state !== 'unhealthy') return null;
    const answer = await askAll(treatment, step.action, target, health, seen, guardsForGood);
    if (answer.answer !== 'escalate' && (answer.answer !== 'hold' || answer.passing === true)) return null;
    if (no === null) treatment.journal.note('guard', answer.text, answer.answers);
    const quiet = answer.answer === 'hold' && answer.quiet === true;
    no ??= { status: answer.answer === 'hold' ? 'held' : 'escalated', verified: false, reason: answer.reason, quiet };
  }
  return no;
};

/** Reports the new public address, if it changed. */
const newAddress = async ({ sight }: Treatment, action: Action, before: Facts): Promise<string> => {
  const old = before.instance?.address;
  if (!has(action, 'changesAddress') || !old || old.elastic) return '';
  const now = (await sight.again())?.instance?.address?.ip ?? 'not known yet';
  return now === old.ip ? '' : `; its public address was ${old.ip} and is ${now}`;
};

/** Why a member that we removed hasn't been replaced, in the group's own words; null if it was not removed. */
const notReplaced = async ({ deps, journal, sight }: Treatment, { id }: Resource, since: number): Promise<string | null> => {
  const group = sight.last()?.group;
  const own = group?.members.find(({ instanceId }) => instanceId === id);
  if (!group || (own && stageOf(own.lifecycleState) === 'in-service')) return null;
  const { value } = await journal.persist('launches', () => recentLaunches(deps.clients.autoScaling, group.name));
  const failing = value.ok ? failingLaunch(value.value, since) : null;
  const { inService } = group.count;
  if (!failing && inService >= group.desired) return null;
  const why = failing ? `the group can't launch: ${failing.message}` : `${inService} of ${group.desired} members are in service`;
  return `TERMINATED by selfheal: ${id} of group ${group.name}; ${why}`;
};

/** The number of ids in a timeline line. */
const inLine = 25;

const nameAll = ({ journal }: Treatment, ids: readonly string[]): void => {
  for (let from = 0; from < ids.length; from += inLine) journal.note('decide', `fails: ${ids.slice(from, from + inLine).join(', ')}`);
};

/** How long to collect resources of a mass failure for a single message, which people get within a minute; in seconds. */
const together = 50;

/** A rung that didn't help, and why. `judged`: it was done, and its effect could be verified. */
export type Spent = { spent: string; judged: boolean };

/** Tries a rung until it heals the resource, is held, or is exhausted, so that the next one begins; nothing begins after `latest`. */
export const climb = async (
  treatment: Treatment,
  rung: Rung,
  ladder: Ladder,
  latest = Number.POSITIVE_INFINITY,
): Promise<Verdict | Spent> => {
  const { deps, journal, sight, holdings, consent } = treatment;
  const { note, wait } = journal;
  const { clients, ledger, policy, killSwitch } = deps;
  const { action, backoff } = rung;
  // Once anything was done or may have been, a person has to look: our own stop with a lost response looks like someone else's.
  const held = (reason: string, quiet = false): Verdict =>
    treatment.didAct() ? escalated(`an action is only partly done: ${reason}`) : { status: 'held', verified: false, reason, quiet };
  const escalated = (reason: string): Verdict => ({ status: 'escalated', verified: false, reason });
  const spent = (why: string): Spent => ({ spent: `${action.id} ${why}`, judged: certain > 0 });
  /** How long attempts matter to any guard, in milliseconds. */
  const remembered = Math.max(policy.budget.window, policy.flapping.window) * 1000;
  /** After this rung's action its own checks apply; before it, either set does. */
  const ways = (): Ways => {
    if (!rung.healthy) return [ladder.healthy];
    return tries > 0 ? [rung.healthy] : [ladder.healthy, rung.healthy];
  };
  let tries = 0;
  /** Tries that certainly had an effect. */
  let certain = 0;
  let last = 'unknown reason';
  let heldSince: number | undefined;
  let holds = 0;
  /** The mass failure that this incident reports for others, which ended quietly. */
  let common: string | null = null;
  let flaps = 0;
  for (let attempt = 1; attempt <= backoff.attempts; ) {
    const seen = sight.fresh() ?? (await sight.again());
    if (!seen) return common === null ? treatment.blind() : held(`${common}; selfheal can no longer look at this one`);
    if (ways().some((checks) => sight.health(checks, seen).state === 'healthy')) {
      const confirmed = await sight.verify(ways(), 0, seen);
      if (confirmed?.state === 'healthy')
        return common === null ? treatment.well(confirmed.because) : held(`${common}; this one is healthy again: ${confirmed.because}`);
      if (++flaps >= maxFlaps) return escalated('its health changes from one look to the next, again and again');
      continue;
    }
    if (tries === 0 && !conditionsMet(rung.when, seen)) return spent('no longer fits');
    if (tries === 0 && journal.now() > latest) return { ...held('the calm hours are over'), passing: true };
    const target = action.target(seen);
    if (!target) {
      note('decide', `${action.id}: has no target`);
      return spent('has has no target');
    }
    const answer = await askAll(treatment, action, target, sight.health(ladder.failing, seen), seen);
    note('guard', answer.text, answer.answers);
    if (!(await holdings.keep(answer.taken))) return held("the ledger can't be written");
    if (answer.answer === 'escalate') return escalated(answer.reason);
    if (answer.answer === 'hold') {
      if (answer.shared && common === null) {
        common = answer.reason;
        note('wait', `waiting ${formatDuration(together)} to see what else fails`);
        await wait('shared-wait', together);
        continue;
      }
      if (answer.shared) nameAll(treatment, answer.shared);
      heldSince ??= answer.at;
      if (answer.holder !== undefined) treatment.othersTreat(answer.holder);
      const left = ((answer.until ?? 0) - answer.at) / 1000;
      // If something could not be determined, people are notified sooner the more critical it is.
      const patience = answer.error && treatment.incident().severity === 'critical' ? minutes(10) : policy.lease.patience;
      if (!answer.passing || (left <= 0 && answer.at - heldSince >= Math.min(patience, policy.lease.patience) * 1000)) {
        const cause = answer.error ? { cause: answer.error } : {};
        return { ...held(answer.reason, answer.quiet), passing: answer.passing === true, ...cause };
      }
      const seconds = Math.max(leastBetweenLooks, left, backoffSeconds(++holds, holdBackoff, answer.draw));
      if (answer.unseen) {
        const error = answer.error ?? { kind: 'uncertain' as const, code: answer.guard ?? 'guard', message: answer.reason };
        await treatment.late.failing(error, seconds, treatment.didAct());
      }
      note('wait', `looking again in ${formatDuration(seconds)}`);
      await wait('hold-wait', seconds);
      continue;
    }
    heldSince = undefined;
    if (answer.answer === 'skip') {
      note('decide', `${action.id}: ${answer.reason}; on to the next rung`);
      return spent(`was skipped (${answer.reason})`);
    }
    const subject = { target, facts: seen, policy };
    const what = toDo(action, subject);
    const dryRun = answer.rehearse !== undefined;
    if (answer.answer === 'ask') {
      if (dryRun) consent.assume(action, target);
      else {
        const no = await consent.ask(treatment.incident(), action, target, what, answer.reason);
        if (no) return no.status === 'held' ? held(no.reason) : escalated(no.reason);
      }
      continue;
    }
    const mayGoOn = async (now: Facts) => {
      const again = await askAll(treatment, action, target, sight.health(ladder.failing, now), now, guardsMidway);
      note('guard', again.text, again.answers);
      return again.answer === 'pass' ? null : { reason: again.reason, passing: again.answer === 'hold' && again.passing === true };
    };
    treatment.begin();
    note('act', dryRun ? wouldHave(action, subject) : what);
    sight.compareWith(seen);
    const performed = await perform(
      {
        incident: treatment.incident(),
        action,
        target,
        facts: seen,
        policy,
        dryRun,
        attempt,
        attempts: answer.attempts.filter(({ at }) => at > answer.at - remembered),
        replacements: answer.replacements,
      },
      { journal, clients, ledger, killSwitch, look: sight.glance, record: treatment.record, late: treatment.late, mayGoOn },
    );
    attempt++;
    if (performed.result === 'refused' && !dryRun) {
      // A more disruptive action doesn't help against a missing permission.
      if (isDenied(performed.error))
        return escalated(`selfheal lacks ${performed.error.call ?? 'a permission'}: ${performed.error.code}: ${performed.error.message}`);
      note('decide', `${action.id} was refused (${explain(performed.error)}): on to the next rung`);
      return spent(`was refused (${explain(performed.error)})`);
    }
    if (performed.result === 'half-done') {
      const state = sight.last()?.instance?.state ?? 'in an unknown state';
      const begun = has(action, 'removesFromService') ? `STOPPED by selfheal: ${target.id} is ${state}` : `${what}: started`;
      return escalated(`${begun}, and the action was not completed (${explain(performed.error)})`);
    }
    if (dryRun) {
      const said =
        performed.result === 'acted'
          ? wouldHave(action, subject)
          : `would have tried to ${what}, which AWS would have refused: ${explain(performed.error)}`;
      return { status: 'dry-run', verified: false, reason: said };
    }
    if (performed.result === 'acted') {
      tries++;
      if (!performed.uncertain) certain++;
      await wait('verify-wait', settling);
      const checked = await sight.verify(ways(), rung.within);
      if (checked === null) return treatment.blind();
      if (checked.state === 'healthy') return treatment.well(`${checked.because}${await newAddress(treatment, action, seen)}`);
      const gone = has(action, 'destroys') ? await notReplaced(treatment, target, answer.at) : null;
      if (gone) return escalated(gone);
      const { uncertain } = performed;
      last = uncertain ? explain(uncertain) : last;
      const what = uncertain ? `may or may not have been done (${last}), and` : 'did not help';
      note(
        'decide',
        `${action.id} ${uncertain ? `${what} it is not healthy` : what} within ${formatDuration(rung.within)}: ${checked.because}`,
      );
      if (tries >= rung.tries) return spent(certain > 0 ? 'did not help' : `may or may not have been done (${last})`);
    }
    const error = performed.result === 'acted' ? performed.uncertain : performed.error;
    if (performed.result === 'not-done') last = explain(performed.error);
    if (attempt > backoff.attempts) break;
    const seconds = backoffSeconds(attempt - 1, backoff, answer.draw);
    if (error) await treatment.late.failing(error, seconds, certain > 0);
    note('wait', `${action.id}: try ${attempt} of ${backoff.attempts} in ${formatDuration(seconds)}`);
    await wait('rung-wait', seconds);
  }
  return spent(certain > 0 ? 'did not help' : `could not be done in ${backoff.attempts} tries (${last})`);
};
