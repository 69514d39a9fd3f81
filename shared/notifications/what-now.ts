import type { FailureId } from '../model/failure-id.ts';
import { readMass } from '../model/mass-failure-text.ts';
import type { Outcome } from '../model/outcome.ts';

/** What a person should do first about each failure class. */
const byFailure: Readonly<Record<FailureId, string>> = {
  'host-impaired': 'Stop and start the instance to move it to another host, or replace it; see the Health dashboard for the host.',
  'instance-unreachable': "Read the instance's system log and screenshot, then restart or replace it.",
  'status-check-failed': 'See which of the status checks fails, then restart or replace the instance.',
  'volume-impaired': "Check the volume's status and its I/O; restore from a snapshot if its data is suspect.",
  'instance-stopped': 'Find out who or what stopped the instance, and start it if it should run.',
  'instance-terminated': 'Find out who or what terminated the instance; launch another one if nothing does that automatically.',
  'instance-retiring': 'Stop and start the instance, or replace it, before the date that AWS has announced.',
  'spot-interruption': 'Check that the group or the fleet gets replacement capacity; add instance types or zones if it does not.',
  'spot-rebalance': 'Nothing has failed yet: have the instance replaced before it is interrupted.',
  'load-saturated': "Raise the group's maximum or the size of its instances, or find where the load comes from.",
  'memory-exhausted': 'Find which process takes the memory, then restart it or give the instance more.',
  'application-down': 'Start the process again, and read its log for the reason that it ended.',
  'disk-full': 'Free space on the file system, or enlarge the volume and the file system.',
  'launch-failed': "Read the group's last activity for the reason, then correct its launch template, quota or capacity.",
  'terminate-failed': "Read the group's last activity for the reason, then terminate the instance by hand.",
  'target-unhealthy':
    "Compare the target group's health check with what the targets answer; roll back the last release if it began with that.",
  'error-rate': 'Look at the errors since it began; roll back the last deployment if it began with that.',
  'latency-high': 'Look at what is slow since it began: a dependency, the load, or the last deployment.',
  'queue-backlog': 'Check that the consumers run and keep up, and look at the dead-letter queue.',
  'database-impaired': "Look at the database's events and at its storage, connections and load.",
  'replica-behind':
    'Look at what is written to the source and read from the replica since it began: long transactions, the load, a smaller class.',
  'service-impaired':
    "Read the service's last events and why its tasks or invocations fail; roll back the last deployment if it began with that.",
  'agent-lost':
    'Look at the agent of ECS on the instance and at its network; drain the host and replace it if the agent does not come back.',
  'canary-failed': "Open the canary's last run: its screenshots and log show the step that failed.",
  'zone-impaired': 'Move traffic and capacity to other zones, and follow the Health dashboard.',
  'certificate-expiring': 'Renew the certificate, or correct the DNS record that validates it.',
  unclassified: 'Look at the alarm and decide; a rule in the policy (classification) tells selfheal what such alarms mean.',
};

/** What a person should do about the guard that held an action; without an entry, the advice of the failure class is used. */
const byGuard: Readonly<Record<string, string>> = {
  'opt-in': 'Treat it by hand, or give the resource the opt-in tag.',
  overrides: "Correct the resource's selfheal: tags, which can't be followed, and treat it by hand.",
  mode: 'Treat it by hand: the policy only reports here.',
  owner: 'Treat it through the owner of the instance; selfheal leaves it to that owner.',
  'alarm-actions': "Check what the alarm's own action did; selfheal leaves the resource to it.",
  'kill-switch': 'Treat it by hand, or set the kill switch to on again if its reason is over.',
  calendar: 'Treat it by hand if it cannot wait for the change calendar to open.',
  budget: 'Find out why it keeps failing before you do the same again: the budget of actions is used up.',
  'group-budget': "Find out why the group's members keep failing: its budget of replacements is used up.",
  flapping: 'Find out why it keeps failing: what healed it before did not last.',
  capacity: 'Wait until its group is healthy again, or treat it by hand: an action now would take too much capacity.',
  'group-can-launch': "Read the group's last activity for why it cannot launch, and correct that first.",
  'proven-version':
    'Decide whether the new version is good: bring a member of it into service, or set the group back to the one that works.',
  'can-start-again': 'Before the instance is stopped, correct what would prevent it from starting again.',
  drain: 'Bring more of its targets to health, or treat it by hand: without it too few would serve.',
  'recent-manual-change': 'Ask the person who changed it last; treat it by hand if nobody is working on it.',
  'public-address': 'Decide whether its public address may change; a stop and a start gives it another one.',
  protection: 'Decide whether the protected instance may be replaced, and remove the protection if so.',
  'database-ready': "Look at the database's pending changes, its maintenance window and its status before you change it.",
  approval: 'Nobody has approved the action: treat it by hand.',
  zone: 'Follow the Health dashboard for the zone, and move traffic and capacity to other zones.',
};

const heldBy = ({ timeline }: Outcome): string | undefined =>
  timeline.flatMap(({ answers = [] }) => answers).findLast(({ answer }) => answer !== 'pass')?.guard;

/** What a person should do now, in one line; null if nothing. */
export const whatNow = (outcome: Outcome): string | null => {
  const { status, failure, reason } = outcome;
  switch (status) {
    case 'healed':
    case 'healed-itself':
      return null;
    case 'dry-run':
      return 'Nothing was changed: do it by hand, or let selfheal do it (mode enforce in the policy).';
  }
  if (reason.startsWith('STOPPED by selfheal')) return 'Start the instance by hand now; if AWS refuses, the reason says why.';
  if (reason.startsWith('DRAINED by selfheal')) return 'Check that the instance works, and put it back by the command in the reason.';
  if (reason.startsWith('TERMINATED by selfheal')) return "Read the group's activity for why no successor has come, and correct that now.";
  if (reason.startsWith('selfheal lacks ')) return "Treat it by hand, then add the missing permission to selfheal's role.";
  if (readMass(reason) !== null)
    return 'Look for the common cause first: a zone, a release, a network, a dependency. selfheal treats no single resource meanwhile.';
  if (status === 'failed') return 'Check the resource: an action may be half done. Then read the story for why selfheal failed.';
  const guard = status === 'held' ? heldBy(outcome) : undefined;
  return (guard === undefined ? undefined : byGuard[guard]) ?? byFailure[failure];
};
