import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { attempt, explain } from '../aws/call.ts';
import { hourMs, minuteMs } from '../model/duration.ts';
import type { Result } from '../ports/call-result.ts';
import { madeByTag, marked, markedAt } from './name.ts';
import type { Plan } from './plan.ts';

/** What was changed. */
export type Applied = {
  made: number;
  changed: number;
  removed: number;
  /** Alarms that seem unneeded; they are deleted if the next run agrees. */
  marked: number;
  kept: number;
  /** Changes left for the next run, for lack of time or because of throttling. */
  left: number;
  /** One line for each change that failed and won't succeed on a retry. */
  problems: string[];
};

type ApplyDeps = {
  cloudWatch: CloudWatchClient;
  /** Whether there is time for another call. */
  mayGoOn: () => boolean;
  /** Milliseconds since the epoch. */
  now: number;
};

/** An empty or short list is not enough to delete alarms: two runs must agree, at least and at most this far apart. In milliseconds. */
const deletionDelay = { least: 10 * minuteMs, most: 2 * hourMs };

/**
 * The maximum number of alarms in a DeleteAlarms call.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
const deleteBatch = 100;

/** PutMetricAlarm resets every setting that it isn't given. The SDK sends only the fields of an alarm that are part of the call. */
const settingsOf = (alarm: MetricAlarm): PutMetricAlarmCommandInput => ({
  ...alarm,
  AlarmName: alarm.AlarmName,
  EvaluationPeriods: alarm.EvaluationPeriods,
  ComparisonOperator: alarm.ComparisonOperator,
});

/**
 * Applies a plan: creates missing alarms first, then changes, then deletes. CloudWatch allows three PutMetricAlarm calls a second per
 * account and region, so throttling is normal and the rest is left to the next run. A failure with one alarm doesn't delay the others.
 * Never throws.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
export const applyPlan = async (plan: Plan, { cloudWatch, mayGoOn, now }: ApplyDeps): Promise<Applied> => {
  const applied: Applied = { made: 0, changed: 0, removed: 0, marked: 0, kept: plan.kept, left: 0, problems: [] };
  let slowDown = false;

  const call = async <T>(run: () => Promise<T>): Promise<Result<T> | 'left'> => {
    if (slowDown || !mayGoOn()) return 'left';
    const result = await attempt(run);
    if (result.ok || result.error.kind !== 'throttled') return result;
    slowDown = true;
    return 'left';
  };
  const problem = (name: string | undefined, what: string): null => {
    applied.problems.push(`alarm ${name}: ${what}`.slice(0, 500));
    return null;
  };

  /** Whether an alarm has our tag; one with a matching name but no tag belongs to the user. */
  const isOurs = async ({ AlarmName, AlarmArn }: MetricAlarm): Promise<true | 'left' | null> => {
    const result = await call(() => cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: AlarmArn })));
    if (result === 'left') return result;
    // It has just been deleted by another run or a user.
    if (!result.ok && result.error.code.startsWith('ResourceNotFound')) return null;
    if (!result.ok) return problem(AlarmName, `its tags could not be read: ${explain(result.error)}`);
    const { Key, Value } = madeByTag;
    const carries = result.value.Tags?.some((tag) => tag.Key === Key && tag.Value === Value);
    return carries ? true : problem(AlarmName, `left alone: no tag ${Key}=${Value}`);
  };

  for (const alarm of plan.make) {
    const result = await call(() => cloudWatch.send(new PutMetricAlarmCommand({ ...alarm, Tags: [madeByTag] })));
    if (result === 'left') applied.left++;
    else if (result.ok) applied.made++;
    else problem(alarm.AlarmName, explain(result.error));
  }

  for (const { wanted, present } of plan.change) {
    const ours = await isOurs(present);
    // Actions disabled by a user stay disabled.
    const put = () => cloudWatch.send(new PutMetricAlarmCommand({ ...wanted, ActionsEnabled: present.ActionsEnabled ?? true }));
    const result = ours === true ? await call(put) : ours;
    if (result === 'left') applied.left++;
    else if (result !== null) {
      if (result.ok) applied.changed++;
      else problem(wanted.AlarmName, explain(result.error));
    }
  }

  const remove = async (AlarmNames: string[]): Promise<void> => {
    const result = await call(() => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames })));
    if (result === 'left') applied.left += AlarmNames.length;
    else if (result.ok) applied.removed += AlarmNames.length;
    else if (AlarmNames.length === 1) problem(AlarmNames[0], explain(result.error));
    // The call is all or nothing; single calls show which alarm failed.
    else for (const name of AlarmNames) await remove([name]);
  };
  const names: string[] = [];
  for (const alarm of plan.remove) {
    const ours = await isOurs(alarm);
    if (ours === 'left') applied.left++;
    if (ours !== true || !alarm.AlarmName) continue;
    const ago = now - markedAt(alarm.AlarmDescription);
    if (ago >= deletionDelay.least && ago <= deletionDelay.most) names.push(alarm.AlarmName);
    // Marked by a very recent run: wait.
    else if (ago >= 0 && ago < deletionDelay.least) applied.marked++;
    else {
      const AlarmDescription = marked(alarm.AlarmDescription, now);
      const result = await call(() => cloudWatch.send(new PutMetricAlarmCommand({ ...settingsOf(alarm), AlarmDescription })));
      if (result === 'left') applied.left++;
      else if (result.ok) applied.marked++;
      else problem(alarm.AlarmName, `could not be marked as no longer needed: ${explain(result.error)}`);
    }
  }
  for (let from = 0; from < names.length; from += deleteBatch) await remove(names.slice(from, from + deleteBatch));
  return applied;
};
