import { policySchema } from '../../shared/model/policy.ts';

/** A command that reads files of events. */
export type Reader = 'classify' | 'replay' | 'backtest' | 'adopt';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const isTrailRecord = (value: unknown): boolean =>
  isFields(value) && 'userIdentity' in value && 'eventName' in value && String(value.eventSource).endsWith('.amazonaws.com');

const has =
  (...keys: string[]) =>
  (value: Fields): boolean =>
    keys.every((key) => key in value);

const policyKeys = new Set(Object.keys(policySchema.parse({})));

/** What people mistake for events, recognised by its shape, and the command that reads it. */
const strangers: readonly { is: (value: Fields) => boolean; what: string; readBy?: readonly Reader[] }[] = [
  {
    is: (value) => Array.isArray(value.MetricAlarms) || Array.isArray(value.CompositeAlarms),
    what: 'alarms as aws cloudwatch describe-alarms prints them; selfheal backtest reads them, beside what describe-alarm-history prints',
    readBy: ['backtest', 'adopt'],
  },
  {
    is: (value) => Array.isArray(value.AlarmHistoryItems) || has('AlarmName', 'HistoryItemType', 'HistoryData')(value),
    what: "alarms' history as aws cloudwatch describe-alarm-history prints it; selfheal backtest reads it, beside what describe-alarms prints",
    readBy: ['backtest', 'adopt'],
  },
  {
    is: (value) =>
      isTrailRecord(value) || isTrailRecord(firstOf(value.Records)) || has('CloudTrailEvent')((firstOf(value.Events) ?? {}) as Fields),
    what: 'calls as CloudTrail records them; selfheal backtest reads them, beside events',
    readBy: ['backtest', 'adopt'],
  },
  {
    is: (value) => Array.isArray(value.Reservations),
    what: 'instances as aws ec2 describe-instances prints them; selfheal adopt reads them, and selfheal backtest --opted-in takes them',
    readBy: ['adopt'],
  },
  {
    is: (value) => Array.isArray(value.AutoScalingGroups),
    what: 'groups as aws autoscaling describe-auto-scaling-groups prints them; selfheal adopt reads them, and selfheal backtest --opted-in takes them',
    readBy: ['adopt'],
  },
  {
    is: (value) => Array.isArray(value.events) && has('message', 'timestamp')((firstOf(value.events) ?? {}) as Fields),
    what: "lines of a log as aws logs filter-log-events prints them; jq -r '.events[].message' makes a stream of them that selfheal reads",
  },
  {
    is: (value) => Array.isArray(value.events) && has('eventTypeCode', 'arn')((firstOf(value.events) ?? {}) as Fields),
    what: 'a list as aws health describe-events prints it; no command reads it: events of AWS Health come by EventBridge',
  },
  {
    is: (value) => Array.isArray(value.Activities),
    what: "a group's activities as aws autoscaling describe-scaling-activities prints them; no command reads them",
  },
  {
    is: (value) => Array.isArray(value.InstanceStatuses),
    what: 'status checks as aws ec2 describe-instance-status prints them; no command reads them',
  },
  { is: has('hypothesis', 'timeline'), what: 'a scenario; as .yml, selfheal replay and selfheal gameday play it' },
  {
    is: has('incident', 'status', 'timeToRecoverSeconds'),
    what: 'outcomes as --json prints them; selfheal replay --against compares with them',
  },
  { is: has('file', 'rejected', 'signals'), what: 'what selfheal classify --json printed; no command reads it' },
  { is: has('type', 'policy', 'assumptions'), what: 'what selfheal backtest --json printed; no command reads it' },
  {
    is: (value) => Object.keys(value).length > 0 && Object.keys(value).every((key) => policyKeys.has(key)),
    what: 'a policy; --policy takes it',
  },
];

/** What a value is, if it is nothing that a command can read events from, and which command wants it; null if it may be an event. */
export const strangerIn = (value: unknown, reader: Reader): string | null => {
  // By far the most common case in a history of millions.
  if (!isFields(value) || 'detail-type' in value) return null;
  const found = strangers.find(({ is }) => is(value));
  return found === undefined || found.readBy?.includes(reader) ? null : found.what;
};
