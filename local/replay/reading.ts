import { readEvent } from '../../shared/failures/read.ts';
import type { Classification } from '../../shared/model/classification.ts';
import type { Rules } from '../../shared/model/classification-rules.ts';
import { type Incident, openIncident } from '../../shared/model/incident.ts';
import { parseTime } from '../../shared/model/time.ts';
import type { Rejection } from '../../shared/signals/decode.ts';
import type { Told } from '../input/events.ts';

/** An event and its content. */
export type Reading = Told & {
  verdicts: Classification[];
  rejected: Rejection[];
  /** Each incident once, however often the event contains it. */
  incidents: Incident[];
  /** When it was sent, in milliseconds since the epoch; null if unknown. */
  at: number | null;
};

/** The account and region of events without them. */
export const nowhere = { account: '111122223333', region: 'us-east-1' };

/** Times before AWS existed are invalid. */
const earliest = Date.UTC(2006, 0);
const latest = Date.UTC(2100, 0);
const sane = (at: number | null): at is number => at !== null && at >= earliest && at <= latest;

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** When one record was sent: by EventBridge or CloudWatch, by SNS, or by SQS. */
const sentAt = (record: unknown): number | null => {
  const sns = field(record, 'Sns') ?? (field(record, 'TopicArn') === undefined ? undefined : record);
  const sent = Number(field(field(record, 'attributes'), 'SentTimestamp') ?? Number.NaN);
  return parseTime(field(sns, 'Timestamp')) ?? (Number.isInteger(sent) ? sent : parseTime(field(record, 'time')));
};

const toldAt = (value: unknown, verdicts: readonly Classification[]): number | null => {
  const records = Array.isArray(value) ? value : field(value, 'Records');
  const sent = (Array.isArray(records) ? records : [value]).map(sentAt).filter(sane);
  const times = sent.length > 0 ? sent : verdicts.map(({ at }) => at).filter(sane);
  return times.length > 0 ? times.reduce((a, b) => Math.max(a, b)) : null;
};

/** Decodes and classifies an event. Never throws. */
export const readTold = ({ file, value }: Told, rules: Rules): Reading => {
  const { verdicts, rejected } = readEvent(value, rules);
  const opened = verdicts.map((verdict) => openIncident(verdict, nowhere)).filter((incident) => incident !== null);
  const incidents = new Map(opened.map((incident) => [incident.key, incident]));
  return { file, value, verdicts, rejected, incidents: [...incidents.values()], at: toldAt(value, verdicts) };
};
