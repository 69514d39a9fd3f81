import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readEach } from '../shared/failures/read.ts';
import { limits } from '../shared/signals/bounds.ts';
import { type Measurement, round } from './measurement.ts';

/** A mebibyte of the same thing again and again, between a head and a tail. */
const fill = (head: string, unit: string, tail: string): string => {
  const times = Math.floor((limits.text - head.length - tail.length) / (unit.length + 1));
  return `${head}${Array(times).fill(unit).join(',')}${tail}`;
};

const eventOf = (source: string, detailType: string, detail: string): string =>
  `{"source":"${source}","detail-type":"${detailType}","account":"111122223333","region":"us-west-2","time":"2026-11-20T13:35:12Z","resources":[],"detail":${detail}}`;
const around = (source: string, detailType: string, detail: string, unit: string): string => {
  const [head = '', tail = ''] = eventOf(source, detailType, detail).split('@');
  return fill(head, unit, tail);
};

const metric =
  '{"metricStat":{"stat":"Maximum","metric":{"namespace":"AWS/EC2","name":"StatusCheckFailed","dimensions":{"InstanceId":"i-0a1b2c3d4e5f60718"}}}}';
const alarm = (metrics: string) =>
  eventOf(
    'aws.cloudwatch',
    'CloudWatch Alarm State Change',
    `{"alarmName":"a","state":{"value":"ALARM"},"configuration":{"metrics":[${metrics}]}}`,
  );
const retirement = '{"service":"EC2","eventTypeCode":"AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED","eventTypeCategory":"scheduledChange",';

/** Records of a mebibyte, each dear in another way. */
const records: Record<string, () => string> = {
  batches: () => JSON.stringify({ Records: Array.from({ length: 25 }, () => ({ Records: Array(10_000).fill(0) })) }),
  'bad-records': () => `{"Records":[${Array(9_999).fill('"no event"').join(',')}]}`,
  'empty-objects': () => fill('{"Records":[', '{}', ']}'),
  nesting: () => '['.repeat(limits.text / 2) + ']'.repeat(limits.text / 2),
  alarms: () => fill('{"Records":[', alarm(metric), ']}'),
  states: () =>
    fill(
      '{"Records":[',
      eventOf('aws.ec2', 'EC2 Instance State-change Notification', '{"instance-id":"i-0aaaaaaa","state":"stopped"}'),
      ']}',
    ),
  metrics: () =>
    around(
      'aws.cloudwatch',
      'CloudWatch Alarm State Change',
      `{"alarmName":"a","state":{"value":"ALARM"},"configuration":{"metrics":[@]}}`,
      metric,
    ),
  expressions: () =>
    around(
      'aws.cloudwatch',
      'CloudWatch Alarm State Change',
      '{"alarmName":"a","state":{"value":"ALARM"},"configuration":{"alarmRule":"x","metrics":[@]}}',
      `{"expression":"SELECT ${'x'.repeat(100)}"}`,
    ),
  'bad-entities': () =>
    around('aws.health', 'AWS Health Event', `${retirement}"affectedEntities":[@]}`, `{"entityValue":{"a":"${'x'.repeat(100)}"}}`),
  zipped: () => {
    const text = around('aws.health', 'AWS Health Event', `${retirement}"affectedEntities":[@]}`, '{"entityValue":0}');
    return JSON.stringify({ Records: Array(50).fill({ kinesis: { data: gzipSync(text).toString('base64') } }) });
  },
  entities: () =>
    eventOf(
      'aws.health',
      'AWS Health Event',
      `${retirement}"communicationId":["${'x'.repeat(900_000)}"],"affectedEntities":[${Array(1000).fill('{"entityValue":"i-0aaaaaaa"}').join(',')}]}`,
    ),
};

const mebibyte = 1024 * 1024;

/** What one of them takes in a process of its own, over what that process had before: memory at its highest, and time. */
const measure = (name: string): { mb: number; ms: number } => {
  const event = { Records: [{ messageId: 'm', eventSource: 'aws:sqs', body: records[name]?.() ?? '' }] };
  for (let times = 0; times < 20; times++) for (const _ of readEach({ Records: [{ messageId: 'm', body: alarm(metric) }] }));
  globalThis.gc?.();
  const idle = process.memoryUsage.rss();
  const start = performance.now();
  for (const _ of readEach(event));
  const ms = performance.now() - start;
  return { mb: Math.max(0, process.resourceUsage().maxRSS / 1024 - idle / mebibyte), ms };
};

/** The dearest record that still fits into a mebibyte, by memory and by time; each is read in a fresh process. */
export const benchWorstRecord = (): Measurement[] => {
  const file = fileURLToPath(import.meta.url);
  const figures = Object.keys(records).map((name) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', file, name], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr.slice(-500)}`);
    return { name, ...(JSON.parse(stdout) as { mb: number; ms: number }) };
  });
  return [
    { name: 'worst_record.mb_over_idle', value: round(Math.max(...figures.map(({ mb }) => mb)), 1), unit: 'MB' },
    { name: 'worst_record.ms', value: round(Math.max(...figures.map(({ ms }) => ms)), 1), unit: 'ms' },
    ...figures.flatMap(({ name, mb, ms }) => [
      { name: `worst_record.${name}.mb_over_idle`, value: round(mb, 1), unit: 'MB' },
      { name: `worst_record.${name}.ms`, value: round(ms, 1), unit: 'ms' },
    ]),
  ];
};

const [, main, name] = process.argv;
if (main === fileURLToPath(import.meta.url) && name !== undefined) process.stdout.write(JSON.stringify(measure(name)));
