import { wasDone, wouldBeDone } from '../../shared/model/action-result.ts';
import { formatDuration } from '../../shared/model/duration.ts';
import { currentGuardId } from '../../shared/model/guard-id.ts';
import type { ActionRecord, Outcome } from '../../shared/model/outcome.ts';
import type { Amount, Expectation, ExpectedOutcome, ExpectedResource } from './expect-schema.ts';
import type { Observation } from './play.ts';
import { promises } from './promises.ts';

/** One expectation: what, whether it holds, and what was observed instead. */
export type Check = { text: string; holds: boolean; seen: string };

/** Actions with effect, or what would have been some in a dry run; one that takes several calls counts once. */
const doneBy = ({ actions }: Outcome, of = (record: ActionRecord): boolean => wasDone(record) || wouldBeDone(record)): string[] =>
  actions
    .filter(of)
    .filter(({ action, attempt }, i, all) => all[i - 1]?.action !== action || all[i - 1]?.attempt !== attempt)
    .map(({ action }) => action);

/** Whether a guard gave this answer at some time. */
const said = ({ timeline }: Outcome, guard: string, answer: string): boolean =>
  timeline.some(({ answers = [] }) => answers.some((one) => one.guard === currentGuardId(guard) && one.answer === answer));

/** In one line, for comparison with the expectation. */
const tell = (outcome: Outcome): string => {
  const { failure, resource, status, verified, quiet, reason } = outcome;
  const done = doneBy(outcome);
  return `${failure} on ${resource.id}: ${quiet ? 'quietly ' : ''}${status}${verified ? ', verified' : ''}${done.length > 0 ? `, ${done.join(', ')}` : ''}: ${reason}`;
};

/** When people were first notified of an incident, in seconds from its signal or from the stop of its instance; null for never. */
const heard = (outcome: Outcome, since: 'signal' | 'stopped', { told, stopped }: Observation): number | null => {
  const from = since === 'signal' ? Date.parse(outcome.startedAt) : stopped.get(outcome.resource.id);
  const first = told.find(({ at, text }) => text.includes(outcome.incident) && (from === undefined || at >= from));
  return first === undefined || from === undefined ? null : (first.at - from) / 1000;
};

const within = (seconds: number | null, most: number): boolean => seconds !== null && seconds <= most;

const fits = (outcome: Outcome, expected: ExpectedOutcome, observation: Observation): boolean =>
  (expected.told === undefined || within(heard(outcome, expected.told.since, observation), expected.told.within)) &&
  outcome.status === expected.status &&
  outcome.quiet === expected.quiet &&
  (expected.verified === undefined || outcome.verified === expected.verified) &&
  (expected.actions === undefined || JSON.stringify(doneBy(outcome)) === JSON.stringify(expected.actions)) &&
  (expected.reason === undefined || outcome.reason.includes(expected.reason)) &&
  (expected.story === undefined || outcome.timeline.some(({ text }) => text.includes(expected.story ?? ''))) &&
  Object.entries(expected.guards ?? {}).every(([guard, answer]) => said(outcome, guard, String(answer)));

const describe = ({
  resource,
  failure,
  status,
  verified,
  quiet,
  actions,
  reason,
  story,
  guards = {},
  told,
  count,
}: ExpectedOutcome): string => {
  const what = [failure, resource === undefined ? undefined : `on ${resource}`].filter(Boolean).join(' ') || 'any incident';
  const details = [
    verified === undefined ? '' : verified ? 'verified' : 'not verified',
    actions === undefined ? '' : actions.length === 0 ? 'with no action' : `by ${actions.join(', ')}`,
    ...Object.entries(guards).map(([guard, answer]) => `${guard} says ${answer}`),
    told === undefined ? '' : `told within ${formatDuration(told.within)} of its ${told.since === 'signal' ? 'signal' : 'stop'}`,
    reason === undefined ? '' : `because ${JSON.stringify(reason)}`,
    story === undefined ? '' : `with ${JSON.stringify(story)} in its story`,
  ].filter(Boolean);
  const often = count === 1 ? '' : count === 0 ? 'never ' : `${count} times `;
  return `${what}: ${often}${quiet ? 'quietly ' : ''}${status}${details.length > 0 ? `, ${details.join(', ')}` : ''}`;
};

const checkOutcome = (expected: ExpectedOutcome, observation: Observation): Check => {
  const { outcomes, ids } = observation;
  const id = expected.resource === undefined ? undefined : (ids.get(expected.resource) ?? expected.resource);
  const about = outcomes.filter(
    ({ resource, failure }) =>
      (id === undefined || resource.id === id || id.endsWith(`:${resource.id}`)) &&
      (expected.failure === undefined || failure === expected.failure),
  );
  const fitting = about.filter((outcome) => fits(outcome, expected, observation));
  const found = fitting.length;
  const text = describe(expected);
  const waited = (outcome: Outcome): string => {
    if (expected.told === undefined) return '';
    const seconds = heard(outcome, expected.told.since, observation);
    return seconds === null ? ', nobody told' : `, told after ${formatDuration(seconds)}`;
  };
  const holds = found === expected.count;
  const idNames = new Map([...ids].map(([name, own]) => [own, name] as const));
  const told = (outcome: Outcome): string => {
    const name = idNames.get(outcome.resource.id);
    return name === undefined || name === outcome.resource.id ? outcome.resource.id : `${name} (${outcome.resource.id})`;
  };
  const some = about.slice(0, 5).map((outcome) => `${tell(outcome)}${waited(outcome)}`);
  const listed = fitting.slice(0, 5).map((outcome) => `${outcome.failure} on ${told(outcome)}${waited(outcome)}`);
  return {
    text: id === undefined || id === expected.resource ? text : text.replace(`on ${expected.resource}`, `on ${expected.resource} (${id})`),
    holds,
    // Where it holds, which they were says enough; where it doesn't, what they did instead is what has to be found out.
    seen: holds
      ? `${found === 0 ? 'none' : listed.join('; ')}${found > listed.length ? `; and ${found - listed.length} more` : ''}`
      : `${found} of ${about.length}${some.length > 0 ? `; ${some.join(' | ')}${about.length > some.length ? ' | …' : ''}` : ''}`,
  };
};

/** Compares the final state of a resource with the expectation. */
const checkResource = (ref: string, wanted: ExpectedResource, { resources, ids }: Observation): Check => {
  const found = resources.get(ref);
  const id = ids.get(ref);
  const { before = null, after = null } = found?.address ?? {};
  const moved = after === null ? 'none' : after === before ? 'same' : 'changed';
  const seen = found && { ...found, address: moved };
  const wrong = Object.entries(wanted).filter(([key, value]) => value !== undefined && seen?.[key as keyof ExpectedResource] !== value);
  const words = Object.entries(wanted).map(([key, value]) => `${key} ${value}`);
  const is = (key: string) =>
    key === 'address' ? `address ${before ?? 'none'} then ${after ?? 'none'}` : `${key} ${seen?.[key as keyof ExpectedResource]}`;
  return {
    text: `${ref}${id === undefined || id === ref ? '' : ` (${id})`} in the end: ${words.join(', ')}`,
    holds: seen !== undefined && wrong.length === 0,
    seen: seen === undefined ? 'nobody looked' : Object.keys(wanted).map(is).join(', '),
  };
};

/** What is expected of something by its name, key by key. */
const inTheEnd = <State extends object>(ref: string, wanted: State, found: Partial<State> | null | undefined, none: string): Check => {
  const keys = Object.keys(wanted) as (keyof State & string)[];
  return {
    text: `${ref} in the end: ${keys.map((key) => `${key} ${wanted[key]}`).join(', ')}`,
    holds: keys.every((key) => found?.[key] === wanted[key]),
    seen: found ? keys.map((key) => `${key} ${found[key]}`).join(', ') : none,
  };
};

/** Whether a call is meant by `ec2:StopInstances` or `ec2:*`. */
const isCall = (call: string, pattern: string): boolean =>
  pattern.endsWith(':*') ? call.startsWith(pattern.slice(0, -1)) : call === pattern;

/** Calls that change nothing aren't meant by `ec2:*`. */
const changes = (call: string): boolean => !/:(Describe|Get|List|Lookup)/.test(call);

const refusal = ({ step, error }: Observation['done'][number]): string => `${step.do}: ${error}`;

/** Compares an observation with the expectations. Returns every expectation, and unexpected results. */
export const checkScenario = (expect: Expectation, observation: Observation): Check[] => {
  const { outcomes, done, unsteady, calls, messages, approvals, rejected, open, watched } = observation;
  const loud = outcomes.filter(({ quiet }) => !quiet);
  const number = (text: string, wanted: Amount | undefined, seen: number): Check[] => {
    if (wanted === undefined) return [];
    const [words, holds] = typeof wanted === 'number' ? [wanted, seen === wanted] : [`at most ${wanted.atMost}`, seen <= wanted.atMost];
    return [{ text: `${text}: ${words}`, holds, seen: String(seen) }];
  };
  const failed = done.filter(({ error }) => error !== null);
  const acted = outcomes.reduce((sum, outcome) => sum + doneBy(outcome, wasDone).length, 0);
  const checks: Check[] = [
    { text: 'all was well before', holds: unsteady.length === 0, seen: unsteady.slice(0, 5).join('; ') || 'yes' },
    ...(expect.refused === undefined
      ? [{ text: 'every step was carried out', holds: failed.length === 0, seen: failed.map(refusal).join('; ') || 'yes' }]
      : number('steps refused', expect.refused, failed.length)),
    { text: 'every incident has ended', holds: open === 0, seen: open === 0 ? 'yes' : `${open} are open` },
    ...expect.outcomes.map((expected) => checkOutcome(expected, observation)),
    ...Object.entries(expect.counts ?? {}).flatMap(([status, wanted]) =>
      number(`incidents ${status}`, wanted, loud.filter((outcome) => outcome.status === status).length),
    ),
    ...number('incidents in all', expect.incidents, outcomes.length),
    ...number('actions in all', expect.actions, acted),
    ...number('messages to people', expect.messages, messages),
    ...number('approval requests', expect.approvals, approvals),
    ...number('records rejected', expect.rejected, rejected),
    ...Object.entries(expect.calls ?? {}).flatMap(([call, wanted]) =>
      number(`calls of ${call}`, wanted, calls.filter((one) => one === call).length),
    ),
  ];
  for (const [ref, wanted] of Object.entries(expect.failedRequests ?? {}))
    checks.push(...number(`failed requests to ${ref}`, wanted, observation.failedRequests.get(ref) ?? Number.NaN));
  for (const [ref, wanted] of Object.entries(expect.services ?? {}))
    checks.push(inTheEnd(ref, wanted, observation.services.get(ref), 'there is no such service'));
  for (const [ref, wanted] of Object.entries(expect.databases ?? {}))
    checks.push(inTheEnd(ref, wanted, observation.databases.get(ref), 'there is no such database'));
  for (const [ref, wanted] of Object.entries(expect.queues ?? {}))
    checks.push(...number(`messages in ${ref} in the end`, wanted, observation.messagesIn.get(ref) ?? Number.NaN));
  for (const [ref, wanted] of Object.entries(expect.certificates ?? {})) {
    const found = observation.certificates.get(ref);
    const keys = Object.keys(wanted) as (keyof typeof wanted)[];
    const said = (state: typeof found) => keys.map((key) => `${key} ${state?.[key] ?? 'none'}`).join(', ');
    const holds = keys.every((key) => found?.[key] === wanted[key]);
    checks.push({ text: `${ref} in the end: ${said(wanted as typeof found)}`, holds, seen: said(found) });
  }
  for (const [ref, paths] of Object.entries(expect.fileSystems ?? {}))
    for (const [path, wanted] of Object.entries(paths))
      checks.push(...number(`GiB at ${path} of ${ref} in the end`, wanted, observation.fileSystems.get(`${ref} ${path}`) ?? Number.NaN));
  checks.push(...Object.entries(expect.resources ?? {}).map(([ref, wanted]) => checkResource(ref, wanted, observation)));
  if (expect.told !== undefined) {
    const from = done[0]?.at ?? observation.began;
    const first = observation.told.find(({ at }) => at >= from);
    const waited = first === undefined ? null : (first.at - from) / 1000;
    checks.push({
      text: `somebody is told within ${formatDuration(expect.told.within)}`,
      holds: within(waited, expect.told.within),
      seen: waited === null ? 'never' : `after ${formatDuration(waited)}`,
    });
  }
  for (const pattern of expect.never ?? []) {
    const made = calls.filter((call) => isCall(call, pattern) && (!pattern.endsWith(':*') || changes(call)));
    checks.push({ text: `never ${pattern}`, holds: made.length === 0, seen: made.length === 0 ? 'never' : [...new Set(made)].join(', ') });
  }
  if (expect.promises !== undefined) {
    const broken = watched?.violations ?? [];
    checks.push({
      text: 'every promise is kept',
      holds: watched !== null && broken.length === 0,
      seen:
        broken
          .slice(0, 5)
          .map(({ promise, resource, text }) => `${promises[promise]}: ${resource}: ${text}`)
          .join('; ') || (watched === null ? 'nobody watched' : 'yes'),
    });
  }
  // If loud outcomes are listed individually, any other one is unexpected.
  if (expect.outcomes.some(({ quiet }) => !quiet)) {
    const expected = expect.outcomes.filter(({ quiet }) => !quiet).reduce((sum, { count }) => sum + count, 0);
    checks.push({
      text: 'nothing else that people are told of',
      holds: loud.length === expected,
      seen: loud.length === expected ? 'nothing' : `${loud.length} outcomes, not ${expected}: ${loud.slice(0, 8).map(tell).join(' | ')}`,
    });
  }
  return checks;
};
