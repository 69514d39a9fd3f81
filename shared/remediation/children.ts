import { DescribeAlarmsCommand, ListTagsForResourceCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Clients } from '../aws/clients.ts';
import { ownerTags } from '../failures/classify.ts';
import { readEvent } from '../failures/read.ts';
import type { Classification } from '../model/classification.ts';
import type { Rules } from '../model/classification-rules.ts';
import type { Incident } from '../model/incident.ts';
import { tagMap } from '../model/tags.ts';

/** The maximum number of children that are read. */
const maxChildren = 100;

/** The event that EventBridge would have sent for the alarm, so that it is decoded like any other. */
const eventOf = ({ account, region }: Incident, alarm: MetricAlarm): Record<string, unknown> => {
  const dimensionsOf = (dimensions: MetricAlarm['Dimensions']) =>
    Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const single = {
    id: 'm1',
    metricStat: {
      metric: { namespace: alarm.Namespace, name: alarm.MetricName, dimensions: dimensionsOf(alarm.Dimensions) },
      period: alarm.Period,
      stat: alarm.Statistic ?? alarm.ExtendedStatistic,
    },
    returnData: true,
  };
  const several = (alarm.Metrics ?? []).map(({ Id, Expression, MetricStat, ReturnData, AccountId }) => ({
    id: Id,
    ...(Expression === undefined ? {} : { expression: Expression }),
    ...(MetricStat === undefined
      ? {}
      : {
          metricStat: {
            metric: {
              namespace: MetricStat.Metric?.Namespace,
              name: MetricStat.Metric?.MetricName,
              dimensions: dimensionsOf(MetricStat.Metric?.Dimensions),
            },
            period: MetricStat.Period,
            stat: MetricStat.Stat,
          },
        }),
    ...(AccountId === undefined ? {} : { accountId: AccountId }),
    returnData: ReturnData ?? true,
  }));
  const time = (alarm.StateUpdatedTimestamp ?? new Date(0)).toISOString();
  return {
    version: '0',
    id: 'child',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    region,
    time,
    resources: [alarm.AlarmArn],
    detail: {
      alarmName: alarm.AlarmName,
      state: { value: alarm.StateValue, reason: alarm.StateReason, reasonData: alarm.StateReasonData, timestamp: time },
      previousState: { value: 'OK', timestamp: time },
      configuration: { metrics: several.length > 0 ? several : [single] },
    },
  };
};

/** Whether a verdict is about the incident's account and region: an alarm may watch metrics of other ones, where nothing is to be done by it. */
const isInPlaceOf = ({ account, region }: Incident, verdict: Classification): boolean =>
  (verdict.account ?? account) === account && (verdict.region ?? region) === region;

/** The IAM action that reads an alarm's tags, which packaging grants only where the policy lets them say what the alarm means. */
export const alarmTagPermissions = ['cloudwatch:ListTagsForResource'] as const;

/**
 * The incident as the tags of its alarm give it, which few events carry; null where they say nothing of it, or the alarm is over.
 * @throws whatever the SDK throws
 */
export const byAlarmTags = async ({ alarms }: Clients, incident: Incident, rules: Rules): Promise<Incident | null> => {
  if (!incident.alarm) return null;
  const { MetricAlarms } = await alarms.send(new DescribeAlarmsCommand({ AlarmNames: [incident.alarm.name], AlarmTypes: ['MetricAlarm'] }));
  const alarm = MetricAlarms?.[0];
  if (!alarm?.AlarmArn) return null;
  const { Tags } = await alarms.send(new ListTagsForResourceCommand({ ResourceARN: alarm.AlarmArn }));
  const alarmTags = tagMap(Tags);
  if (!Object.values(ownerTags).some((key) => Object.hasOwn(alarmTags, key))) return null;
  const event = eventOf(incident, alarm);
  const [verdict] = readEvent({ ...event, detail: { ...(event.detail as object), alarmTags } }, rules).verdicts;
  if (!verdict || verdict.resource === null || verdict.failure === null || verdict.disposition === 'ignore') return null;
  if (!isInPlaceOf(incident, verdict)) return null;
  const { failure, resource, disposition, severity, playbook, evidence, reason } = verdict;
  return { ...incident, failure, resource, disposition, severity, playbook, evidence, reason };
};

/**
 * The verdicts of a composite alarm's children that are in ALARM now, each failure of each resource once. Unreadable and unclassified
 * children are left out.
 * @throws whatever the SDK throws
 */
export const classifyChildren = async ({ alarms }: Clients, incident: Incident, rules: Rules): Promise<Classification[]> => {
  if (!incident.alarm) return [];
  const { MetricAlarms = [], CompositeAlarms = [] } = await alarms.send(
    // This parameter excludes all others.
    new DescribeAlarmsCommand({ ChildrenOfAlarmName: incident.alarm.name, MaxRecords: maxChildren }),
  );
  // For children, CloudWatch returns only names and states.
  const firing = [...MetricAlarms, ...CompositeAlarms]
    .filter(({ StateValue }) => StateValue === 'ALARM')
    .flatMap(({ AlarmName }) => AlarmName ?? []);
  if (firing.length === 0) return [];
  const { MetricAlarms: fired = [] } = await alarms.send(
    new DescribeAlarmsCommand({ AlarmNames: firing, AlarmTypes: ['MetricAlarm'], MaxRecords: maxChildren }),
  );
  const found = new Map<string, Classification>();
  for (const alarm of fired) {
    if (alarm.StateValue !== 'ALARM') continue;
    for (const verdict of readEvent(eventOf(incident, alarm), rules).verdicts) {
      if (verdict.disposition === 'ignore' || verdict.failure === 'unclassified') continue;
      found.set(JSON.stringify([verdict.failure, verdict.resource]), verdict);
    }
  }
  return [...found.values()];
};

/**
 * The incident of the single cause that the children agree on, so that the cause is treated and not the symptom; null if there is none or
 * several. It keeps its key, since it is still the composite alarm's episode.
 */
export const causeOf = (incident: Incident, verdicts: readonly Classification[]): Incident | null => {
  const [only, ...others] = verdicts;
  if (!only || others.length > 0 || only.resource === null || only.failure === null || only.disposition === 'ignore') return null;
  if (!isInPlaceOf(incident, only)) return null;
  const { failure, resource, disposition, severity, playbook, alarm, evidence } = only;
  return {
    ...incident,
    failure,
    resource,
    disposition,
    severity,
    playbook,
    alarm,
    evidence,
    reason: `${incident.alarm?.name}: ${only.reason}`.slice(0, 1000),
  };
};
