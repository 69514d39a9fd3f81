import type { Policy } from './policy.ts';

/** A setting of the policy, by its path. */
export type PolicySetting = keyof Policy | `${keyof Policy}.${string}`;

/** What decides whether a guard holds: settings of the policy, or, where none does, what a person does instead. */
export type GoverningSettings = { settings: readonly [PolicySetting, ...PolicySetting[]] } | { settings: readonly []; instead: string };

const by = (...settings: [PolicySetting, ...PolicySetting[]]): GoverningSettings => ({ settings });
const noSetting = (instead: string): GoverningSettings => ({ settings: [], instead });

/** What governs each guard. It stands apart from the guards, since what counts their holds must not bring their clients along. */
export const guardSettings = {
  'opt-in': by('optIn'),
  paused: noSetting('a person has paused it: selfheal resume ends that'),
  overrides: noSetting('a policy or a tag can not be read: selfheal policy check finds what is wrong in a policy'),
  mode: by('mode', 'modes'),
  owner: by('owners', 'ecs.hosts'),
  'alarm-actions': by('healers.autoRecovery'),
  'intentional-stop': noSetting('someone stopped it, which selfheal leaves alone'),
  'asg-constraints': noSetting("the group's own settings and suspended processes forbid it"),
  'database-ready': by('databases', 'readers'),
  'service-ready': by('ecs'),
  'concurrency-room': by('lambda.concurrency'),
  'validation-record': by('certificates.zones'),
  'disk-ready': by('disks'),
  'still-failing': noSetting('it no longer failed, or that could not be seen'),
  'mass-failure': by('massFailure'),
  zone: by('healers.zone'),
  'kill-switch': noSetting('the kill switch is turned: selfheal switch on turns it back'),
  'release-to-blame': by('lambda.rollback'),
  reachable: noSetting('the agent of Systems Manager does not answer'),
  'concurrent-remediation': by('healers.autoRecovery'),
  capacity: noSetting('the rest of the group can not carry the load'),
  'group-can-launch': noSetting('the group can not launch a successor'),
  'zone-hosts': noSetting('no host of its zone worked: it may have been the whole zone'),
  'can-start-again': by('kmsKeys'),
  drain: by('drain'),
  'queue-ready': by('redrive', 'consumers'),
  'recent-manual-change': by('healers.person'),
  calendar: by('calendars'),
  'proven-version': noSetting('a person approves it, or brings a member of the new version into service first'),
  'public-address': by('protect.publicAddress'),
  protection: noSetting('a protection on the resource itself forbids it'),
  approval: by('approval'),
  lease: by('lease'),
  cooldown: noSetting('another incident had just treated it'),
  budget: by('budget'),
  flapping: by('flapping'),
  'group-budget': by('budget.group'),
  'disruption-budget': by('blastRadius.share'),
  'cluster-share': by('blastRadius.share', 'ecs.hosts'),
} as const satisfies Record<string, GoverningSettings>;

export type GuardId = keyof typeof guardSettings;

/** What governs the guard of an id; null for one of another version. */
export const settingsOf = (guard: string): GoverningSettings | null =>
  Object.hasOwn(guardSettings, guard) ? guardSettings[guard as GuardId] : null;
