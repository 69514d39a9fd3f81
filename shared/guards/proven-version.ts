import type { Clients } from '../aws/clients.ts';
import { launchesPermissions, launchTemplatePermissions, launchTemplateVersion, recentLaunches } from '../aws/launches.ts';
import { formatDuration, minutes } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { type LaunchSource, launchedFrom, workingBySource } from '../model/snapshot.ts';
import { type Check, defineGuard, hold, none, ofHosts, pass, requireApproval } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const provenVersionPermissions = [...launchTemplatePermissions, ...launchesPermissions] as const;

/** So long a member must have run what another one would be launched from, in seconds: what a bad release breaks may take minutes to show. Assumed. */
const proofTakes = minutes(15);

/** EC2 takes the member within minutes in any case, and its successor is launched from the same. */
const reclaimed: ReadonlySet<Incident['failure']> = new Set(['spot-interruption', 'spot-rebalance']);

/** What a member would be launched from now: `$Latest` and `$Default` mean another version tomorrow. Null if EC2 names none. */
const resolved = async ({ ec2 }: Clients, source: LaunchSource): Promise<LaunchSource | null> => {
  if (source.kind === 'configuration' || !source.version.startsWith('$')) return source;
  const number = (await launchTemplateVersion(ec2, source))?.VersionNumber;
  return number === undefined ? null : { ...source, version: String(number) };
};

const wordsFor = (source: LaunchSource): string =>
  source.kind === 'configuration'
    ? `launch configuration ${source.name}`
    : `launch template ${source.name ?? source.id} version ${source.version}`;

/** Whether all of `count` members may be newer than a proof takes. */
const mayBeNew = async ({ autoScaling }: Clients, group: string, count: number, now: number): Promise<boolean> => {
  const launches = await recentLaunches(autoScaling, group);
  return launches.filter(({ startedAt, state }) => state !== 'failed' && startedAt > now - proofTakes * 1000).length >= count;
};

const isProven: Check = async ({ facts: { instance, group }, incident, clients, approved, now }) => {
  if (approved || reclaimed.has(incident.failure)) return pass;
  if (!group?.launchSource || !group.working || !instance) return hold('what the members of its group were launched from is not known');
  const own = group.members.find(({ instanceId }) => instanceId === instance.id);
  const from = own?.source ?? null;
  // Its group may still take the one that fails for healthy.
  const mine = workingBySource(own ? [own] : []);
  const others = new Map(Object.entries(group.working).map(([source, count]) => [source, count - (mine[source] ?? 0)]));
  const sources: LaunchSource[] = [];
  let unproven: LaunchSource | undefined;
  for (const source of [group.launchSource, ...(group.otherSources ?? [])]) {
    const next = await resolved(clients, source);
    if (next === null) return hold(`which version ${wordsFor(source)} is could not be found out`);
    const running = others.get(launchedFrom(next)) ?? 0;
    // What the failed one itself has run for long needs no further proof. What the group has only now begun to run does.
    const isKnown = launchedFrom(next) === from && instance.launchedAt <= now - proofTakes * 1000;
    if (running > 0 && (isKnown || !(await mayBeNew(clients, group.name, running, now)))) return pass;
    if (running > 0) unproven ??= next;
    sources.push(next);
  }
  const isItsOwn = from !== null && sources.some((source) => launchedFrom(source) === from);
  // With no other one that works, what the group has run until now is all that is known to.
  if (isItsOwn && [...others.values()].every((count) => count === 0)) return pass;
  if (unproven)
    return requireApproval(
      `no member of group ${group.name} has run ${wordsFor(unproven)}, from which its successor would be launched, for ${formatDuration(proofTakes)}`,
    );
  const next = wordsFor(sources[0] ?? group.launchSource);
  return requireApproval(
    isItsOwn
      ? `no healthy member of group ${group.name} runs ${next}, from which it and its successor come: another one would probably fail, too`
      : `no healthy member of group ${group.name} runs ${next}, from which its successor would be launched`,
  );
};

/**
 * A member is only replaced by what is known to work: a version of the launch template, or a configuration, that a healthy member of the group
 * runs, and has run for a while if it is new there. A bad release is launched by whoever replaces the first member after it, so a person decides about that.
 */
export const provenVersion = defineGuard({
  id: 'proven-version',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: none,
      interrupts: none,
      removesFromService: none,
      destroys: isProven,
      addsCapacity: none,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
