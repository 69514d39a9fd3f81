import type { Classification } from '../../shared/model/classification.ts';
import { dayMs, minuteMs } from '../../shared/model/duration.ts';
import { type Incident, openIncident } from '../../shared/model/incident.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { atItsFoot, rememberedMs } from '../../shared/remediation/decide.ts';
import type { Decision } from './decision.ts';
import { alarmKey, type Fact, nowhere } from './facts.ts';
import { createHeap, type Timed } from './heap.ts';
import type { Inventory } from './inventory.ts';
import { createLedger, type SavedLedger } from './ledger.ts';
import { createMemory, type SavedMemory } from './memory.ts';
import { createPolicyRun, type Ending, ending, type Next, type PendingIncident } from './policy-run.ts';

/** How many keys are kept to recognise redeliveries, and how many incidents may be open at once. */
const most = { seen: minuteMs, courses: 5_000 };
/** How long EventBridge retries a delivery, in milliseconds: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const redeliveredFor = dayMs;

type Timer = Timed & { key: string };

export type SavedLane = {
  clock: number;
  timers: readonly Timer[];
  timerSeq: number;
  courses: [string, PendingIncident][];
  seen: SavedMemory<number>;
  ledger: SavedLedger;
  cut: number;
};

type LaneOptions = {
  policy: Policy;
  inventory: Inventory;
  /** How long a treatment is taken to last, in milliseconds. */
  healsAfter: number;
  /** Called for each incident when it opens, and for its decision, once each; by the fact that opened it. */
  opened: (seq: number, incident: Incident, now: number) => void;
  settle: (seq: number, incident: Incident, decision: Decision, more: { okBefore: boolean }) => void;
};

/**
 * Runs one policy through a history: incidents, their merging, and time. It takes facts in order, and its memory doesn't grow with their
 * number. Deterministic.
 */
export const createLane = ({ policy, inventory, healsAfter, opened, settle }: LaneOptions, saved?: SavedLane) => {
  let clock = saved?.clock ?? 0;
  let timerSeq = saved?.timerSeq ?? 0;
  let cut = saved?.cut ?? 0;
  const timers = createHeap<Timer>(saved?.timers);
  const courses = new Map<string, PendingIncident>(saved?.courses);
  /** Keys of the open incidents by alarm. */
  const byAlarm = new Map<string, Set<string>>();
  /** When an incident was opened, by its key. */
  const seen = createMemory<number>(most.seen, saved?.seen, (at) => at > clock - redeliveredFor);
  const ledger = createLedger(() => clock - rememberedMs(policy), saved?.ledger);
  const proceedWith = createPolicyRun({ policy, inventory, ledger, healsAfter });

  const link = (key: string, { incident }: PendingIncident): void => {
    const alarm = alarmKey(incident);
    if (alarm === null) return;
    const others = byAlarm.get(alarm);
    if (others) others.add(key);
    else byAlarm.set(alarm, new Set([key]));
  };
  for (const [key, one] of courses) link(key, one);

  const end = (one: PendingIncident, decision: Ending, okBefore = false): void => {
    const { incident } = one;
    courses.delete(incident.key);
    if (one.target) ledger.release(one.target, incident.key, decision.status === 'treated' ? clock : null);
    const alarm = alarmKey(incident);
    const others = alarm === null ? undefined : byAlarm.get(alarm);
    others?.delete(incident.key);
    if (alarm !== null && others?.size === 0) byAlarm.delete(alarm);
    settle(one.seq, incident, { ...decision, at: clock }, { okBefore });
  };

  const follow = (one: PendingIncident, next: Next): void => {
    if ('end' in next) return void end(one, next.end);
    timers.push({ at: clock + next.wait, seq: ++timerSeq, key: one.incident.key });
  };

  const proceed = async (one: PendingIncident): Promise<void> => {
    if (one.treating === null) follow(one, await proceedWith(one, clock));
    else {
      const { action, playbook, open, okBefore } = one.treating;
      end(one, ending('treated', `${action} is assumed to heal it`, { action, playbook, open }).end, okBefore);
    }
  };

  /** Runs the first timer that is due by then. */
  const fire = async (by: number): Promise<boolean> => {
    const timer = timers.peek();
    if (timer === undefined || timer.at > by) return false;
    timers.pop();
    const one = courses.get(timer.key);
    // Incidents that have ended since have no timers.
    if (one) {
      clock = Math.max(clock, timer.at);
      await proceed(one);
    }
    return true;
  };

  /** Advances time and runs everything that becomes due. */
  const advance = async (to: number): Promise<void> => {
    while (await fire(to));
  };

  const open = async (seq: number, verdict: Classification): Promise<'opened' | 'joined' | 'none'> => {
    const incident = openIncident(verdict, nowhere);
    if (!incident) return 'none';
    const { key } = incident;
    if (seen.get(key) !== undefined) return 'joined';
    seen.set(key, clock);
    opened(seq, incident, clock);
    const fresh = { target: null, ladder: atItsFoot, next: { kind: 'begun' as const }, othersTreat: false, treating: null };
    const one: PendingIncident = { seq, incident, opened: clock, ...fresh };
    courses.set(key, one);
    link(key, one);
    await proceed(one);
    // Beyond the memory limit, the earliest incident continues at once, which is counted.
    while (courses.size > most.courses && (await fire(Number.POSITIVE_INFINITY))) cut++;
    return 'opened';
  };

  const backToOk = (alarm: string): void => {
    for (const key of [...(byAlarm.get(alarm) ?? [])]) {
      const one = courses.get(key);
      if (one?.treating) one.treating.okBefore = true;
      else if (one)
        end(one, ending('passed', one.othersTreat ? 'OK again, and another incident reports it' : 'the alarm was OK again').end);
    }
  };

  return {
    /** Takes a fact; `index` is this policy's place among its verdicts. Says whether it opens an incident or joins one. */
    take: async (fact: Fact, index: number): Promise<'opened' | 'joined' | 'none'> => {
      // Usually nothing is due, and an unnecessary promise costs more than the rest.
      const due = timers.peek();
      if (due !== undefined && due.at <= fact.at) await advance(fact.at);
      clock = Math.max(clock, fact.at);
      if (fact.kind === 'call') ledger.noteCall(fact.call);
      else if (fact.kind === 'ok') backToOk(fact.alarm);
      else {
        // One verdict for all policies with the same rules.
        const verdict = fact.verdicts.length === 1 ? fact.verdicts[0] : fact.verdicts[index];
        if (verdict) return open(fact.seq, verdict);
      }
      return 'none';
    },
    /** Finishes all open incidents. */
    finish: () => advance(Number.POSITIVE_INFINITY),
    /** How often the memory limits may have changed a decision. */
    strained: () => ({ resources: ledger.forgotten(), incidents: seen.forgotten, cut }),
    save: (): SavedLane => ({
      clock,
      timers: timers.items(),
      timerSeq,
      courses: [...courses],
      seen: seen.save(),
      ledger: ledger.save(),
      cut,
    }),
  };
};

export type Lane = ReturnType<typeof createLane>;
