import { consumerTag } from '../model/consumer.ts';
import type { Incident } from '../model/incident.ts';
import { isWithin } from '../model/organization.ts';
import { namesOwner } from '../model/owner.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import { type Mode, modes, type Policy, stricter } from '../model/policy.ts';
import { everySeen } from '../model/resources/index.ts';
import { runbookTag } from '../model/runbook.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { checksIn, healthHostOf, healthUrlTag } from '../model/url-check.ts';
import { playbooksOf } from '../playbooks/custom.ts';
import { narrows } from '../playbooks/narrows.ts';
import type { NamedCommand } from '../playbooks/with-command.ts';

type Tags = Readonly<Record<string, string>>;

/** The policy as it applies to one incident and its resource. */
export type EffectivePolicy = Policy & {
  /** The playbook; null: the incident is only reported. */
  playbook: PlaybookId | null;
  /** A tag requires approval of every action. */
  approvalByTag: boolean;
  /** The owner's command for this failure; null if the policy names none. */
  command: NamedCommand | null;
  /** Tags that can't be followed because they would loosen the policy or are unreadable. Then no action is taken. */
  problems: readonly string[];
};

/** Tags with which a resource's owner makes the policy stricter for it. */
export const overrideTags = [
  'selfheal:mode',
  'selfheal:playbook',
  'selfheal:approval',
  'selfheal:max-actions',
  'selfheal:command',
  healthUrlTag,
] as const;
const prefix = 'selfheal:';

const holds = <T>(wanted: T | undefined, is: (wanted: T) => boolean): boolean => wanted === undefined || is(wanted);

/** Whether one of the given sets of tags has the tag, and this value if given. */
export const carries = (tags: readonly Tags[], { key, value }: { key: string; value?: string | undefined }): boolean =>
  tags.some((own) => Object.hasOwn(own, key) && holds(value, (wanted) => own[key] === wanted));

/** The tags of the resource and of its group. */
export const tagsOf = (facts: ResourceSnapshot): Tags[] => everySeen(facts).map(({ tags }) => tags);

/**
 * A look without the tags that are not used. An instance and its group may each have fifty tags of 384 characters, and every look is
 * checkpointed.
 */
export const withoutIdleTags = (facts: ResourceSnapshot, { optIn, modes, approval, run, checks }: Policy): ResourceSnapshot => {
  const conditions = [...modes, ...run, ...checksIn(checks).urls];
  const tags = [...conditions.map(({ when }) => when.tag), ...approval.required.map(({ tag }) => tag)];
  const named = new Set([optIn.key, ...tags.map((tag) => tag?.key)]);
  // People know a resource by its name, though nothing depends on it.
  const kept = (key: string) => named.has(key) || key === 'Name' || key.toLowerCase().startsWith(prefix) || namesOwner(key);
  const thin = <T extends { tags: Tags }>(one: T): T => ({
    ...one,
    tags: Object.fromEntries(Object.entries(one.tags).filter(([key]) => kept(key))),
  });
  const thinQueue = ({ queue }: ResourceSnapshot) =>
    queue?.sources ? { queue: { ...thin(queue), sources: queue.sources.map(thin) } } : {};
  const thinDisks = ({ disks }: ResourceSnapshot) => (disks ? { disks: { ...disks, volumes: disks.volumes.map(thin) } } : {});
  const isTagged = (part: unknown): part is { tags: Tags } => typeof part === 'object' && part !== null && 'tags' in part;
  const parts = Object.entries(facts).map(([key, part]) => [key, isTagged(part) ? thin(part) : part]);
  return { ...(Object.fromEntries(parts) as ResourceSnapshot), ...thinQueue(facts), ...thinDisks(facts) };
};

const modeOf = (policy: Policy, incident: Incident, tags: readonly Tags[]): Mode => {
  const matching = policy.modes.filter(
    ({ when }) =>
      isWithin(when, incident, policy.organization) &&
      holds(when.failure, (wanted) => wanted === incident.failure) &&
      holds(when.tag, (wanted) => carries(tags, wanted)),
  );
  const [first, ...rest] = matching.map(({ mode }) => mode);
  return first === undefined ? policy.mode : rest.reduce(stricter, first);
};

/** The playbook for an incident whose class, or the rule that reported it, has the given one: that, or the policy's in its place. */
export const chosenPlaybook = (
  policy: Pick<Policy, 'playbooks'>,
  { failure, playbook }: Pick<Incident, 'failure' | 'playbook'>,
): PlaybookId | null => {
  const chosen = playbook === null ? undefined : policy.playbooks[failure];
  return chosen === 'none' ? null : (chosen ?? playbook);
};

/** The command of the first entry that matches. */
const commandOf = ({ run, commands }: Policy, { failure }: Incident, tags: readonly Tags[]): NamedCommand | null => {
  const entry = run.find(({ when }) => when.failure === failure && holds(when.tag, (wanted) => carries(tags, wanted)));
  return entry === undefined ? null : namedCommand(commands, entry.command);
};

/** One of the policy's commands by its name; null if there is none. */
const namedCommand = (commands: Policy['commands'], name: string): NamedCommand | null => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command === undefined ? null : { name, ...command };
};

/** Applies one tag's value to the policy: the stricter policy, or why the tag can't be followed. */
type Override = (policy: EffectivePolicy, value: string) => EffectivePolicy | string;

const overrides: Readonly<Record<(typeof overrideTags)[number], Override>> = {
  'selfheal:mode': (policy, value) => {
    const mode = modes.find((known) => known === value);
    if (!mode) return `must be one of ${modes.join(', ')}`;
    return stricter(mode, policy.mode) === mode ? { ...policy, mode } : `would loosen the mode, which is ${policy.mode}`;
  },
  'selfheal:playbook': (policy, value) => {
    if (value === 'none' || policy.playbook === null) return { ...policy, playbook: null };
    const known = playbooksOf(policy);
    const chosen = Object.hasOwn(known, value) ? known[value] : undefined;
    if (!chosen) return 'must be a playbook or none';
    const given = known[policy.playbook];
    return given && narrows(chosen, given)
      ? { ...policy, playbook: chosen.id }
      : `may only narrow the playbook ${policy.playbook}, which ${chosen.id} does not`;
  },
  'selfheal:approval': (policy, value) =>
    value === 'required' ? { ...policy, approvalByTag: true } : 'must be required: a tag can only require approval, never waive it',
  'selfheal:max-actions': (policy, value) => {
    if (!/^\d{1,3}$/.test(value)) return 'must be a number of actions';
    const actions = Number(value);
    return actions <= policy.budget.actions
      ? { ...policy, budget: { ...policy.budget, actions } }
      : `would loosen the budget, which is ${policy.budget.actions}`;
  },
  // It chooses among the policy's commands, where the policy has one for the failure.
  'selfheal:command': (policy, value) => {
    const command = namedCommand(policy.commands, value);
    if (command === null) return 'must be one of the commands in the policy';
    return { ...policy, command: policy.command && command };
  },
  // What must answer besides, which is asked for once all else is well.
  [healthUrlTag]: (policy, value) => {
    const host = healthHostOf(value);
    if (host === null) return 'must be a URL that begins with https://';
    return checksIn(policy.checks).hosts.includes(host) ? policy : `names the host ${host}, which is not in checks.hosts of the policy`;
  },
};

/** Applies every tag that begins with the prefix, in any case, so that a misspelt one is not ignored. */
const follow = (given: EffectivePolicy, tags: Tags): EffectivePolicy => {
  let policy = given;
  for (const [key, value] of Object.entries(tags)) {
    // It is not a request.
    if (!key.toLowerCase().startsWith(prefix) || key === runbookTag || key === consumerTag) continue;
    const override = Object.hasOwn(overrides, key) ? overrides[key as keyof typeof overrides] : undefined;
    const made = override ? override(policy, value) : `is not one of ${overrideTags.join(', ')}`;
    policy = typeof made === 'string' ? { ...policy, problems: [...policy.problems, `tag ${key}=${value.slice(0, 64)} ${made}`] } : made;
  }
  return policy;
};

/**
 * The policy for one incident: its mode and playbook by account, region, tag and failure class, then restricted by the tags of the resource
 * and its group. A tag can only make it stricter. Pure.
 */
export const policyFor = (policy: Policy, { incident, facts }: { incident: Incident; facts: ResourceSnapshot }): EffectivePolicy => {
  const tags = tagsOf(facts);
  const given: EffectivePolicy = {
    ...policy,
    mode: modeOf(policy, incident, tags),
    playbook: chosenPlaybook(policy, incident),
    approvalByTag: false,
    command: commandOf(policy, incident, tags),
    problems: [],
  };
  // Each set of tags is compared with the policy itself, not with the result of the other set.
  return tags.reduce((strictest, own) => tightest(strictest, follow(given, own), given), given);
};

/** Combines the policies by the tags of the resource and of its group, which both began as `given`. */
const tightest = (a: EffectivePolicy, b: EffectivePolicy, given: EffectivePolicy): EffectivePolicy => ({
  ...a,
  mode: stricter(a.mode, b.mode),
  playbook: tighterPlaybook(a.playbook, b.playbook, given),
  approvalByTag: a.approvalByTag || b.approvalByTag,
  budget: a.budget.actions <= b.budget.actions ? a.budget : b.budget,
  command: a.command === given.command ? b.command : a.command,
  problems: [...a.problems, ...b.problems, ...disagreements(a, b, given)],
});

/** A command that a tag names is another object than the policy's own. */
const disagreements = (a: EffectivePolicy, b: EffectivePolicy, given: EffectivePolicy): string[] =>
  a.command !== given.command && b.command !== given.command && a.command?.name !== b.command?.name
    ? [`tag selfheal:command names ${a.command?.name} on the resource and ${b.command?.name} on its group`]
    : [];

/** The narrower of two playbooks; null if neither is. */
const tighterPlaybook = (a: PlaybookId | null, b: PlaybookId | null, policy: Policy): PlaybookId | null => {
  const known = playbooksOf(policy);
  const [one, other] = [a === null ? undefined : known[a], b === null ? undefined : known[b]];
  if (!one || !other) return null;
  if (narrows(other, one)) return other.id;
  return narrows(one, other) ? one.id : null;
};
