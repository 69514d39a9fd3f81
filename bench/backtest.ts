import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '#local-aws/random';
import { dayMs } from '../shared/model/duration.ts';
import type { Measurement } from './measurement.ts';

const start = Date.UTC(2026, 9, 1);
const account = '111122223333';
const region = 'us-west-2';

const instanceOf = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;

const envelope = (at: number, source: string, detailType: string, detail: unknown, resources: string[] = []) => ({
  version: '0',
  id: `00000000-0000-4000-8000-${at.toString(16).padStart(12, '0')}`,
  'detail-type': detailType,
  source,
  account,
  time: new Date(at).toISOString(),
  region,
  resources,
  detail,
});

const metrics = [
  ['AWS/EC2', 'StatusCheckFailed_Instance', 'InstanceId'],
  ['AWS/EC2', 'StatusCheckFailed_System', 'InstanceId'],
  ['AWS/EC2', 'CPUUtilization', 'AutoScalingGroupName'],
  ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'LoadBalancer'],
  ['CWAgent', 'disk_used_percent', 'InstanceId'],
  ['Shop', 'CheckoutErrors', 'Service'],
] as const;

const alarmEvent = (at: number, n: number, state: 'ALARM' | 'OK') => {
  const [namespace, name, dimension] = metrics[n % metrics.length] as (typeof metrics)[number];
  const value =
    dimension === 'InstanceId'
      ? instanceOf(n)
      : dimension === 'LoadBalancer'
        ? `app/web-${n}/${n.toString(16).padStart(16, '0')}`
        : `${dimension === 'Service' ? 'service' : 'group'}-${n}`;
  const previous = state === 'ALARM' ? 'OK' : 'ALARM';
  const data = (point: number) => JSON.stringify({ version: '1.0', period: 60, recentDatapoints: [point], threshold: 1 });
  const stamp = new Date(at).toISOString().replace('Z', '+0000');
  const detail = {
    alarmName: `alarm-${n}`,
    state: {
      value: state,
      reason: `Threshold Crossed: 1 datapoint for alarm-${n}`,
      reasonData: data(state === 'ALARM' ? 2 : 0),
      timestamp: stamp,
    },
    previousState: { value: previous, reason: 'Threshold Crossed', reasonData: data(state === 'ALARM' ? 0 : 2), timestamp: stamp },
    configuration: {
      metrics: [
        {
          id: 'm1',
          metricStat: { metric: { namespace, name, dimensions: { [dimension]: value } }, period: 60, stat: 'Maximum' },
          returnData: true,
        },
      ],
    },
  };
  const arn = `arn:aws:cloudwatch:${region}:${account}:alarm:alarm-${n}`;
  return envelope(at, 'aws.cloudwatch', 'CloudWatch Alarm State Change', detail, [arn]);
};

/**
 * A month of an account of 3,000 alarms, one event a line: alarms that come and go, many at once now and then, spot interruptions, stops
 * and those who asked for them, notices that are no failures, things delivered twice or out of order, and a line that is no JSON here
 * and there. The same seed gives the same lines.
 */
export function* generateLines(count: number, seed = 1): Generator<string> {
  const random = createRandom(seed);
  const step = (30 * dayMs) / count;
  const pick = (n: number) => Math.floor(random.next() * n);
  const firing = new Map<number, boolean>();
  let before = '';
  for (let line = 0; line < count; line++) {
    const roll = random.next();
    const storm = Math.floor(line / 2000) % 25 === 24;
    const at = Math.round(start + line * step + (random.next() - 0.5) * 100 * step);
    if (roll < 0.03 && before !== '') yield before;
    else if (roll < 0.0301) yield before.slice(0, 40);
    else {
      const n = pick(storm ? 30 : 3000);
      const instance = instanceOf(pick(3000));
      let event: unknown;
      if (roll < 0.7) {
        const fires = !(firing.get(n) ?? false);
        firing.set(n, fires);
        event = alarmEvent(at, n, fires ? 'ALARM' : 'OK');
      } else if (roll < 0.73) {
        event = envelope(at, 'aws.ec2', 'EC2 Spot Instance Interruption Warning', {
          'instance-id': instance,
          'instance-action': 'terminate',
        });
      } else if (roll < 0.82) {
        const state = roll < 0.76 ? 'stopped' : 'running';
        event = envelope(at, 'aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': instance, state });
      } else if (roll < 0.86) {
        event = envelope(at, 'aws.ec2', 'AWS API Call via CloudTrail', {
          eventVersion: '1.11',
          eventTime: new Date(at).toISOString().replace(/\.\d{3}/, ''),
          eventSource: 'ec2.amazonaws.com',
          eventName: 'StopInstances',
          awsRegion: region,
          recipientAccountId: account,
          userIdentity: { type: 'IAMUser', userName: 'alice', arn: `arn:aws:iam::${account}:user/alice` },
          userAgent: 'aws-cli/2',
          requestParameters: { instancesSet: { items: [{ instanceId: instance }] } },
        });
      } else
        event = envelope(at, 'aws.s3', 'Object Created', { bucket: { name: 'some-bucket' }, object: { key: `key-${line}`, size: line } });
      before = JSON.stringify(event);
      yield before;
    }
  }
}

const writeLines = async (path: string, count: number): Promise<void> => {
  const out = createWriteStream(path);
  let text = '';
  for (const line of generateLines(count)) {
    text += `${line}\n`;
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'finish');
};

/** Runs the command in a process of its own, and measures that. */
const measure = async (args: readonly string[]): Promise<{ seconds: number; megabytes: number }> => {
  const child = spawn(process.execPath, [import.meta.filename, '--child', '--', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text = `${text}${chunk}`.slice(-10_000);
  });
  const began = performance.now();
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - began) / 1000;
  const peak = /^peak (\d+)$/m.exec(text)?.[1];
  if (code !== 0 || peak === undefined) throw new Error(`the back-test ended with ${code}: ${text.slice(-500)}`);
  return { seconds, megabytes: Number(peak) / 1024 };
};

/** Backtests a month of so many generated events, under one policy and under two; `quick` does a hundredth of it. */
const benchBacktest = async (quick = false): Promise<Measurement[]> => {
  const events = quick ? 10_000 : 1_000_000;
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-'));
  try {
    const file = join(folder, 'events.jsonl');
    await writeLines(file, events);
    const other = join(folder, 'other.json');
    writeFileSync(
      other,
      JSON.stringify({ budget: { actions: 2, window: 86_400 }, modes: [{ when: { failure: 'load-saturated' }, mode: 'off' }] }),
    );
    const one = await measure([file]);
    const two = await measure([file, '--against', other, '--state', join(folder, 'state')]);
    return [
      { name: 'backtest.events', value: events, unit: '' },
      { name: 'backtest.seconds', value: Math.round(one.seconds * 10) / 10, unit: 's' },
      { name: 'backtest.peak_rss_mb', value: Math.round(one.megabytes), unit: 'MB' },
      { name: 'backtest.against_seconds', value: Math.round(two.seconds * 10) / 10, unit: 's' },
      { name: 'backtest.against_peak_rss_mb', value: Math.round(two.megabytes), unit: 'MB' },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      child: { type: 'boolean' },
      write: { type: 'string' },
      lines: { type: 'string' },
    },
  });
  if (values.child) {
    const { backtestCommand } = await import('../local/cli/backtest.ts');
    const { stdin, stdout, stderr, env } = process;
    // Broken lines are part of it.
    const code = await backtestCommand.run(positionals, {
      stdin,
      stdout,
      stderr: { write: () => {}, isTTY: false, columns: stderr.columns },
      env,
    });
    stdout.write(`peak ${process.resourceUsage().maxRSS}\n`);
    process.exitCode = code === 2 ? 2 : 0;
  } else if (values.write !== undefined) await writeLines(values.write, Number(values.lines ?? 1_000_000));
  else {
    for (const { name, value, unit } of await benchBacktest(values.quick)) {
      process.stdout.write(
        values.json === true ? `${JSON.stringify({ name, value, unit })}\n` : `${name.padEnd(32)} ${String(value).padStart(12)} ${unit}\n`,
      );
    }
  }
}
