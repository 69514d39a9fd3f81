import type { Clients } from '../aws/clients.ts';
import { launchTemplatePermissions, launchTemplateVersion } from '../aws/launches.ts';
import { formatDuration, hours, secondsOf } from '../model/duration.ts';
import type { GroupFacts } from '../model/snapshot.ts';
import type { Replacement } from '../ports/replacements.ts';
import { isAnnounced } from './announced.ts';
import { type Check, defineGuard, escalate, hold, none, ofHosts, pass } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const groupBudgetPermissions = launchTemplatePermissions;

/** A member that fails this soon after its launch was launched broken; in milliseconds. */
const youngAge = hours(1) * 1000;
/** This many successors that fail young within the window are a pattern; in milliseconds. */
const youngPattern = { successors: 2, window: hours(24) * 1000 };

/** Whether it was launched after a replacement of ours in the same group and fails within an hour: its successor probably will, too. */
export const failsYoung = (instance: { launchedAt: number }, earlier: readonly Replacement[], now: number): boolean =>
  now - instance.launchedAt <= youngAge && earlier.some(({ at }) => at < instance.launchedAt);

/** What new members are launched from, and since when, if known; only for people. */
const sourceOf = async ({ ec2 }: Clients, { launchSource }: GroupFacts): Promise<string> => {
  if (launchSource === null) return 'an unknown source';
  if (launchSource.kind === 'configuration') return `launch configuration ${launchSource.name}`;
  const { id, name, version } = launchSource;
  try {
    const found = await launchTemplateVersion(ec2, launchSource);
    const since = found?.CreateTime ? ` since ${found.CreateTime.toISOString().slice(0, 16)}Z` : '';
    return `launch template ${name ?? id} version ${found?.VersionNumber ?? version}${since}`;
  } catch {
    return `launch template ${name ?? id} version ${version}`;
  }
};

const withinBudget: Check = async ({ incident, facts: { instance, group }, policy, replacements, clients, now }) => {
  // Replacing a member that AWS will reclaim doesn't count: a spot group's budget would be spent within the hour.
  if (isAnnounced(incident)) return pass;
  if (!instance || !group) return hold('there is no group to count replacements of');
  const { actions, window: written } = policy.budget.group;
  const window = secondsOf(written);
  const limit = actions ?? Math.max(3, Math.floor(group.desired * 0.1));
  for (const { of, earlier } of await replacements()) {
    const lately = earlier.filter(({ at }) => at > now - youngPattern.window);
    const early = lately.filter((one) => one.young).length + (failsYoung(instance, lately, now) ? 1 : 0);
    if (early >= youngPattern.successors) {
      const age = formatDuration(Math.max(0, incident.at - instance.launchedAt) / 1000);
      return escalate(
        `new members of group ${group.name} fail ${age} after they join (${early} in a row), so selfheal doesn't replace another: ${await sourceOf(clients, group)}`,
      );
    }
    const recent = earlier.filter(({ at }) => at > now - window * 1000).length;
    if (recent >= limit) {
      return escalate(`${recent} members of ${of.type} ${of.id} were replaced in ${formatDuration(window)}: the group's budget is used up`);
    }
  }
  return pass;
};

/**
 * Replacements also count against the group, and against the target group that reported the failure. A budget per instance is not
 * enough, because each successor has a new id: a bad release would be replaced for ever.
 */
export const groupBudget = defineGuard({
  id: 'group-budget',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: none,
      removesFromService: none,
      destroys: withinBudget,
      addsCapacity: none,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
