import type { Call } from '#local-aws';

type Does = 'reboot' | 'recover' | 'stop' | 'terminate';
/** An alarm as its owner created it, from the calls. */
type WatchedAlarm = {
  name: string;
  /** The instance or the group that it watches. */
  subject: string | null;
  /** What it does to its instance, and the group that it scales. */
  does: Does | null;
  scales: string | null;
  /** Of all its periods, in seconds. */
  evaluation: number;
  disabledSince: number | null;
  alarmSince: number | null;
  /** When it last carried out its actions. */
  ranAt: number | null;
  /** Its changes into and out of ALARM. */
  points: { at: number; rings: boolean }[];
};

type Put = {
  AlarmName?: string;
  Dimensions?: { Name?: string; Value?: string }[];
  AlarmActions?: string[];
  ActionsEnabled?: boolean;
  Period?: number;
  EvaluationPeriods?: number;
};

/** Parsed independently of selfheal's own code, on purpose. */
const doesOf = (arns: readonly string[]): Does | null =>
  (arns.map((arn) => /:automate:[^:]*:ec2:(reboot|recover|stop|terminate)$/.exec(arn)?.[1]).find((verb) => verb !== undefined) ??
    null) as Does | null;
const scalesOf = (arns: readonly string[]): string | null =>
  arns.map((arn) => /:autoScalingGroupName\/([^:]+):policyName\//.exec(arn)?.[1]).find((name) => name !== undefined) ?? null;

/** Tracks how alarms were created, silenced and deleted, and when they fired: from the calls to CloudWatch and the states themselves. */
export const createAlarmWatch = (now: () => number) => {
  const alarms = new Map<string, WatchedAlarm>();
  const named = ({ input }: Call) => ((input.AlarmNames ?? []) as string[]).flatMap((name) => alarms.get(name) ?? []);

  const put = (input: Put): void => {
    const { AlarmName: name = '', Dimensions = [], AlarmActions = [], ActionsEnabled = true, Period = 60, EvaluationPeriods = 1 } = input;
    const known = alarms.get(name);
    alarms.set(name, {
      name,
      subject: Dimensions.find(({ Name }) => Name === 'InstanceId' || Name === 'AutoScalingGroupName')?.Value ?? null,
      does: doesOf(AlarmActions),
      scales: scalesOf(AlarmActions),
      evaluation: Period * EvaluationPeriods,
      disabledSince: ActionsEnabled ? null : (known?.disabledSince ?? now()),
      alarmSince: known?.alarmSince ?? null,
      ranAt: known?.ranAt ?? null,
      points: known?.points ?? [],
    });
  };

  return {
    follow: (call: Call): void => {
      if (call.service !== 'monitoring') return;
      switch (call.operation) {
        case 'PutMetricAlarm':
          put(call.input as Put);
          return;
        case 'DisableAlarmActions':
          for (const alarm of named(call)) alarm.disabledSince ??= now();
          return;
        case 'EnableAlarmActions':
          for (const alarm of named(call)) alarm.disabledSince = null;
          return;
        case 'DeleteAlarms':
          for (const alarm of named(call)) alarms.delete(alarm.name);
      }
    },
    changed: (name: string, to: string): void => {
      const alarm = alarms.get(name);
      if (!alarm) return;
      alarm.alarmSince = to === 'ALARM' ? now() : null;
      alarm.points.push({ at: now(), rings: to === 'ALARM' });
      if (to === 'ALARM' && alarm.disabledSince === null) alarm.ranAt = now();
    },
    get: (name: string): WatchedAlarm | undefined => alarms.get(name),
    /** Whether it did not ring at some time between the two; one that is deleted never does. */
    wasQuiet: (name: string, from: number, to: number): boolean => {
      const points = alarms.get(name)?.points ?? [];
      const first = points[0];
      if (!first || first.at > from) return true;
      return points.some(({ at, rings }, i) => !rings && at <= to && (points[i + 1]?.at ?? Number.POSITIVE_INFINITY) >= from);
    },
    /** Whether another alarm that isn't silenced reports the same. */
    saidElsewhere: (alarm: WatchedAlarm): boolean =>
      [...alarms.values()].some(
        (other) => other !== alarm && other.subject === alarm.subject && other.alarmSince !== null && other.disabledSince === null,
      ),
  };
};
