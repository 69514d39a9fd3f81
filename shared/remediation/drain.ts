import { type DrainCalls, drainCalls } from '../actions/drain.ts';
import { explain, isDenied } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { planDrain } from '../guards/drain.ts';
import { type Health, healthy, unhealthy, unknown } from '../health/health.ts';
import { type Backoff, backoffSeconds, brief, onceOnly } from '../model/backoff.ts';
import { type Drained, drainedFrom, putBackBy, targetGroupName } from '../model/drained.ts';
import { formatDuration, minutes, secondsOf } from '../model/duration.ts';
import { RefusedError } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import type { CallError } from '../ports/call-result.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Ledger } from '../ports/ledger.ts';
import { statesOf } from '../resources/registrations.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Journal } from './journal.ts';

/**
 * Load balancers go on sending requests for a while after a target begins to drain, so it is waited for in any case; in seconds.
 * https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2366
 */
const minWait = 20;
/** Between looks, in seconds. */
const pause = 15;
/** How long it may be out for the action itself before people are notified, in seconds. */
const treatmentTime = minutes(30);
/** What was taken out is put back however busy AWS is: for about an hour. */
const putBackBackoff: Backoff = { initial: 5, cap: 120, attempts: 40 };

/** The parts of draining that tests replace. */
export type DrainParts = DrainCalls & { plan: typeof planDrain };

export type DrainDeps = {
  journal: Journal;
  clients: Clients;
  ledger: Pick<Ledger, 'noteDrained' | 'noteBack' | 'noteWhyOut'>;
  policy: Policy;
  killSwitch: KillSwitch;
  incident: string;
  parts?: DrainParts | undefined;
  renewLeases: HeldLeases['renew'];
};

/** Takes an instance out of its load balancers before it is interrupted, and puts it back afterwards. */
export const createDrain = ({ journal, clients, ledger, policy, killSwitch, incident, parts, renewLeases }: DrainDeps) => {
  const { plan: planNow, takeOut, isOut, putBack } = parts ?? { ...drainCalls, plan: planDrain };
  const { note, persist, wait } = journal;
  let out: (Drained & { instance: string }) | null = null;

  /** Waits until no request reaches it, or the time for that is over. */
  const settle = async (instance: string, drained: Drained, seconds: number): Promise<void> => {
    const since = journal.now();
    await wait('drain', minWait);
    for (;;) {
      await renewLeases();
      const { value } = await persist('drain-look', () => isOut(clients, instance, drained), onceOnly);
      const passed = (journal.now() - since) / 1000;
      if (value.ok && value.value) return note('wait', `it is drained after ${formatDuration(passed)}`);
      if (passed >= seconds) return note('wait', `after ${formatDuration(passed)} it is not waited for any longer`);
      await wait('drain', Math.min(pause, seconds - passed));
    }
  };

  /** Why it isn't put back: a person has to do it. */
  const leftOut = async (drained: Drained & { instance: string }, error: CallError): Promise<string> => {
    const { instance } = drained;
    await persist('note-why', () => ledger.noteWhyOut(incident, explain(error)), brief);
    return `DRAINED by selfheal: ${instance} is out of ${drainedFrom(drained)} and could not be put back (${explain(error)}): ${putBackBy(instance, drained)}`;
  };

  /** Puts it back, if it is out. Returns why that was in vain; null if it is back. */
  const back = async (): Promise<string | null> => {
    if (!out) return null;
    const drained = out;
    const { instance } = drained;
    out = null;
    for (let tried = 1; ; tried++) {
      const { value, draw } = await persist('put-back', () => putBack(clients, instance, drained), onceOnly);
      if (value.ok) break;
      const { error } = value;
      // A group that has just lost another member or is busy refuses for a while; what no longer exists never comes back.
      const final = error.kind === 'refused' && (isDenied(error) || drained.standby === null);
      if (final || tried >= putBackBackoff.attempts) return leftOut(drained, error);
      const seconds = backoffSeconds(tried, putBackBackoff, draw);
      note('act', `it is not put back yet: ${explain(error)}`);
      await wait('put-back-backoff', seconds);
    }
    note('act', `${instance} is put back into ${drainedFrom(drained)}`);
    await persist('note-back', () => ledger.noteBack(incident), brief);
    return null;
  };

  /**
   * Takes the instance out, if it serves requests. Returns why it must not be interrupted; null if it may be.
   */
  const leave = async (facts: ResourceSnapshot): Promise<{ status: 'held' | 'escalated'; reason: string } | null> => {
    const { instance } = facts;
    const settings = policy.drain;
    if (!instance || !settings) return null;
    const notDrained = (because: string): null => {
      note('decide', `it is not drained: ${because}`);
      return null;
    };
    const cannot = (because: string) =>
      settings.else === 'act'
        ? notDrained(because)
        : { status: 'escalated' as const, reason: `${instance.id} serves requests and can't be drained: ${because}` };
    const { value: planned } = await persist('drain-plan', () => planNow({ clients, facts, policy }));
    if (!planned.ok) return cannot(explain(planned.error));
    const plan = planned.value;
    if (plan.kind === 'nothing') return notDrained(plan.because);
    if (plan.kind === 'cannot') return cannot(plan.because);
    const seconds = Math.max(minWait, Math.min(plan.delay, secondsOf(settings.atMost)));
    const drained: Drained = { ...plan.drained, until: journal.now() + (seconds + treatmentTime) * 1000 };
    const about = { instance: instance.id, group: instance.groupName, drained };
    // Before the call: what is not recorded would not be found after a death.
    const { value: noted } = await persist('note-drained', (at) => ledger.noteDrained(incident, at, about));
    if (!noted.ok && noted.error.code === 'IncidentStopped') return { status: 'escalated', reason: noted.error.message };
    if (!noted.ok) return { status: 'held', reason: `the ledger can't be written: ${explain(noted.error)}` };
    out = { ...drained, instance: instance.id };
    note('act', `${instance.id} leaves ${drainedFrom(drained)}, for which it gets at most ${formatDuration(seconds)}`);
    const { value: taken } = await persist(
      'drain',
      async (at) => {
        // Tries may be minutes apart.
        if ((await killSwitch.read(at)) !== 'on') throw new RefusedError('SwitchedOff', 'selfheal is switched off');
        await takeOut(clients, instance.id, drained);
      },
      brief,
    );
    if (!taken.ok) {
      // A part of it may have been done.
      const why = await back();
      return why === null ? cannot(explain(taken.error)) : { status: 'escalated', reason: why };
    }
    await settle(instance.id, drained, seconds);
    return null;
  };

  /** Whether all its targets are healthy again, within so many seconds. */
  const servesAgain = async (drained: Drained, within: number): Promise<Health> => {
    const since = journal.now();
    for (;;) {
      const { value } = await persist('target-look', () => statesOf(clients, drained.places), onceOnly);
      const states = value.ok ? value.value : [];
      const sick = drained.places.flatMap(({ targetGroup }, i) =>
        states[i] === 'healthy' ? [] : [`${states[i] === 'gone' ? 'not listed' : states[i]} in ${targetGroupName(targetGroup)}`],
      );
      if (value.ok && sick.length === 0) return healthy('it is healthy in its target groups again');
      const left = within - (journal.now() - since) / 1000;
      if (left <= 0) return value.ok ? unhealthy(`it is ${sick.join(', ')}`) : unknown(explain(value.error));
      await wait('target-wait', Math.min(pause, left));
    }
  };

  return { isOut: () => out, leave, back, servesAgain };
};

export type Drain = ReturnType<typeof createDrain>;
