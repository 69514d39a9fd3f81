import { readFileSync } from 'node:fs';
import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import type { CallRecord } from '#local-aws';
import { throttleParameters } from '#local-aws/model-parameters';
import { createFleet, optInTag } from '../local/testbed/fleet.ts';
import { createHost, type Host } from '../local/testbed/host.ts';
import { createIntake } from '../shared/handlers/intake.ts';
import { rulesOf } from '../shared/model/classification-rules.ts';
import { dayMs, minuteMs, secondMs } from '../shared/model/duration.ts';
import { type Policy, policySchema } from '../shared/model/policy.ts';
import { isSweep } from './incidents.ts';
import { type Measurement, round } from './measurement.ts';

const account = '111122223333';
const region = 'us-east-1';
const start = Date.UTC(2026, 2, 2, 9);

type Storm = {
  /** What figures of it are called. */
  name: string;
  /** Instances that fail at once, and how often the alarm of each is delivered, all of them within a minute. */
  resources: number;
  deliveries: number;
  policy: Policy;
};

/** Microseconds of processor time that an alarm takes in intake, without the call that starts its incident. */
const intakeCost = async (events: number): Promise<number> => {
  const intake = createIntake({ rules: rulesOf(usual), topics: null, start: async () => 'started', log: () => {} });
  const text = readFileSync(new URL('../events/cloudwatch-alarm/instance-unreachable-eventbridge.json', import.meta.url), 'utf8');
  const context = { invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:intake`, getRemainingTimeInMillis: () => 30_000 };
  const run = async (times: number) => {
    for (let i = 0; i < times; i++) await intake(JSON.parse(text), context as never);
  };
  await run(events / 10);
  const before = process.cpuUsage();
  await run(events);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / events;
};

/** The alarm's change as EventBridge delivers it; the same for every delivery. */
const eventOf = ({ AlarmName = '', AlarmArn = '', Dimensions = [], ...alarm }: MetricAlarm) => {
  const timestamp = alarm.StateTransitionedTimestamp?.toISOString().replace('Z', '+0000');
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  const metric = { namespace: alarm.Namespace, name: alarm.MetricName, dimensions };
  return {
    version: '0',
    id: '00000000-0000-4000-8000-000000000000',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    time: alarm.StateTransitionedTimestamp?.toISOString(),
    region,
    resources: [AlarmArn],
    detail: {
      alarmName: AlarmName,
      state: { value: alarm.StateValue, reason: alarm.StateReason, reasonData: alarm.StateReasonData, timestamp },
      previousState: { value: 'OK', reason: '', timestamp },
      configuration: { metrics: [{ id: 'm1', metricStat: { metric, period: 60, stat: 'Maximum' }, returnData: true }] },
    },
  };
};

/** As many instances as asked for, each with an alarm on its status check. */
const build = async (host: Host, count: number): Promise<void> => {
  const fleet = createFleet(host);
  const { Instances = [] } = await host.operator.ec2.send(
    new RunInstancesCommand({
      ImageId: 'ami-0123456789abcdef0',
      InstanceType: 'm7i.large',
      MinCount: count,
      MaxCount: count,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [optInTag] }],
    }),
  );
  for (const { InstanceId = '' } of Instances) await fleet.statusAlarm(InstanceId, 'Instance');
};

const alarmsOf = async ({ operator }: Host): Promise<MetricAlarm[]> => {
  const alarms: MetricAlarm[] = [];
  for (let token: string | undefined; ; ) {
    const page = await operator.cloudWatch.send(
      new DescribeAlarmsCommand({ StateValue: 'ALARM', MaxRecords: 100, ...(token ? { NextToken: token } : {}) }),
    );
    alarms.push(...(page.MetricAlarms ?? []));
    token = page.NextToken;
    if (!token) return alarms;
  }
};

/** Seconds that EC2's token buckets make these calls take at least, however they are spread. */
const minDrain = (calls: ReadonlyMap<string, number>): number => {
  const { requests, actions } = throttleParameters.ec2;
  const waits = [...calls].map(([operation, count]) => {
    const { size, perSecond } = operation === 'StartInstances' ? actions.StartInstances : requests.mutating;
    return Math.max(0, count - size) / perSecond;
  });
  return Math.ceil(Math.max(0, ...waits));
};

/** Intake writes to the inbox and starts the execution, whatever comes of it. */
const isIntake = ({ service, operation, input }: CallRecord): boolean =>
  service === 'lambda' || (operation === 'UpdateItem' && JSON.stringify(input).includes('SET #copy'));

const mutating = /^(Reboot|Start|Stop|Terminate|Set)/;

/** Breaks all instances, delivers their alarms in a drawn order within a minute, and lets selfheal come to the end of it. */
export const weather = async ({ name, resources, deliveries, policy }: Storm): Promise<Measurement[]> => {
  const host = await createHost({ seed: 1, start, account, region, policy, listens: false, interleave: true });
  const { aws, engine } = host;
  const { clock, random, calls } = aws.world;
  await build(host, resources);
  await host.run(() => false, start + 15 * minuteMs);
  for (const { id } of aws.ec2.list()) aws.faults.inject({ fault: 'hang-kernel', target: id });
  await host.run(() => false, start + 25 * minuteMs);
  const events = (await alarmsOf(host)).map(eventOf);
  if (events.length !== resources) throw new Error(`${events.length} alarms of ${resources} have fired`);

  const began = clock.now();
  const order = random.fork('storm');
  for (const event of events)
    for (let i = 0; i < deliveries; i++) clock.at(began + order.int(minuteMs), () => host.deliver(structuredClone(event)));
  const first = calls.length;
  const wall = performance.now();
  await host.run(() => clock.now() > began + minuteMs && !host.busy(), began + dayMs);
  const seconds = (performance.now() - wall) / 1000;

  const ours = calls
    .slice(first)
    .filter(({ accessKey }) => accessKey === 'selfheal')
    .filter((call, i, all) => !isSweep(call, all[i + 1]));
  const per: Record<string, number> = {};
  const perSecond = new Map<string, number>();
  const actions = new Map<string, number>();
  let throttled = 0;
  const mutations = new Map<string, number>();
  for (const { service, operation, input, at, error } of ours) {
    per[service] = (per[service] ?? 0) + 1;
    for (const key of ['', service]) {
      const slot = `${key} ${Math.floor(at / secondMs)}`;
      perSecond.set(slot, (perSecond.get(slot) ?? 0) + 1);
    }
    if (/RequestLimitExceeded|Throttl/.test(error ?? '')) throttled++;
    const ids = (input as { InstanceIds?: string[]; DryRun?: boolean }).InstanceIds ?? [];
    const acts = service === 'ec2' && mutating.test(operation) && error === null && !(input as { DryRun?: boolean }).DryRun;
    if (acts) mutations.set(operation, (mutations.get(operation) ?? 0) + 1);
    for (const id of acts ? ids : []) actions.set(`${operation} ${id}`, (actions.get(`${operation} ${id}`) ?? 0) + 1);
  }
  const intakes = ours.filter(isIntake).length;
  const peak = (service: string) =>
    Math.max(0, ...[...perSecond].filter(([slot]) => slot.startsWith(`${service} `)).map(([, count]) => count));
  const incidents = engine.executions.size;
  const ended = host.outcomes.map(({ endedAt }) => Date.parse(endedAt));
  const all = [...actions.values()];
  const sum = all.reduce((total, count) => total + count, 0);
  const figures: [string, number, string][] = [
    ['deliveries', resources * deliveries, ''],
    ['incidents', incidents, ''],
    ['duplicates', sum - all.length + (incidents - resources), ''],
    ['actions', sum, ''],
    ['messages', host.messages.length, ''],
    ['held', host.outcomes.filter(({ status }) => status === 'held').length, ''],
    ['healed', host.outcomes.filter(({ status }) => status === 'healed').length, ''],
    ['merged', host.outcomes.filter(({ quiet }) => quiet).length, ''],
    ['calls_per_incident', round((ours.length - intakes) / incidents), ''],
    ['calls_per_delivery', round(intakes / (resources * deliveries)), ''],
    ...Object.entries(per).map(([service, count]): [string, number, string] => [
      `calls_per_incident.${service}`,
      round(count / incidents),
      '',
    ]),
    ['throttled', throttled, ''],
    ['least_drain_s', minDrain(mutations), 's'],
    ['peak_calls_per_s', peak(''), '1/s'],
    ['peak_calls_per_s.ec2', peak('ec2'), '1/s'],
    ['drain_s', Math.round((ended.reduce((last, at) => Math.max(last, at), began) - began) / secondMs), 's'],
    ['wall_s', round(seconds), 's'],
  ];
  await host.close();
  return figures.map(([figure, value, unit]) => ({ name: `${name}.${figure}`, value, unit: unit || 'count' }));
};

const usual = policySchema.parse({});
/** Many failures at once are taken for as many single ones here, so that all of them are treated. */
const unlimited = policySchema.parse({ massFailure: { account: 200, zone: 200 } });

/**
 * Ten thousand alarms within a minute of simulated time: few resources with many deliveries each, many with few, and few again where
 * nothing stops the single actions. `duplicates` counts actions that were repeated and executions beyond one for each episode.
 */
export const benchStorm = async (quick = false): Promise<Measurement[]> => {
  const storms: Storm[] = [
    { name: 'storm', resources: quick ? 20 : 100, deliveries: quick ? 20 : 100, policy: usual },
    { name: 'storm.wide', resources: quick ? 60 : 1000, deliveries: quick ? 5 : 10, policy: usual },
    { name: 'storm.treated', resources: quick ? 20 : 100, deliveries: quick ? 20 : 100, policy: unlimited },
  ];
  const figures: Measurement[] = [];
  for (const storm of storms) figures.push(...(await weather(storm)));
  figures.push({ name: 'storm.intake_cpu_us', value: round(await intakeCost(quick ? 1_000 : 10_000)), unit: 'us' });
  return figures;
};
