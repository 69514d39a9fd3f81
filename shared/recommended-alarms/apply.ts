import {
  type CloudWatchClient,
  DeleteAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from '@aws-sdk/client-cloudwatch';
import { attempt, explain } from '../aws/call.ts';
import type { Result } from '../ports/call-result.ts';
import { madeByTag, marked, markedAt } from './name.ts';
import type { Plan } from './plan.ts';

export type Applied = {
  made: number;
  changed: number;
  removed: number;
  /** No longer needed as it seems; they go if the next run finds so, too. */
  marked: number;
  kept: number;
  /** What there was no time for, or too high a rate: the next run goes on with it. */
  left: number;
  /** One line for each thing that could not be done, and that trying again won't help. */
  problems: string[];
};

type ApplyDeps = {
  cloudWatch: CloudWatchClient;
  /** Whether there is time for another call. */
  mayGoOn: () => boolean;
  /** Milliseconds since the epoch. */
  now: number;
};

/**
 * One list that comes back empty or short is no reason to take alarms away: two runs must find so, at least so far apart, and not so far that
 * the first has nothing to do with the second. In milliseconds.
 */
const apart = { least: 10 * 60_000, most: 2 * 3600_000 };

/** DeleteAlarms takes so many at once. */
const deleteBatch = 100;

/** PutMetricAlarm replaces all that it isn't given; the SDK sends nothing of an alarm but what the call takes. */
const settingsOf = (alarm: MetricAlarm): PutMetricAlarmCommandInput => ({
  ...alarm,
  AlarmName: alarm.AlarmName,
  EvaluationPeriods: alarm.EvaluationPeriods,
  ComparisonOperator: alarm.ComparisonOperator,
});

/**
 * Carries a plan out: first what is missing, then what is different, then what is too much. CloudWatch takes three PutMetricAlarm a
 * second from a whole account, so throttles are normal: then the rest is left to the next run. What can't be done for one alarm
 * doesn't keep the others from being done. Never throws.
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

  /** Whether an alarm carries our tag: others may have been made under such a name, and are not ours to change. */
  const isOurs = async ({ AlarmName, AlarmArn }: MetricAlarm): Promise<true | 'left' | null> => {
    const result = await call(() => cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN: AlarmArn })));
    if (result === 'left') return result;
    // Another run, or somebody, has just deleted it.
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
    // Whoever turned its actions off did so on purpose.
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
    // All or none are deleted: one by one shows which it was.
    else for (const name of AlarmNames) await remove([name]);
  };
  const names: string[] = [];
  for (const alarm of plan.remove) {
    const ours = await isOurs(alarm);
    if (ours === 'left') applied.left++;
    if (ours !== true || !alarm.AlarmName) continue;
    const ago = now - markedAt(alarm.AlarmDescription);
    if (ago >= apart.least && ago <= apart.most) names.push(alarm.AlarmName);
    // Marked by a run of a moment ago, it is left so.
    else if (ago >= 0 && ago < apart.least) applied.marked++;
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
