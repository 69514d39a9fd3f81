import { historyPermissions, readTrail } from '../aws/change-history.ts';
import { formatDuration } from '../model/duration.ts';
import type { TrailCall } from '../ports/change-history.ts';
import { type Check, defineGuard, type GuardInput, holdForNow, none, ofHosts, pass } from './guard.ts';

/** IAM actions of its look-up. A test compares them with the packaged template. */
export const recentManualChangePermissions = historyPermissions;

/** Calls that show how a person wants the resource to be. */
export const interventions: ReadonlySet<string> = new Set([
  'StopInstances',
  'StartInstances',
  'RebootInstances',
  'TerminateInstances',
  'TerminateInstanceInAutoScalingGroup',
  'SetDesiredCapacity',
  'UpdateAutoScalingGroup',
  'EnterStandby',
  'ExitStandby',
  'AttachInstances',
  'DetachInstances',
  'SetInstanceProtection',
]);

const operationOf = ({ call }: TrailCall): string => call.slice(call.indexOf(':') + 1);

/** Ignores calls without effect, and those of selfheal and of groups, which other guards handle. */
const isOrdinary = ({ error, byService, selfheal }: TrailCall): boolean => error !== null || byService || selfheal;

/** `names`: the names under which CloudTrail may record calls on the target. */
const checkOf =
  (names: (input: GuardInput) => readonly string[]): Check =>
  async (input) => {
    const {
      clients: { cloudTrail },
      policy,
      now,
    } = input;
    const seconds = policy.healers.person;
    let call: TrailCall | undefined;
    for (const name of names(input)) {
      const { calls } = await readTrail(cloudTrail, name, { from: now - seconds * 1000, to: now, pages: 1 });
      call ??= calls.find((one) => interventions.has(operationOf(one)) && !isOrdinary(one));
    }
    if (!call) return pass;
    const ago = formatDuration(Math.max(0, (now - Date.parse(call.at)) / 1000));
    return holdForNow(`${call.who} called ${operationOf(call)} on it ${ago} ago, and may still be working on it`);
  };

const own = checkOf(({ target }) => [target.id]);

/**
 * A person who has just stopped, started, terminated or resized the resource counts as still at work on it. CloudTrail shows a call up
 * to a quarter of an hour late, and allows two look-ups a second, so many incidents at once wait for one another here. A reboot or a
 * command undoes nobody's work, so the guard doesn't ask CloudTrail for it. If CloudTrail is not available at all, a policy with `healers.person: 0`
 * skips this guard.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const recentManualChange = defineGuard({
  id: 'recent-manual-change',
  idle: ({ healers }) => healers.person === 0,
  check: {
    of: ofHosts({
      starts: own,
      changesSoftware: none,
      interrupts: none,
      removesFromService: own,
      // CloudTrail may record a call on a member under its group's name only.
      destroys: checkOf(({ target, facts: { group } }) => (group ? [target.id, group.name] : [target.id])),
      addsCapacity: own,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
