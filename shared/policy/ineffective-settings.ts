import { isDeepStrictEqual } from 'node:util';
import type { Failure } from '../failures/define.ts';
import { failures } from '../failures/index.ts';
import { type ClassificationRules, type Rules, rulesOf } from '../model/classification-rules.ts';
import { noSuchCommand } from '../model/command.ts';
import { type FailureId, failureIds } from '../model/failure-id.ts';
import { emptyWithin, namesNobody } from '../model/organization.ts';
import type { Abilities } from '../model/playbook-abilities.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Policy } from '../model/policy.ts';
import type { RemedySettings } from '../model/remedies.ts';
import type { ResourceType } from '../model/resource.ts';
import { isNoneOf } from '../model/settings.ts';

/** The parts of a policy that may contain settings without effect. */
type Settings = Pick<
  Policy,
  'beats' | 'modes' | 'approval' | 'routes' | 'channels' | 'classification' | 'logs' | 'organization' | 'scope'
> &
  RemedySettings;

type Issue = { path: (string | number)[]; message: string };

const anyOf = <T>(some: readonly T[], others: readonly T[]): boolean => some.some((one) => others.includes(one));

/** The playbooks of a class if the policy overrides none: its own, and those that rules give to alarms. */
const ownPlaybooks = (id: FailureId, rules: Rules): PlaybookId[] => {
  const { alarms, spotRebalance, remedies } = rules;
  const { playbook }: Failure = failures[id];
  const isOn = (one: PlaybookId) => !isOff(can(one, rules).settings ?? [], rules);
  const byRules: PlaybookId[] = [
    ...alarms.flatMap((rule) => (rule.failure === id && rule.playbook !== undefined ? [rule.playbook] : [])),
    ...new Set(failures[id].match.flatMap((match) => (match.playbook !== null && isOn(match.playbook) ? [match.playbook] : []))),
  ];
  if (typeof playbook === 'string') return [playbook, ...byRules];
  if ('named' in playbook) return remedies[id] ? [playbook.named, ...byRules] : byRules;
  return 'optIn' in playbook && spotRebalance === playbook.optIn ? [playbook.optIn, ...byRules] : byRules;
};

/** Whether a playbook has settings of its own, and none of them is on. */
const isOff = (needed: readonly string[], { off }: Rules): boolean => needed.length > 0 && needed.every((setting) => off.includes(setting));

/** What a playbook can do; nothing, if there is none of this id. */
const can = (id: PlaybookId, { playbooks }: Rules): Abilities =>
  (Object.hasOwn(playbooks, id) ? playbooks[id] : undefined) ?? { subjects: [], actions: [], looksFor: [], proves: [] };

/** Why no action is ever taken on a class, whatever else the policy says. */
const whyNever = (id: FailureId): string => {
  const { playbook }: Failure = failures[id];
  if (typeof playbook === 'object' && 'named' in playbook) return `nothing acts on ${id}: ${playbook.because}`;
  if (typeof playbook === 'object' && 'optIn' in playbook)
    return `${id} is only acted on if classification.spotRebalance is ${playbook.optIn}`;
  return `nothing acts on ${id}: ${typeof playbook === 'object' ? playbook.escalate : 'it has no playbook'}`;
};

/** Why a playbook can't treat a class: it treats other resource types or looks for another failure. Null if it can. */
const unfit = (chosen: PlaybookId, id: FailureId, own: readonly PlaybookId[], rules: Rules): string | null => {
  const { subjects, looksFor } = can(chosen, rules);
  const types: ResourceType[] = own.flatMap((one) => can(one, rules).subjects);
  if (!anyOf(subjects, types)) return `${chosen} can't treat ${id}: it acts on ${subjects.join(' and ')}, not on ${types.join(' and ')}`;
  const byAlarm = failures[id].match.some((match) => 'metrics' in match) || rules.alarms.some((rule) => rule.failure === id);
  const shown = [...new Set([...own.flatMap((one) => can(one, rules).looksFor), ...(byAlarm ? (['alarm-fires'] as const) : [])])];
  return anyOf(looksFor, shown)
    ? null
    : `${chosen} can't treat ${id}: it looks for ${looksFor.join(' and ')}, and ${id} shows in ${shown.join(' and ')}`;
};

/** Why a playbook doesn't run: there is none of this id. */
const noSuchPlaybook = (id: PlaybookId, { playbooks }: Rules): string | null =>
  Object.hasOwn(playbooks, id) ? null : isNoneOf(id, Object.keys(playbooks));

/** Whether every condition of the earlier entry holds wherever the later one matches. */
const takesAllOf = (earlier: object, later: object): boolean =>
  Object.entries(earlier).every(([key, wanted]) => {
    const other = (later as Record<string, unknown>)[key];
    if (wanted === undefined || isDeepStrictEqual(wanted, other)) return true;
    if (key === 'alarm' && wanted === '*') return true;
    const both = [wanted, other].every((value) => typeof value === 'object' && value !== null);
    return both && takesAllOf(wanted as object, other as object);
  });

/** In a list where the first match applies, the entries that can never apply. */
const shadowed = (entries: readonly object[], path: (string | number)[]): Issue[] =>
  entries.flatMap((later, i) => {
    const by = entries.slice(0, i).findIndex((earlier) => takesAllOf(earlier, later));
    return by < 0 ? [] : [{ path: [...path, i], message: `never applies: ${[...path, by].join('.')} matches everything that it matches` }];
  });

/** What selects accounts that there are none of. */
const nowhere = ({ modes, routes, channels: { pagerduty, webhooks }, scope, organization }: Settings): Issue[] => {
  const selecting = [
    ...modes.map(({ when }, i) => ({ when, path: ['modes', i] })),
    ...routes.map(({ when }, i) => ({ when, path: ['routes', i] })),
    { when: pagerduty?.when, path: ['channels', 'pagerduty'] },
    ...webhooks.map(({ when }, i) => ({ when, path: ['channels', 'webhooks', i] })),
  ];
  return [
    ...selecting.flatMap(({ when, path }): Issue[] => {
      const message = when === undefined ? null : emptyWithin(when, organization);
      return message === null ? [] : [{ path: [...path, 'when', 'unit'], message }];
    }),
    ...Object.entries(scope).flatMap(([list, entries]) =>
      entries.flatMap((entry, i): Issue[] => {
        const message = namesNobody(entry, organization);
        return message === null ? [] : [{ path: ['scope', list, i], message }];
      }),
    ),
  ];
};

const conditionsOf = ({ namespace, metric, dimensions, alarm, tag }: ClassificationRules['alarms'][number]) => ({
  namespace,
  metric,
  dimensions,
  alarm,
  tag,
});

/**
 * Settings that can never have an effect. Their author relies on them, above all on approvals. Forbidding what isn't done anyway is not a
 * mistake.
 */
export const withoutEffect = (settings: Settings): Issue[] => {
  const { modes, playbooks, approval, routes, classification, logs, beats } = settings;
  const issues: Issue[] = nowhere(settings);
  const rules = rulesOf(settings);
  const treating = new Map<FailureId, readonly PlaybookId[]>();
  for (const id of failureIds) {
    const byBeats = id === 'application-down' ? beats.flatMap(({ playbook }) => playbook ?? []) : [];
    const own = [...ownPlaybooks(id, rules), ...byBeats];
    const chosen = playbooks[id];
    const replaces = chosen !== undefined && chosen !== 'none';
    treating.set(id, replaces && own.length > 0 ? [chosen] : own);
    if (!replaces) continue;
    const message = own.length === 0 ? whyNever(id) : (noSuchPlaybook(chosen, rules) ?? unfit(chosen, id, own, rules));
    if (message !== null) issues.push({ path: ['playbooks', id], message });
  }
  const treats = (id: FailureId): readonly PlaybookId[] => treating.get(id) ?? [];
  for (const [i, { when, mode }] of modes.entries()) {
    if (when.failure !== undefined && mode !== 'off' && treats(when.failure).length === 0)
      issues.push({ path: ['modes', i, 'when', 'failure'], message: whyNever(when.failure) });
  }
  for (const [i, { action, failure }] of approval.required.entries()) {
    const path = ['approval', 'required', i];
    const acting = (failure === undefined ? failureIds : [failure]).flatMap(treats);
    if (acting.length === 0 && failure !== undefined) issues.push({ path: [...path, 'failure'], message: whyNever(failure) });
    else if (action !== undefined && !acting.some((playbook) => can(playbook, rules).actions.includes(action)))
      issues.push({ path: [...path, 'action'], message: `${action} is never done${failure === undefined ? '' : ` about ${failure}`}` });
  }
  const taught = [
    ...classification.alarms.map((rule, i) => ({ ...rule, path: ['classification', 'alarms', i] })),
    ...logs.map((entry, i) => ({ ...entry, path: ['logs', i] })),
    ...beats.map((beat, i) => ({ ...beat, path: ['beats', i] })),
  ];
  for (const { playbook, subject, path } of taught) {
    if (playbook === undefined || subject === undefined) continue;
    const { settings: needed = [], subjects } = can(playbook, rules);
    const wrong =
      noSuchPlaybook(playbook, rules) ??
      (subjects.includes(subject.type) ? null : 'this playbook cannot act on that type of subject') ??
      (isOff(needed, rules) ? `${playbook} only runs if ${needed.join(' or ')} is on` : null);
    if (wrong !== null) issues.push({ path: [...path, 'playbook'], message: wrong });
  }
  const { disks } = settings;
  if (disks) {
    for (const key of ['look', 'extend'] as const) {
      const command = Object.hasOwn(settings.commands, disks[key]) ? settings.commands[disks[key]] : undefined;
      const interrupts = command?.effects.includes('interrupts') ? `${disks[key]} must interrupt nothing: give it "effects": []` : null;
      const wrong = noSuchCommand(disks[key], settings.commands) ?? interrupts;
      if (wrong !== null) issues.push({ path: ['disks', key], message: wrong });
    }
    const [look, extend] = [settings.commands[disks.look], settings.commands[disks.extend]];
    if (look && extend && look.document === extend.document && look.version === extend.version)
      issues.push({
        path: ['disks', 'extend'],
        message: 'must have another document than look: by that the list of block devices is found',
      });
  }
  for (const [i, { when, command }] of settings.run.entries()) {
    const unknown = noSuchCommand(command, settings.commands);
    if (unknown !== null) issues.push({ path: ['run', i, 'command'], message: unknown });
    if (!treats(when.failure).some((playbook) => can(playbook, rules).actions.includes('run-command')))
      issues.push({ path: ['run', i, 'when', 'failure'], message: `no playbook for ${when.failure} runs a command` });
  }
  issues.push(
    ...shadowed(
      settings.run.map(({ when }) => when),
      ['run'],
    ),
  );
  const whens = routes.map(({ when }) => when);
  return [...issues, ...shadowed(whens, ['routes']), ...shadowed(classification.alarms.map(conditionsOf), ['classification', 'alarms'])];
};
