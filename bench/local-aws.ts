import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { createLocalAws, inProcess, type LocalAws, serve } from '#local-aws';
import { hourMs, minuteMs } from '../shared/model/duration.ts';
import { type Measurement, median, round } from './measurement.ts';

const root = new URL('..', import.meta.url);

const create = (): LocalAws =>
  createLocalAws({ seed: 1, start: Date.UTC(2026, 10, 20, 12), account: '123456789012', region: 'us-east-1', exempt: ['BENCH'] });

const config = { region: 'us-east-1', credentials: { accessKeyId: 'BENCH', secretAccessKey: 'secret' }, maxAttempts: 1 };

/** In all zones: the subnet of one has 4091 addresses. */
const launch = ({ ec2 }: LocalAws, count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const availabilityZone = ec2.zones[i % ec2.zones.length]?.name ?? '';
    return ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 't3.micro', availabilityZone, tags: [] }).id;
  });

/** Milliseconds from the start of `selfheal aws` to its first answer. */
const startOnce = async (): Promise<number> => {
  const script = `import { awsCommand } from './local/cli/aws.ts';
    process.exitCode = await awsCommand.run([], { stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, env: {} });`;
  const start = performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const taken = performance.now() - start;
  child.kill();
  await once(child, 'exit');
  return taken;
};

const startTime = async (times: number): Promise<number> => {
  const bare: number[] = [];
  const ours: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    execFileSync(process.execPath, ['-e', '0']);
    bare.push(performance.now() - start);
    ours.push(await startOnce());
  }
  return median(ours) - median(bare);
};

/** DescribeInstances of one instance out of a hundred, through the SDK and over a loopback socket: milliseconds, and calls a second. */
const overHttp = async (calls: number): Promise<{ p50: number; perSecond: number }> => {
  const aws = create();
  const ids = launch(aws, 100);
  const served = await serve(aws, { speed: 0 });
  const client = new EC2Client({ ...config, endpoint: served.url });
  aws.world.clock.advanceTo(aws.world.clock.now() + 10 * minuteMs);
  const describe = (i: number) => client.send(new DescribeInstancesCommand({ InstanceIds: [ids[i % ids.length] as string] }));
  for (let i = 0; i < calls / 2; i++) await describe(i);
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    await describe(i);
    times.push(performance.now() - start);
  }
  const start = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let i = 0; i < calls / 8; i++) await describe(i);
    }),
  );
  const perSecond = calls / ((performance.now() - start) / 1000);
  client.destroy();
  await served.close();
  return { p50: median(times), perSecond };
};

/** The same call without a socket, at the gateway itself: what the simulation and the protocol cost. */
const atTheGateway = async (calls: number): Promise<number> => {
  const aws = create();
  const [id] = launch(aws, 100);
  aws.world.clock.advanceTo(aws.world.clock.now() + 10 * minuteMs);
  const authorization = 'AWS4-HMAC-SHA256 Credential=BENCH/20261120/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0';
  const body = `Action=DescribeInstances&Version=2016-11-15&InstanceId.1=${id}`;
  const call = () => aws.handle({ method: 'POST', path: '/', query: '', headers: { authorization }, body });
  for (let i = 0; i < calls / 2; i++) await call();
  const start = performance.now();
  for (let i = 0; i < calls; i++) await call();
  return calls / ((performance.now() - start) / 1000);
};

const collected = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

/** Megabytes that instances take, an hour after they were launched. */
const memory = (count: number): number => {
  const aws = create();
  const before = collected();
  const ids = launch(aws, count);
  aws.world.clock.advanceTo(aws.world.clock.now() + hourMs);
  const taken = (collected() - before) / 1024 / 1024;
  if (!aws.ec2.get(ids[0] as string)?.reachable) throw new Error('the instances should be running');
  return taken;
};

/** Milliseconds for an hour of a hundred instances with three alarms each, one in ten of which breaks. */
const hour = async (): Promise<number> => {
  const aws = create();
  const ids = launch(aws, 100);
  const client = new CloudWatchClient({ ...config, requestHandler: inProcess(aws.handle) });
  const alarms = [
    ['AWS/EC2', 'StatusCheckFailed_System', 1],
    ['AWS/EC2', 'StatusCheckFailed_Instance', 1],
    ['AWS/EC2', 'CPUUtilization', 90],
  ] as const;
  for (const id of ids) {
    for (const [Namespace, MetricName, Threshold] of alarms) {
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: `${MetricName} ${id}`,
          Namespace,
          MetricName,
          Threshold,
          Dimensions: [{ Name: 'InstanceId', Value: id }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 2,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        }),
      );
    }
  }
  aws.world.clock.advanceTo(aws.world.clock.now() + 10 * minuteMs);
  let alarmed = 0;
  aws.world.subscribe((worldEvent) => {
    if (worldEvent.type === 'alarm-state' && worldEvent.to === 'ALARM') alarmed++;
  });
  const start = performance.now();
  for (const id of ids.filter((_id, i) => i % 10 === 0)) aws.faults.inject({ fault: 'hang-kernel', target: id });
  await aws.advanceTo(aws.world.clock.now() + hourMs);
  const taken = performance.now() - start;
  if (alarmed !== ids.length / 10) throw new Error(`${alarmed} alarms went off`);
  return taken;
};

/** The embedded local AWS: how soon it is there, how fast it answers, what it weighs. `quick` does a fraction of the work. */
export const benchLocalAws = async (quick = false): Promise<Measurement[]> => {
  const calls = quick ? 400 : 4_000;
  const megabytes = memory(10_000);
  const startUp = await startTime(quick ? 3 : 9);
  const { p50, perSecond } = await overHttp(calls);
  const gateway = await atTheGateway(calls);
  const simulated = await hour();
  return [
    { name: 'local_aws.start_ms', value: round(startUp), unit: 'ms' },
    { name: 'local_aws.describe_p50_ms', value: round(p50), unit: 'ms' },
    { name: 'local_aws.http_calls_per_second', value: Math.round(perSecond), unit: '1/s' },
    { name: 'local_aws.gateway_calls_per_second', value: Math.round(gateway), unit: '1/s' },
    { name: 'local_aws.memory_10000_instances_mb', value: round(megabytes), unit: 'MB' },
    { name: 'local_aws.hour_of_100_instances_ms', value: round(simulated), unit: 'ms' },
  ];
};
