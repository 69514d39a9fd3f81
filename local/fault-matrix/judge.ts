import { actions as known } from '../../shared/actions/index.ts';
import { hadNoEffect, wasDone } from '../../shared/model/action-result.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type PromiseId, promises } from '../worlds/promises.ts';
import { type Condition, conditions, type Evidence, type Made, type Telling } from './evidence.ts';
import { isUncertain } from './fault.ts';

/** What may be wrong with a world, with a sentence for each occurrence. */
export const verdicts = ['harm', 'silent', 'repeated', 'untrue'] as const;
export type Verdict = (typeof verdicts)[number];
export type Judgement = Record<Verdict, string[]>;

/** The result of a situation without a fault, and without selfheal. Times are milliseconds from its beginning. */
export type Reference = {
  /** When selfheal made its first change and sent its first notification; null for never. */
  changed: number | null;
  told: number | null;
  /** The final state if selfheal receives no events. */
  left: { conditions: Record<string, Condition>; groups: Record<string, { desired: number; well: number }> };
};

/** How long people may wait for a notification. */
const patience = 15 * minuteMs;
/** The true state is recorded every ten seconds. */
const glance = 10_000;

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
const took = ({ error }: Pick<Made, 'error'>): boolean => error === null;
const changes = ({ calls }: Evidence): Made[] => calls.filter(({ change }) => change);

/** The condition of a resource at a time; undefined if it didn't exist. */
const conditionAt = ({ conditions: points }: Pick<Evidence, 'conditions'>, id: string, at: number): Condition | undefined =>
  points.get(id)?.findLast((point) => point.at <= at)?.is;

/** Every condition of a resource in a period. */
const within = (evidence: Evidence, id: string, from: number, to: number): Condition[] => [
  ...new Set([
    ...(conditionAt(evidence, id, from) === undefined ? [] : [conditionAt(evidence, id, from) as Condition]),
    ...(evidence.conditions.get(id) ?? []).filter(({ at }) => at > from && at <= to).map(({ is }) => is),
  ]),
];

/** Notifications that page people, by any channel. */
const words = ({ tellings }: Evidence, from: number, to: number): Telling[] =>
  tellings.filter(({ at, quiet }) => !quiet && at >= from && at <= to);

/** The final state, for comparison with other worlds. */
export const leftOf = ({ conditions: points, groups, groupOf }: Evidence): Reference['left'] => ({
  // Members come and go; compare their group's count.
  conditions: Object.fromEntries(
    [...points].filter(([id]) => !groupOf.has(id) && !groups.has(id)).map(([id, own]) => [id, own.at(-1)?.is ?? 'gone']),
  ),
  groups: Object.fromEntries(groups),
});

/** Promises about reports, which have their own verdicts. */
const saying = new Set<PromiseId>(['one-outcome', 'healed-is-true']);

/** A worse state than without selfheal, or a broken promise. */
const harmIn = (evidence: Evidence, { left }: Reference): string[] => {
  const found = leftOf(evidence);
  const instances = Object.entries(left.conditions).flatMap(([id, without]) => {
    const is = found.conditions[id] ?? 'gone';
    return conditions.indexOf(is) > conditions.indexOf(without) ? [`${id} is left ${is}; without selfheal it is ${without}`] : [];
  });
  const groups = Object.entries(left.groups).flatMap(([name, without]) => {
    const { desired, well } = found.groups[name] ?? { desired: 0, well: 0 };
    if (desired < without.desired) return [`${name} wants ${desired} members; without selfheal ${without.desired}`];
    return well < without.well ? [`${name} has ${well} members that are well; without selfheal ${without.well}`] : [];
  });
  const broken = evidence.violations
    .filter(({ promise }) => !saying.has(promise))
    .map(({ promise, resource, text }) => `${promises[promise]}: ${resource}: ${text}`);
  return [...instances, ...groups, ...broken];
};

/** The group of a member, or the resource itself: this must be well. */
const served = ({ groupOf }: Evidence, id: string): string => groupOf.get(id) ?? id;

/** When a call's failure was certain. An uncertain one gets time to take effect, until another call replaces it. */
const failedAt = ({ at, call, error }: Made, made: readonly Made[]): number => {
  if (error !== null && !isUncertain(error)) return at;
  const next = made.find((one) => one.at > at && one.call !== call);
  return Math.min(next?.at ?? Number.POSITIVE_INFINITY, at + patience);
};

/** A treatment failed or took a resource out of service, and people were not notified in time. */
const silenceIn = (evidence: Evidence, { changed, told }: Reference): string[] => {
  const { began, ended, subject, executions } = evidence;
  const found: string[] = [];
  /** `at` is when it went wrong; a notification just before may be about it. */
  const mustTell = (at: number, what: string, since = at - minuteMs): void => {
    if (at + patience <= ended && words(evidence, since, at + patience).length === 0)
      found.push(`${what} at ${clock(at)}, and nobody is told within 15 minutes`);
  };
  const made = changes(evidence);
  const failed = new Map<string, Made>();
  for (const call of made) {
    const key = `${call.call} ${call.targets.join()}`;
    if (took(call) && !call.lost) failed.delete(key);
    else if (!failed.has(key)) failed.set(key, call);
  }
  for (const one of failed.values()) {
    const { call, error, targets } = one;
    const at = failedAt(one, made);
    const healed = targets.every((id) => conditionAt(evidence, served(evidence, id), at + patience) === 'well');
    if (!healed) mustTell(at, `${call} failed (${error ?? 'its answer was lost'})`, one.at - minuteMs);
  }
  for (const { at, call, targets } of made.filter(took)) {
    const takesOut = /Stop|Terminate|Detach|EnterStandby/.test(call);
    for (const id of takesOut ? targets.filter((one) => evidence.conditions.has(one)) : []) {
      const is = conditionAt(evidence, served(evidence, id), at + patience);
      if (is !== undefined && is !== 'well') mustTell(at, `${call} took ${id} out of service, and it is not back`);
    }
  }
  for (const { name, status, endedAt } of executions) {
    if (status === 'RUNNING' || status === 'SUCCEEDED' || endedAt === undefined) continue;
    const [about] = [subject].filter((id) => id !== null);
    if (about !== undefined && conditionAt(evidence, about, endedAt + patience) === 'well') continue;
    mustTell(endedAt, `${name} ended ${status}`, began);
  }
  const due = Math.min(changed ?? Number.POSITIVE_INFINITY, told ?? Number.POSITIVE_INFINITY);
  if (due < Number.POSITIVE_INFINITY) {
    const at = began + due;
    const treated = made.some(({ error, at: when }) => when <= at + patience && (error === null || isUncertain(error)));
    const fine = subject !== null && conditionAt(evidence, subject, at + patience) === 'well';
    if (!treated && !fine) mustTell(at, 'it is neither treated nor well, though it would be treated or told of', began);
  }
  const mattered = subject === null || made.some(took) || conditionAt(evidence, subject, ended) !== 'well';
  if (mattered && told !== null && words(evidence, began, ended).length === 0 && ended - began > told + patience)
    found.push('nobody is ever told of anything');
  return found;
};

/** A notification with an unknown result may be repeated if it is marked, but soon no more than once an hour. */
const maxRepeats = 20;

/** The same notification to the same receiver. */
const repetitionIn = ({ tellings }: Evidence): string[] => {
  const often = new Map<string, { telling: Telling; count: number; repeats: number }>();
  for (const telling of tellings.filter(({ kind }) => kind !== 'alarm')) {
    const { channel, incident, kind, gist, repeat = false } = telling;
    const key = JSON.stringify([channel, incident, kind, gist]);
    const { count, repeats } = often.get(key) ?? { count: 0, repeats: 0 };
    often.set(key, { telling, count: count + 1, repeats: repeats + (repeat ? 1 : 0) });
  }
  return [...often.values()]
    .filter(({ count, repeats }) => count - repeats > 1 || repeats > maxRepeats)
    .map(({ telling: { channel, kind, gist }, count }) => `${channel} is told ${count} times (${kind}): ${gist}`);
};

const gone = /\b(there is no such|no longer exists?|does not exist|(is|are) gone)\b/i;
const goneAll = new RegExp(gone.source, 'gi');
/** Such as `refused: CODE`, but not a dry run's `would have been refused`. */
const refused = /\b((was|were|been) (refused|denied)|AccessDenied\w*|UnauthorizedOperation|AuthorizationError|lacks `)/;
/** Error codes that are not refusals. */
const noRefusals = new Set(['DryRunOperation', 'ConditionalCheckFailedException', 'TimeoutError']);

/** The calls of an action that had an effect on its target since then. */
const effectOf = (evidence: Evidence, action: string, target: string, from: number): Made[] => {
  const permissions = known.find(({ id }) => id === action)?.permissions ?? [];
  return changes(evidence).filter(
    (call) => took(call) && call.at >= from && permissions.includes(call.call) && call.targets.includes(target),
  );
};

/** Records in an outcome that contradict what AWS saw. */
const falseRecords = (evidence: Evidence, { actions, resource, startedAt }: Outcome): string[] => {
  const from = Date.parse(startedAt);
  return [...new Set(actions.map(({ action }) => action))].flatMap((action) => {
    const own = actions.filter((one) => one.action === action);
    const effect = own.flatMap(({ target = resource.id }) => effectOf(evidence, action, target, from));
    const done = own.find(wasDone);
    if (done && effect.length === 0) return [`it records ${action} as done, and no call of it took effect`];
    // A command may be another action's.
    const others = actions.filter((one) => one.action !== action && wasDone(one));
    const explained = others.flatMap((one) => effectOf(evidence, one.action, one.target ?? resource.id, from));
    const unsaid = effect.find((call) => !explained.includes(call));
    return own.every(hadNoEffect) && unsaid ? [`it records ${action} as ${own[0]?.result}, and ${unsaid.call} took effect`] : [];
  });
};

/** Every statement of a notification that the world contradicts. */
const liesIn = (evidence: Evidence, { at, text, outcome, gist, incident }: Telling): string[] => {
  const all = `${gist}\n${text}`;
  // The timeline describes earlier states.
  const now = all.split('\nStory:')[0] ?? '';
  const made = changes(evidence).filter((call) => call.at <= at && took(call));
  // A chat message lacks the beginning; the bus has it.
  const whole = outcome ?? evidence.tellings.find((told) => told.incident === incident && told.outcome !== null)?.outcome;
  const began = whole ? Date.parse(whole.startedAt) : evidence.began;
  const ids = [...evidence.conditions.keys()];
  const lies: string[] = [];
  for (const { index } of all.matchAll(goneAll)) {
    const sentence = all.slice(all.lastIndexOf('\n', index) + 1, all.indexOf('\n', index) < 0 ? undefined : all.indexOf('\n', index));
    const named = ids.filter((id) => sentence.includes(id));
    const meant = named.length > 0 ? named : [outcome?.resource.id, evidence.subject].filter((id) => id != null).slice(0, 1);
    const lost = (id: string): boolean => within(evidence, id, at - glance, at).includes('gone');
    // Alarms and templates are not in the evidence; nothing deletes them in these worlds.
    if (!meant.some((id) => evidence.conditions.has(id)) || meant.some(lost)) continue;
    lies.push(`${JSON.stringify(sentence)}, and it is there`);
    // The message repeats it in every part.
    break;
  }
  const about = served(evidence, whole?.resource.id ?? evidence.subject ?? '');
  // It may report our own action from before the incident.
  const related = made.filter((call) => call.at >= began - patience && call.targets.some((id) => served(evidence, id) === about));
  const did = related.find((call) => call.incident === incident) ?? related[0];
  if (did?.incident === incident && /This incident took no action/.test(now)) {
    lies.push(`"This incident took no action", and ${did.call} took effect`);
  }
  const refusals = evidence.calls.filter(({ error, at: when }) => when <= at && error !== null && !noRefusals.has(error));
  if (refused.test(now) && refusals.length === 0) lies.push(`${JSON.stringify(refused.exec(now)?.[0])}, and no call was refused`);
  const [, verb, id = ''] = /\b(STOPPED|TERMINATED) by selfheal: (i-[0-9a-f]+)/.exec(now) ?? [];
  if (verb !== undefined) {
    const wanted: Condition = verb === 'STOPPED' ? 'stopped' : 'gone';
    const end = outcome ? Date.parse(outcome.endedAt) : at;
    if (!within(evidence, id, end - glance, Math.min(end + glance, at)).includes(wanted))
      lies.push(`"${verb} by selfheal", and ${id} is ${conditionAt(evidence, id, at)}`);
  }
  if (/every (rung|step) has been tried/.test(now) && !made.some((call) => call.at >= began))
    lies.push('"every rung has been tried", and no call took effect');
  if (/nobody (has )?(decided|answered)/i.test(now) && evidence.answered.some((when) => when <= at))
    lies.push('"nobody decided", and a person\'s answer was taken');
  if (/nobody could be asked/i.test(now) && evidence.tellings.some(({ kind, at: when }) => kind === 'approval' && when <= at))
    lies.push('"nobody could be asked", and the question was sent');
  if (outcome) lies.push(...falseRecords(evidence, outcome), ...falseHealing(evidence, outcome, made));
  return lies;
};

const falseHealing = (
  evidence: Evidence,
  { status, resource, startedAt, endedAt, incident, reason }: Outcome,
  made: readonly Made[],
): string[] => {
  const end = Date.parse(endedAt);
  const about = evidence.conditions.has(resource.id) ? resource.id : evidence.subject;
  if (status === 'healed-itself') {
    // It may report another incident's action.
    const isSaid = ({ incident: by }: Made) =>
      by !== null && by !== incident && (reason.includes(by) || reason.startsWith('another incident has treated it'));
    const did = made.find((one) => one.at >= Date.parse(startedAt) && one.targets.includes(resource.id) && !isSaid(one));
    return did ? [`it is called healed by itself, and ${did.call} took effect`] : [];
  }
  if (status !== 'healed' || about === null) return [];
  // A replaced member is gone; its group is what serves.
  const seen = [about, served(evidence, about)].flatMap((id) => within(evidence, id, end - minuteMs, end));
  return seen.includes('well') ? [] : [`it is called healed, and ${about} is ${conditionAt(evidence, about, end) ?? 'not there'}`];
};

/** Compares the evidence of a world with what must hold in every world. */
export const judge = (evidence: Evidence, reference: Reference): Judgement => ({
  harm: harmIn(evidence, reference),
  silent: silenceIn(evidence, reference),
  repeated: repetitionIn(evidence),
  untrue: [...new Set(evidence.tellings.flatMap((telling) => liesIn(evidence, telling)))],
});
