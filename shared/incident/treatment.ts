import * as z from 'zod';
import type { Action } from '../actions/action.ts';
import type { CallError } from '../aws/call.ts';
import { type Facts, member } from '../aws/facts.ts';
import { noKillSwitch } from '../aws/kill-switch.ts';
import type { Attempt, Leasable } from '../aws/ledger.ts';
import { type Depth, look } from '../aws/look.ts';
import type { Neighbours } from '../aws/neighbours.ts';
import type { Resource } from '../failures/verdict.ts';
import { askGuards } from '../guards/ask.ts';
import { guards } from '../guards/index.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { assess, type Health, type HealthCheck } from '../health/health.ts';
import { playbooks } from '../playbooks/index.ts';
import { observers } from '../playbooks/observers.ts';
import type { Condition, Playbook, Rung, Watch } from '../playbooks/playbook.ts';
import { policyFor } from '../policy-for.ts';
import { type Backoff, backoffSeconds } from './backoff.ts';
import { secondsToCalm } from './calm.ts';
import { causeOf, childVerdicts } from './children.ts';
import type { DriverDeps } from './driver.ts';
import type { Durable } from './durable.ts';
import { formatDuration } from './duration.ts';
import type { Incident } from './incident.ts';
import { explain, type Journal } from './journal.ts';
import { type ActionRecord, isResolved, type Status } from './outcome.ts';
import { perform, settling } from './perform.ts';

export type Verdict = { status: Status; verified: boolean; reason: string; quiet?: boolean };
type Ladder = Pick<Playbook, 'failing' | 'healthy' | 'ladder' | 'rounds'>;

/** Between looks: soon at first, at most two minutes apart. Status checks and alarms change once a minute. */
const verifyBackoff: Backoff = { initial: 60, cap: 120, attempts: Number.POSITIVE_INFINITY };
const leastBetweenLooks = 10;
/** A look this young, in seconds, needn't be had again. */
const fresh = 2;
/** How long the whole may take to look healthy once its parts do, in seconds. */
const afterRounds = 900;
/** So often may it look healthy once and not twice, before a person has to find out why. */
const maxFlaps = 5;
/** Between tries of what a guard holds for now. */
const holdBackoff: Backoff = { initial: 60, cap: 600, attempts: Number.POSITIVE_INFINITY };

/** How an incident was treated. `incident` names its cause, where that is another thing than what it was opened for. */
export type Treated = Verdict & { incident: Incident; actions: ActionRecord[]; leases: Leasable[] };

/**
 * Looks, asks the guards, acts and verifies, rung by rung, until there is a verdict. Deterministic: all that it knows it has from
 * steps.
 */
export const treatIncident = async (opened: Incident, durable: Durable, journal: Journal, deps: DriverDeps): Promise<Treated> => {
  const { clients, ledger, policy, reporter, home, killSwitch = noKillSwitch } = deps;
  const { note, persist, wait } = journal;
  let incident = opened;
  const acted: ActionRecord[] = [];
  const leased = new Map<string, Leasable>();
  /** What a person has said yes to. */
  const approved = new Set<string>();
  /** The last look, and the one that what has changed is measured against. */
  let facts: Facts | undefined;
  let before: Facts | undefined;
  let lookError: CallError | undefined;
  /** When the leases were last taken or renewed, in milliseconds since the epoch. */
  let renewedAt = 0;
  /** Another incident treats the resource, and will tell of it. */
  let othersTreat = false;
  /** What the bus says of every instance is no news by itself when all is well in the end. */
  const tellsOfItself = incident.alarm !== null || incident.disposition === 'remediate';
  /** The random draw that was remembered with the last look. */
  let lastDraw = 1;
  /** For how long attempts are of interest to some guard, in milliseconds. */
  const remembered = Math.max(policy.budget.window, policy.flapping.window) * 1000;

  const isFresh = () => facts?.full === true && journal.now() - facts.at <= fresh * 1000;

  /** Leases are renewed while the treatment lasts, however long that is; a dead execution's run out soon. */
  const renewLeases = async (): Promise<void> => {
    if (leased.size === 0 || journal.now() - renewedAt < (policy.lease.seconds * 1000) / 3) return;
    for (const what of leased.values()) {
      await persist('renew', (at) => ledger.acquire(what, incident.key, at, at + policy.lease.seconds * 1000));
    }
    renewedAt = journal.now();
  };

  const lookAgain = async (depth: Depth = 'full'): Promise<Facts | null> => {
    await renewLeases();
    const { value, draw } = await persist('look', (at) => (deps.look ?? look)(clients, incident, at, facts, depth));
    lastDraw = draw;
    if (value.ok) {
      facts = value.value;
      before ??= facts;
      return facts;
    }
    lookError = value.error;
    note('look', `the look failed: ${explain(value.error)}`);
    return null;
  };

  const health = (checks: readonly HealthCheck[], seen: Facts): Health => assess(checks, { facts: seen, incident, before: before ?? seen });
  const didAct = () => acted.some(({ result }) => result === 'done' || result.startsWith('uncertain'));

  const well = (because: string): Verdict =>
    didAct()
      ? { status: 'healed', verified: true, reason: because }
      : { status: 'healed-itself', verified: true, reason: `nothing had to be done: ${because}`, quiet: othersTreat || !tellsOfItself };

  const blind = (): Verdict => ({
    // What has been acted upon and can't be looked at any more needs somebody who can.
    status: didAct() ? 'escalated' : 'held',
    verified: false,
    reason: `could not look: ${lookError ? explain(lookError) : 'unknown'}`,
  });

  /**
   * Looks until one of the ways to be healthy is seen on two looks in a row, or `within` seconds are over. The first look may be
   * one that has just been had.
   */
  const verify = async (ways: readonly (readonly HealthCheck[])[], within: number, first?: Facts): Promise<Health | null> => {
    const since = journal.now();
    let streak = 0;
    let said = '';
    for (let looks = 1; ; looks++) {
      const seen = looks === 1 && first ? first : await lookAgain('vital');
      if (!seen) return null;
      const results = ways.map((checks) => health(checks, seen));
      const good = results.find(({ state }) => state === 'healthy');
      const now = good ?? (results[0] as Health);
      streak = good ? streak + 1 : 0;
      const text = good ? `${now.because} (look ${streak} of 2)` : `not yet: ${now.because}`;
      // What hasn't changed since the last look needn't be read again.
      if (text !== said) note('verify', text);
      said = text;
      if (streak === 2) return now;
      const left = within - (journal.now() - since) / 1000;
      if (left <= 0 && streak === 0) return now.state === 'healthy' ? { state: 'unknown', because: now.because } : now;
      const pause = good ? policy.verify.apart : Math.max(leastBetweenLooks, backoffSeconds(looks, verifyBackoff, lastDraw));
      await wait('verify-wait', good ? pause : Math.min(pause, Math.max(leastBetweenLooks, left)));
    }
  };

  const conditionsMet = (conditions: readonly Condition[], seen: Facts): boolean => conditions.every(({ met }) => met(seen));

  /** What an approval is for: one action on one thing. */
  const approvalOf = (action: Action, { type, id }: Resource) => `${action.id} ${type}/${id}`;

  const askAll = (action: Action, target: Resource, failing: Health, seen: Facts) =>
    durable.step('guard', async () => {
      let attempts: readonly Attempt[] | undefined;
      const taken: Leasable[] = [];
      const now = deps.now();
      let looked: Promise<Neighbours> | undefined;
      const take = async (what: Leasable) => {
        const lease = await ledger.acquire(what, incident.key, now, now + policy.lease.seconds * 1000);
        if (lease.acquired) taken.push({ type: what.type, id: what.id });
        return lease;
      };
      const answer = await askGuards(deps.guards ?? guards, {
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
          looked ??= ledger.noteFailing(incident, one, now, policy.massFailure.window * 1000);
          return looked;
        },
        take,
        held: [...leased.values()],
        lease: async () => {
          const lease = await take(target);
          if (lease.acquired) attempts = lease.attempts;
          return lease;
        },
        attempts: () => attempts,
        approved: approved.has(approvalOf(action, target)),
      });
      return { ...answer, taken, attempts: attempts ?? [], at: deps.now(), draw: deps.random() };
    });

  /** Remembers what the incident holds, here and in the ledger: false if the ledger can't be told, and then nothing may be done. */
  const hold = async (taken: readonly Leasable[]): Promise<boolean> => {
    const fresh = taken.filter(({ type, id }) => !leased.has(`${type}/${id}`));
    if (taken.length > 0) renewedAt = journal.now();
    for (const what of fresh) leased.set(`${what.type}/${what.id}`, what);
    if (fresh.length === 0) return true;
    const { value } = await persist('note-leases', () => ledger.noteLeases(incident.key, fresh));
    return value.ok;
  };

  /** Waits for a person's decision. Null: he said yes. */
  const askPerson = async (action: Action, target: Resource, what: string, why: string): Promise<Verdict | null> => {
    const seconds = policy.approval.timeout;
    note('guard', `asking a person, who has ${formatDuration(seconds)}: ${why}`);
    const asked = journal.now();
    const answer = await durable.ask('approval', seconds, (callbackId) =>
      reporter.ask({
        incident,
        action: action.id,
        target,
        what,
        why,
        callbackId,
        expiresAt: asked + seconds * 1000,
        timeline: journal.timeline,
      }),
    );
    await persist('approval-answered', async () => null);
    const verdict = (reason: string): Verdict => ({ status: 'held', verified: false, reason });
    if (answer === null) return verdict(`nobody decided within ${formatDuration(seconds)} whether to ${what}`);
    const decision = decisionSchema.safeParse(parseJson(answer));
    if (!decision.success) return verdict(`the answer to whether to ${what} could not be read`);
    const { decision: said, by } = decision.data;
    note('guard', `${by ?? 'a person'} said ${said}`);
    if (said === 'reject') return verdict(`${by ?? 'a person'} decided not to ${what}`);
    approved.add(approvalOf(action, target));
    return null;
  };

  /** Tries a rung until it heals, is held, or is spent. Null: on to the next rung. */
  const climb = async (rung: Rung, ladder: Ladder): Promise<Verdict | null> => {
    const { action, backoff } = rung;
    /** After this rung's action its own measure of health holds; before it, either will do. */
    const ways = (): (readonly HealthCheck[])[] => {
      if (!rung.healthy) return [ladder.healthy];
      return tries > 0 ? [rung.healthy] : [ladder.healthy, rung.healthy];
    };
    let tries = 0;
    let heldSince: number | undefined;
    let holds = 0;
    let flaps = 0;
    for (let attempt = 1; attempt <= backoff.attempts; ) {
      const seen = isFresh() && facts ? facts : await lookAgain();
      if (!seen) return blind();
      if (ways().some((checks) => health(checks, seen).state === 'healthy')) {
        const confirmed = await verify(ways(), 0, seen);
        if (confirmed?.state === 'healthy') return well(confirmed.because);
        if (++flaps >= maxFlaps)
          return { status: 'escalated', verified: false, reason: 'it is healthy on one look and not on the next, again and again' };
        continue;
      }
      if (tries === 0 && !conditionsMet(rung.when, seen)) return null;
      const target = action.target(seen);
      if (!target) {
        note('decide', `${action.id}: nothing to act upon`);
        return null;
      }
      const failing = health(ladder.failing, seen);
      const answer = await askAll(action, target, failing, seen);
      note('guard', answer.text, answer.answers);
      if (!(await hold(answer.taken))) return { status: 'held', verified: false, reason: "the ledger can't be written" };
      if (answer.answer === 'escalate') return { status: 'escalated', verified: false, reason: answer.reason };
      if (answer.answer === 'hold') {
        heldSince ??= answer.at;
        if (answer.guard === 'lease') othersTreat = true;
        if (!answer.passing || answer.at - heldSince >= policy.lease.patience * 1000)
          return { status: 'held', verified: false, reason: answer.reason, quiet: answer.quiet ?? false };
        const seconds = Math.max(leastBetweenLooks, backoffSeconds(++holds, holdBackoff, answer.draw));
        note('wait', `looking again in ${formatDuration(seconds)}`);
        await wait('hold-wait', seconds);
        continue;
      }
      heldSince = undefined;
      if (answer.answer === 'skip') {
        note('decide', `${action.id}: ${answer.reason}; on to the next rung`);
        return null;
      }
      const what = action.describe({ target, facts: seen, policy });
      if (answer.answer === 'ask') {
        const no = answer.rehearse === undefined ? await askPerson(action, target, what, answer.reason) : null;
        if (no) return no;
        approved.add(approvalOf(action, target));
        continue;
      }
      const dryRun = answer.rehearse !== undefined;
      note('act', `${dryRun ? 'would ' : ''}${what}`);
      before = seen;
      const performed = await perform(
        {
          incident: incident.key,
          action,
          target,
          facts: seen,
          policy,
          dryRun,
          attempt,
          attempts: answer.attempts.filter(({ at }) => at > answer.at - remembered),
        },
        { journal, clients, ledger, killSwitch, look: () => lookAgain('vital'), record: (action) => acted.push(action) },
      );
      attempt++;
      if (performed.result === 'refused' && !dryRun) {
        note('decide', `${action.id} was refused for good (${explain(performed.error)}): on to the next rung`);
        return null;
      }
      if (performed.result === 'half-done') {
        return { status: 'escalated', verified: false, reason: `${what}: begun, but not brought to its end (${explain(performed.error)})` };
      }
      if (dryRun) {
        const said =
          performed.result === 'acted' ? `would ${what}` : `would try to ${what}, which AWS would refuse: ${explain(performed.error)}`;
        return { status: 'dry-run', verified: false, reason: said };
      }
      if (performed.result === 'acted') {
        tries++;
        await wait('verify-wait', settling);
        const checked = await verify(ways(), rung.within);
        if (checked === null) return blind();
        if (checked.state === 'healthy') return well(checked.because);
        note('decide', `${action.id} did not help within ${formatDuration(rung.within)}: ${checked.because}`);
        if (tries >= rung.tries) return null;
      }
      if (attempt > backoff.attempts) break;
      const seconds = backoffSeconds(attempt - 1, backoff, answer.draw);
      note('wait', `${action.id}: try ${attempt} of ${backoff.attempts} in ${formatDuration(seconds)}`);
      await wait('rung-wait', seconds);
    }
    return null;
  };

  const stepAside = async ({ because, atMost, or }: Watch, ladder: Ladder): Promise<Verdict | null> => {
    note('wait', `standing aside for up to ${formatDuration(atMost)}: ${because}`);
    const seen = await verify(or ? [ladder.healthy, or] : [ladder.healthy], atMost);
    if (seen === null) return blind();
    return seen.state === 'healthy' ? well(seen.because) : null;
  };

  const climbLadder = async (ladder: Ladder, first: Facts): Promise<Verdict> => {
    if (ladder.healthy.length > 0 && health(ladder.healthy, first).state === 'healthy') {
      const confirmed = await verify([ladder.healthy], 0, first);
      if (confirmed === null) return blind();
      if (confirmed.state === 'healthy') return well(confirmed.because);
    }
    let climbed = 0;
    const unfit: string[] = [];
    for (const step of ladder.ladder) {
      const seen = facts ?? first;
      if (step.kind === 'calm') {
        const seconds = secondsToCalm(journal.now(), policy.calm, incident.evidence.deadline);
        if (seconds > 0) {
          note('wait', `waiting ${formatDuration(seconds)} for a calm hour`);
          await wait('calm-wait', seconds);
          if (!(await lookAgain())) return blind();
        }
        continue;
      }
      if (!conditionsMet(step.when, seen)) {
        const unmet = step.when.filter(({ met }) => !met(seen)).map(({ id }) => id);
        if (step.kind === 'act') unfit.push(`${step.action.id} (only if ${unmet.join(', ')})`);
        continue;
      }
      if (step.kind === 'act') climbed++;
      const verdict = step.kind === 'watch' ? await stepAside(step, ladder) : await climb(step, ladder);
      if (verdict) return verdict;
    }
    const last = facts ? health(ladder.failing, facts).because || health(ladder.healthy, facts).because : 'unknown';
    return {
      status: 'escalated',
      verified: false,
      reason: `${climbed === 0 ? 'nothing could be tried' : 'every rung has been tried'}: ${last}${unfit.length > 0 ? `; ruled out: ${unfit.join(', ')}` : ''}`,
    };
  };

  /** Climbs once for each part of the resource that fails; healed is then only said of the whole. */
  const climbInRounds = async (ladder: Ladder, first: Facts): Promise<Verdict> => {
    let seen = first;
    for (let round = 1; ; round++) {
      const verdict = await climbLadder(ladder, seen);
      if (ladder.rounds === undefined || !isResolved(verdict.status)) return verdict;
      const now = await lookAgain();
      if (!now) return blind();
      if (health(ladder.failing, now).state !== 'unhealthy') {
        const whole = await verify([ladder.healthy], afterRounds, now);
        if (whole === null) return blind();
        return whole.state === 'healthy'
          ? well(whole.because)
          : { status: 'escalated', verified: false, reason: `treated, but ${whole.because}` };
      }
      if (round === ladder.rounds) {
        return { status: 'escalated', verified: false, reason: `after ${round} rounds: ${health(ladder.failing, now).because}` };
      }
      note('decide', `one is well; ${health(ladder.failing, now).because}: on to the next`);
      seen = now;
      before = now;
    }
  };

  const treat = async (): Promise<Verdict> => {
    if (home && (incident.account !== home.account || incident.region !== home.region)) {
      const where = `account ${incident.account}, ${incident.region}`;
      return {
        status: 'escalated',
        verified: false,
        reason: `${incident.reason}; it is in ${where}, and only ${home.account}, ${home.region} is treated from here`,
      };
    }
    let first = await lookAgain();
    if (!first) return blind();
    note('look', describeFacts(first));
    if (first.alarm?.composite) {
      const { value } = await persist('children', () => childVerdicts(clients, incident, policy.classification));
      const verdicts = value.ok ? value.value : [];
      const cause = causeOf(incident, verdicts);
      const told =
        verdicts.map(({ failure, resource }) => `${failure} on ${resource?.id ?? 'nothing'}`).join(', ') || 'nothing that any class claims';
      note('look', value.ok ? `its children tell of ${told}` : `its children could not be looked at: ${explain(value.error)}`);
      if (!cause) {
        const why = value.ok ? `its children tell of ${told}` : `its children could not be looked at: ${explain(value.error)}`;
        return {
          status: 'escalated',
          verified: false,
          reason: `${incident.alarm?.name ?? incident.resource.id} is a composite alarm, and ${why}`,
        };
      }
      incident = cause;
      first = await lookAgain();
      if (!first) return blind();
      note('look', describeFacts(first));
    }
    if (incident.failure === 'zone-impaired') {
      const until = journal.now() + policy.healers.zone * 1000;
      const { value } = await persist('note-zone', () => ledger.noteImpaired(incident, incident.resource.id, until));
      if (!value.ok) note('decide', `single instances there are not held back: ${explain(value.error)}`);
    }
    const { playbook: named } = policyFor(policy, { incident, facts: first });
    // A payload that says both escalate and a playbook was not made by intake.
    const playbook = incident.disposition === 'remediate' ? named : null;
    const ladder = playbook ? (deps.playbooks ?? playbooks)[playbook] : observers[incident.failure];
    if (!ladder) {
      const why = incident.playbook ? `its policy or its tags leave it to a person: ${incident.reason}` : incident.reason;
      return { status: 'escalated', verified: false, reason: why };
    }
    if (!playbook && incident.alarm === null && first.instance && !isOptedIn(first.instance.tags, policy)) {
      return { status: 'held', verified: false, reason: `${incident.reason}; ${first.instance.id} is not opted in`, quiet: true };
    }
    return climbInRounds(ladder, first);
  };

  const verdict = await treat();
  return { ...verdict, incident, actions: acted, leases: [...leased.values()] };
};

const decisionSchema = z.object({ decision: z.enum(['approve', 'reject']), by: z.string().max(200).optional() });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** One line of what a look saw, for the timeline. */
const describeFacts = (facts: Facts): string => {
  const { instance, status, group, alarm, targets } = facts;
  const parts: string[] = [];
  if (instance) parts.push(`${instance.id} ${instance.state} in ${instance.availabilityZone}`);
  if (status) parts.push(`system check ${status.system}, instance check ${status.instance}`);
  if (group) parts.push(`group ${group.name} ${group.members.length}/${group.desired} (max ${group.max})`);
  const own = member(facts);
  if (own) parts.push(`member ${own.lifecycleState}, ${own.health}`);
  if (targets) parts.push(`${targets.filter(({ state }) => state === 'healthy').length} of ${targets.length} targets healthy`);
  if (alarm) parts.push(`alarm ${alarm.name} ${alarm.state}`);
  return parts.length > 0 ? parts.join('; ') : 'there is no such resource';
};
