import { type Action, addressAfter, has } from '../actions/action.ts';
import { interruptsInstance } from '../actions/drain.ts';
import { failingLaunch, recentLaunches } from '../aws/launches.ts';
import { evaluateGuards } from '../guards/evaluate.ts';
import { guards, guardsForGood, guardsMidway } from '../guards/index.ts';
import type { Health, HealthCheck } from '../health/health.ts';
import { tellStop } from '../model/act.ts';
import { brief, onceOnly } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import type { Foreseen } from '../model/foreseen.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import { type Leasable, placedAt } from '../model/place.ts';
import type { Resource } from '../model/resource.ts';
import { typesOfResource } from '../model/resources/index.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import type { Watch } from '../playbooks/playbook.ts';
import { policyFor } from '../policy/effective-policy.ts';
import type { CorrelatedFailures } from '../ports/failure-correlation.ts';
import type { Attempt } from '../ports/ledger.ts';
import type { Replacements } from '../ports/replacements.ts';
import { atItsFoot, decide, type Effect, failingOf, type Ladder, rememberedMs, type StepEvent, selfRecoverySeconds } from './decide.ts';
import { maintenanceSlot, type Slot, spreadOf } from './maintenance-window.ts';
import { consistencyDelay, perform } from './perform.ts';
import { minObservationInterval, paceOf, patiently } from './resource-observer.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** Asks all guards in one step, which also acquires leases. */
const evaluateAll = (
  treatment: Treatment,
  action: Action,
  target: Resource,
  failing: Health,
  seen: ResourceSnapshot,
  which = treatment.deps.guards ?? guards,
) => {
  const { deps, durable, heldLeases, approvals } = treatment;
  const { clients, ledger, policy, killSwitch } = deps;
  const incident = treatment.incident();
  return durable.step('guard', async () => {
    let attempts: readonly Attempt[] | undefined;
    const taken: Leasable[] = [];
    const now = deps.now();
    let looked: Promise<CorrelatedFailures> | undefined;
    let counted: Promise<Replacements[]> | undefined;
    const countedOf = async (): Promise<Replacements[]> => {
      const { type, id } = incident.resource;
      const of = [
        ...(seen.group ? [{ type: 'group', id: seen.group.name }] : []),
        ...(typesOfResource[type].targets ? [{ type, id }] : []),
      ];
      return Promise.all(of.map((one) => ledger.replacements(placedAt(incident, one))));
    };
    const take = async (one: { type: string; id: string }) => {
      const what = placedAt(incident, one);
      const lease = await ledger.acquire(what, incident.key, now, now + policy.lease.seconds * 1000);
      if (lease.acquired) taken.push(what);
      return lease;
    };
    const answer = await evaluateGuards(which, {
      incident,
      facts: seen,
      policy: policyFor(policy, { incident, facts: seen }),
      action,
      target,
      health: failing,
      now,
      clients,
      ledger,
      pauses: ledger,
      killSwitch,
      correlatedFailures: () => {
        const { failing: one, where } = failingOf(target, seen, incident.region);
        looked ??= ledger.noteFailing(incident, one, now, policy.massFailure.window * 1000, where);
        return looked;
      },
      take,
      held: heldLeases.all(),
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
      approved: approvals.has(action, target),
    });
    return { ...answer, taken, attempts: attempts ?? [], replacements: (await counted) ?? [], at: deps.now(), draw: deps.random() };
  });
};

/** What people read of an action before they decide on it. */
const foreseenOf = (treatment: Treatment, action: Action, facts: ResourceSnapshot): Foreseen => {
  const last = new Map(treatment.records().map((record) => [JSON.stringify([record.action, record.attempt, record.target]), record]));
  return {
    downtime: action.downtime,
    address: addressAfter(action, facts),
    undo: action.undo,
    tried: [...last.values()].map(({ at, action, attempt, result }) => ({ at, action, attempt, result })),
  };
};

/** Reports the new public address, if it changed. */
const newAddress = async ({ observer }: Treatment, action: Action, before: ResourceSnapshot): Promise<string> => {
  const old = before.instance?.address;
  if (!has(action, 'changesAddress') || !old || old.elastic) return '';
  const now = (await observer.observe())?.instance?.address?.ip ?? 'not known yet';
  return now === old.ip ? '' : `; its public address was ${old.ip} and is ${now}`;
};

/** Why a member that we removed hasn't been replaced, in the group's own words; null if it was not removed. */
const notReplaced = async ({ deps, journal, observer }: Treatment, { id }: Resource, since: number): Promise<string | null> => {
  const group = observer.last()?.group;
  const own = group?.members.find(({ instanceId }) => instanceId === id);
  if (!group || (own && stageOf(own.lifecycleState) === 'in-service')) return null;
  const { value } = await journal.persist('launches', () => recentLaunches(deps.clients.autoScaling, group.name));
  const failing = value.ok ? failingLaunch(value.value, since) : null;
  const { inService } = group.count;
  if (!failing && inService >= group.desired) return null;
  const why = failing ? `the group can't launch: ${failing.message}` : `${inService} of ${group.desired} members are in service`;
  return `TERMINATED by selfheal: ${id} of group ${group.name}; ${why}`;
};

/** Optional: it only decides whether further AWS events about the resource join this incident, and what people see. One try. */
const noteWaiting = async ({ incident, journal, deps: { ledger } }: Treatment, seconds: number): Promise<void> => {
  const { resource, key } = incident();
  if (!typesOfResource[resource.type].machine) return;
  await journal.persist(
    'note-waiting',
    async (at) => {
      await ledger.noteWaiting(placedAt(incident(), resource), key, at, at + seconds * 1000);
      if (seconds > 0) await ledger.noteStory(key, journal.timeline);
    },
    onceOnly,
  );
};

/** Waits for someone else to heal the resource; null if that was in vain. */
export const waitForSelfRecovery = async (treatment: Treatment, watch: Watch, ladder: Ladder): Promise<TreatmentResult | null> => {
  const { observer, journal, recovered, unobservable } = treatment;
  const { because, or } = watch;
  const seconds = selfRecoverySeconds(watch, observer.last()?.group);
  journal.note('wait', `standing aside for up to ${formatDuration(seconds)}: ${because}`);
  await noteWaiting(treatment, seconds);
  // Leases are renewed between looks, and may not last for pauses that long.
  const pace = treatment.heldLeases.all().length === 0 ? patiently : undefined;
  const seen = await observer.verify(or ? [ladder.healthy, or] : [ladder.healthy], seconds, observer.fresh(), pace);
  // After waiting in vain the note has expired.
  if (seen !== null && seen.state !== 'healthy') return null;
  await noteWaiting(treatment, 0);
  return seen === null ? unobservable() : { ...recovered(seen.because), hadFailed: true };
};

/** Waits for the next maintenance window after `from` and returns it; null if none applies. */
const awaitCalm = async ({ deps, journal, incident }: Treatment, from: number): Promise<Slot['window']> => {
  const { key, evidence } = incident();
  const { at, window } = maintenanceSlot(from, deps.policy.calm, evidence.deadline, spreadOf(key));
  // Without a window there is nothing to wait for.
  const seconds = window ? (at - journal.now()) / 1000 : 0;
  if (seconds >= 1) {
    journal.note('wait', `waiting ${formatDuration(seconds)} for the maintenance window`);
    await journal.persist('note-story', () => deps.ledger.noteStory(key, journal.timeline), onceOnly);
    await journal.wait('calm-wait', seconds);
  }
  return window;
};

/** Runs a ladder: carries out the effects that `decide` asks for, one after the other, and reports back what came of each. */
export const runLadder = async (treatment: Treatment, ladder: Ladder, first: ResourceSnapshot): Promise<TreatmentResult> => {
  const { deps, journal, observer, heldLeases, approvals, drain, recovered, unobservable } = treatment;
  const { note, wait } = journal;
  const { clients, ledger, policy, killSwitch, away } = deps;
  const lastSeen = () => observer.last() ?? first;
  /** The guards' last answer, and the look before the last action. */
  let answered: Pick<Awaited<ReturnType<typeof evaluateAll>>, 'at' | 'attempts' | 'replacements'> = {
    at: 0,
    attempts: [],
    replacements: [],
  };
  let before = first;
  const escalated = (reason: string): TreatmentResult => ({ status: 'escalated', verified: false, reason });

  const evaluate = async (
    { action, target, forGood }: Extract<Effect, { kind: 'evaluate-guards' }>,
    seen = lastSeen(),
  ): Promise<StepEvent> => {
    const health = observer.health(ladder.failing, seen);
    if (forGood) return { kind: 'guards-evaluated', answer: await evaluateAll(treatment, action, target, health, seen, guardsForGood) };
    const answer = await evaluateAll(treatment, action, target, health, seen);
    answered = answer;
    note('guard', answer.text, answer.answers);
    if (!(await heldLeases.keep(answer.taken))) return { kind: 'stopped', status: 'held', reason: "the ledger can't be written" };
    if (answer.answer === 'hold' && answer.holder !== undefined) treatment.othersTreat(answer.holder, answer.waits === true);
    return { kind: 'guards-evaluated', answer };
  };

  const agree = async ({ action, target, what, why, assumed }: Extract<Effect, { kind: 'approval' }>): Promise<StepEvent> => {
    if (assumed) approvals.assume(action, target);
    else {
      const no = await approvals.request(treatment.incident(), action, target, what, why, foreseenOf(treatment, action, lastSeen()));
      if (no) {
        // Whoever stops an incident says no to its question by that.
        const { value: stop } = await journal.persist('stop-order', () => ledger.stopOf(treatment.incident().key), brief);
        return stop.ok && stop.value ? { kind: 'stopped', status: 'escalated', reason: tellStop(stop.value) } : { kind: 'stopped', ...no };
      }
    }
    return { kind: 'agreed' };
  };

  /** After a drain, which takes minutes, everything that spoke for the action is asked again; null if it still does. */
  const askAgain = async ({ action, target }: Extract<Effect, { kind: 'act' }>): Promise<StepEvent | null> => {
    const { resource } = treatment.incident();
    // A look by its targets no longer finds one that has left them.
    const seen = typesOfResource[resource.type].targets ? before : await observer.observe();
    if (!seen) return { kind: 'unobservable' };
    const again = await evaluate({ kind: 'evaluate-guards', action, target, forGood: false }, seen);
    if (again.kind !== 'guards-evaluated' || again.answer.answer !== 'pass' || again.answer.dryRunOnly !== undefined) return again;
    before = seen;
    return null;
  };

  const act = async (effect: Extract<Effect, { kind: 'act' }>): Promise<StepEvent> => {
    const { action, target, what, dryRun, attempt } = effect;
    before = lastSeen();
    if (policy.drain && !dryRun && interruptsInstance(action, target)) {
      treatment.begin();
      const no = await drain.leave(before);
      if (no) return { kind: 'stopped', ...no };
      const isOld = journal.now() - answered.at > consistencyDelay * 1000;
      const changed = drain.isOut() || isOld ? await askAgain(effect) : null;
      if (changed) return changed;
    }
    const { at, attempts, replacements } = answered;
    const mayGoOn = async (now: ResourceSnapshot) => {
      const again = await evaluateAll(treatment, action, target, observer.health(ladder.failing, now), now, guardsMidway);
      note('guard', again.text, again.answers);
      return again.answer === 'pass' ? null : { reason: again.reason, passing: again.answer === 'hold' && again.passing === true };
    };
    treatment.begin();
    note('act', what);
    observer.setBaseline(before);
    const counted = attempts.filter((one) => one.at > at - rememberedMs(policy));
    const input = {
      incident: treatment.incident(),
      action,
      target,
      facts: before,
      policy,
      dryRun,
      attempt,
      reference: `${treatment.incident().key}/${treatment.attempts()}`,
      attempts: counted,
      replacements,
      drained: drain.isOut(),
    };
    const { record, late } = treatment;
    const performed = await perform(input, {
      journal,
      clients,
      ledger,
      away,
      killSwitch,
      observe: observer.glance,
      follow: observer.follow,
      record,
      late,
      mayGoOn,
      renewLeases: heldLeases.renew,
    });
    return { kind: 'performed', performed };
  };

  /** Waits, and renews short leases meanwhile. */
  const waitHolding = async (name: string, seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; ) {
      const most = Math.max(minObservationInterval, (heldLeases.renewedBy() - journal.now()) / 1000);
      await wait(name, Math.min(left, most));
      left -= most;
      if (left > 0) await heldLeases.renew();
    }
  };

  const verify = async ({ action, target, ways, within }: Extract<Effect, { kind: 'verify' }>): Promise<StepEvent | TreatmentResult> => {
    if (!action.pace) await waitHolding('verify-wait', action.takes ?? consistencyDelay);
    const out = drain.isOut();
    // What is looked at by its targets must be among them again.
    const early = typesOfResource[treatment.incident().resource.type].targets ? await drain.back() : null;
    if (early) return escalated(early);
    const checked = await observer.verify(ways, within, undefined, paceOf(action));
    const why = await drain.back();
    if (why) return escalated(why);
    if (checked === null) return unobservable();
    if (checked.state === 'healthy') {
      const address = await newAddress(treatment, action, before);
      if (!out) return recovered(`${checked.because}${address}`);
      const serves = await drain.servesAgain(out, within);
      if (serves.state === 'healthy') return recovered(`${checked.because}; ${serves.because}${address}`);
      return escalated(`treated and put back, but ${serves.because}: ${checked.because}`);
    }
    const gone = has(action, 'destroys') ? await notReplaced(treatment, target, answered.at) : null;
    return { kind: 'verified', because: checked.because, gone };
  };

  const carryOut = async (effect: Effect): Promise<StepEvent | TreatmentResult> => {
    // Whatever else comes of an action, what it was taken out of comes first.
    const left = effect.kind === 'verify' ? null : await drain.back();
    // Whoever registers it again must know as well what the action itself came to: one that is stopped has to be started first.
    if (left) return escalated(effect.kind === 'end' ? `${left}; ${effect.verdict.reason}` : left);
    switch (effect.kind) {
      case 'observe':
        return { kind: (observer.fresh() ?? (await observer.observe())) ? 'observed' : 'unobservable' };
      case 'maintenance-window': {
        const window = await awaitCalm(treatment, effect.from);
        const seen = (effect.anew ? undefined : observer.fresh()) ?? (await observer.observe());
        return seen ? { kind: 'maintenance-window', window } : unobservable();
      }
      case 'wait-for-self-recovery':
        return (await waitForSelfRecovery(treatment, effect.watch, ladder)) ?? { kind: 'self-recovery-awaited' };
      case 'confirm':
        return { kind: 'confirmed', health: await observer.verify(effect.ways, 0, lastSeen()) };
      case 'evaluate-guards':
        return evaluate(effect);
      case 'approval':
        return agree(effect);
      case 'act':
        return act(effect);
      case 'verify':
        return verify(effect);
      case 'wait': {
        const { name, seconds, says, failing } = effect;
        if (failing) await treatment.late.failing(failing.error, seconds, failing.acted);
        note('wait', says);
        await wait(name, seconds);
        return { kind: 'waited' };
      }
      case 'unobservable':
        return unobservable();
      case 'recovered':
        return recovered(effect.because);
      case 'end':
        return effect.verdict;
    }
  };

  let state = atItsFoot;
  for (let happened: StepEvent = { kind: 'begun' }; ; ) {
    const seen = lastSeen();
    const health = (checks: readonly HealthCheck[]) => observer.health(checks, seen);
    const snapshot = { facts: seen, health, now: journal.now(), acted: treatment.didAct() };
    const decision = decide({ ladder, policy, incident: treatment.incident() }, state, happened, snapshot);
    state = decision.state;
    for (const { phase, text, answers } of decision.notes) note(phase, text, answers);
    const came = await carryOut(decision.effect);
    if ('verified' in came) return came;
    happened = came;
  }
};
