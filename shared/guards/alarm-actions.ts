import { has } from '../actions/action.ts';
import { silenced } from '../health/alarm.ts';
import { ownAction } from '../model/alarm-action.ts';
import { formatDuration } from '../model/duration.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { defineGuard, hold, holdQuietly, holdUntil, pass } from './guard.ts';

/**
 * An alarm may heal by itself: reboot or recover its instance, or trigger a scaling policy that adds capacity. Two healers fight, so the
 * alarm goes first. If an alarm stops or terminates its instance, its owner wants exactly that.
 */
export const alarmActions = defineGuard({
  id: 'alarm-actions',
  live: true,
  check: ({ facts: { alarm, group }, incident, action, target, policy: { healers }, now }) => {
    const silence = silenced(alarm, incident);
    if (silence) return holdQuietly(silence);
    // An alarm with disabled actions does nothing.
    if (!alarm?.actionsEnabled) return pass;
    const own = alarm.actions.map(ownAction);
    const ends = own.find((one) => one.kind === 'instance' && (one.does === 'stop' || one.does === 'terminate'));
    if (ends?.kind === 'instance') return hold(`alarm ${alarm.name} itself ${ends.does === 'stop' ? 'stops' : 'terminates'} the instance`);
    // Without the time of its last change, assume that it fired just now.
    const since = alarm.updatedAt ?? now;
    const heals = own.find((one) => one.kind === 'instance');
    if (heals?.kind === 'instance' && typesOfResource[target.type].machine) {
      const until = since + healers.autoRecovery * 1000;
      if (now < until) {
        return holdUntil(
          `alarm ${alarm.name} itself ${heals.does === 'reboot' ? 'reboots' : 'recovers'} it, and has ${formatDuration(healers.autoRecovery)} to do so`,
          until,
        );
      }
    }
    if (!has(action, 'addsCapacity') || !group) return pass;
    const scales = own.some((one) => one.kind === 'scaling' && one.group === group.name);
    // With this process suspended the alarm has no effect.
    if (!scales || group.suspendedProcesses.includes('AlarmNotification')) return pass;
    const seconds = group.cooldownSeconds + 2 * (alarm.evaluationSeconds ?? 300);
    const until = since + seconds * 1000;
    return now < until
      ? holdUntil(
          `a scaling policy of group ${group.name} responds to alarm ${alarm.name}, and has ${formatDuration(seconds)} to do so`,
          until,
        )
      : pass;
  },
});
