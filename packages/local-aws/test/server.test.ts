import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeInstancesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, describe, expect, test } from '@jest/globals';
import { main } from '../src/cli.ts';
import { createLocalAws } from '../src/local-aws.ts';
import { type ServedAws, type ServeOptions, serve } from '../src/wire/server.ts';
import { clients, recordingIo, refusal, worldOptions } from './harness.ts';

const open: ServedAws[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const setUp = async (options: ServeOptions = {}) => {
  const errors: Error[] = [];
  const served = await serve(createLocalAws(worldOptions), { speed: 0, onError: (error) => errors.push(error), ...options });
  open.push(served);
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${served.url}${path}`, { method, ...(body === undefined ? {} : { body: text }) });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { error?: string } };
  };
  return { served, errors, ask, ...clients({ endpoint: served.url }) };
};

type State = { time: string; instances: { id: string; reachable: boolean }[]; calls: { operation: string }[]; faults: unknown[] };

describe('the server', () => {
  test('serves SDK clients on a loopback port', async () => {
    const { served, sts, ec2 } = await setUp();
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
    const run = new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: 2, MaxCount: 2 });
    expect((await ec2.send(run)).Instances).toHaveLength(2);
  });

  test('fans a topic out to a queue, and gives queue URLs that lead back to it', async () => {
    const { served, sns, sqs } = await setUp();
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'intake' }));
    expect(QueueUrl).toBe(`${served.url}/123456789012/intake`);
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:123456789012:intake' }));
    served.aws().world.deliver({ to: 'sns', topicArn: TopicArn ?? '', subject: 'ALARM', message: '{}' });
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ TopicArn, Subject: 'ALARM' });
  });

  test('cuts the connection where an answer is lost', async () => {
    const { served, ssm } = await setUp();
    served.aws().faults.inject({ fault: 'fail-call', service: 'ssm', when: 'after', count: 1 });
    const put = () => ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
    await expect(put()).rejects.toThrow('socket hang up');
    expect(await refusal(put())).toMatchObject({ code: 'ParameterAlreadyExists' });
  });

  test('refuses a body that is too large, by its length and by what comes', async () => {
    const { served, sts } = await setUp();
    const body = new Uint8Array(17 * 1024 * 1024);
    expect((await fetch(served.url, { method: 'POST', body })).status).toBe(413);
    const stream = new ReadableStream({
      start: (controller) => {
        controller.enqueue(body);
        controller.close();
      },
    });
    const answer = await fetch(served.url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(answer);
    await sts.send(new GetCallerIdentityCommand({}));
  });

  test('survives callers that speak nonsense, hang up or say nothing', async () => {
    const { served, sts, errors } = await setUp();
    const port = Number(new URL(served.url).port);
    for (const said of ['nonsense\r\n\r\n', 'POST / HTTP/1.1\r\ncontent-length: 10\r\n\r\nabc', 'GET / HT', '']) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.on('error', () => {});
      await new Promise<void>((resolve) => socket.write(said || ' ', () => resolve()));
      socket.destroy();
    }
    await sts.send(new GetCallerIdentityCommand({}));
    expect(errors).toEqual([]);
  });

  test('moves its clock with real time, at its speed', async () => {
    const { served, ask } = await setUp({ speed: 100_000 });
    const time = async () => Date.parse((await ask('GET', '/_selfheal/state')).body.time as string);
    const start = performance.now();
    while ((await time()) < worldOptions.start + 3_600_000) {
      // An hour takes 36 ms.
    }
    expect(performance.now() - start).toBeGreaterThan(35);
    expect(served.aws().world.clock.now() - worldOptions.start).toBeLessThan((performance.now() - start + 1000) * 100_000);
  });

  test('ends at once, whatever is still open', async () => {
    const { served, sqs } = await setUp();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })).catch((error: Error) => error);
    const idle = connect(Number(new URL(served.url).port), '127.0.0.1');
    idle.on('error', () => {});
    await once(idle, 'connect');
    open.splice(0);
    const start = performance.now();
    await served.close();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await waiting).toBeInstanceOf(Error);
    await expect(fetch(served.url)).rejects.toThrow();
  });
});

describe('the control plane', () => {
  test('shows the world, breaks it and mends it', async () => {
    const { served, ask, ec2 } = await setUp();
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }));
    expect((await ask('POST', '/_selfheal/clock', { advanceSeconds: 600 })).body.time).toBe('2026-11-20T12:10:00.000Z');
    const state = async () => (await ask('GET', '/_selfheal/state')).body as unknown as State;
    const [instance] = (await state()).instances;
    expect(instance).toMatchObject({ state: 'running', reachable: true });
    const injected = await ask('POST', '/_selfheal/faults', { fault: 'hang-kernel', target: instance?.id });
    expect(injected).toMatchObject({ status: 200, body: { id: 'fault-1' } });
    expect(await state()).toMatchObject({
      instances: [{ reachable: false }],
      faults: [{ id: 'fault-1' }],
      calls: [{ operation: 'RunInstances' }],
    });
    expect((await ask('DELETE', '/_selfheal/faults/fault-1')).status).toBe(200);
    expect(await state()).toMatchObject({ instances: [{ reachable: true }], faults: [] });
    expect(served.aws().world.clock.now()).toBe(worldOptions.start + 600_000);
  });

  test('shows what has become of the requests to a target group', async () => {
    const { served, ask } = await setUp();
    served.aws().loadBalancing.place('arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef', []);
    await ask('POST', '/_selfheal/faults', { fault: 'send-requests', target: 'web', perSecond: 10 });
    await ask('POST', '/_selfheal/clock', { advanceSeconds: 60 });
    expect((await ask('GET', '/_selfheal/state')).body.targetGroups).toMatchObject([
      { name: 'web', targets: [], requests: { perSecond: 10, total: 600, failed: 600 } },
    ]);
  });

  test('breaks databases', async () => {
    const { served, ask } = await setUp();
    served.aws().rds.place({ id: 'orders', kind: 'instance', used: 90 });
    expect((await ask('POST', '/_selfheal/faults', { fault: 'fill-storage', target: 'orders', gibPerMinute: 1 })).status).toBe(200);
    await ask('POST', '/_selfheal/clock', { advanceSeconds: 900 });
    expect(served.aws().rds.get('instance', 'orders')).toMatchObject({ status: 'storage-full', filled: true });
    expect(await ask('POST', '/_selfheal/faults', { fault: 'lose-writer', target: 'none' })).toMatchObject({ status: 400 });
  });

  test('begins again with another seed and start', async () => {
    const { served, ask, ec2 } = await setUp();
    await ec2.send(new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }));
    await ask('POST', '/_selfheal/clock', { advanceSeconds: 60 });
    expect(await ask('POST', '/_selfheal/reset', { seed: 7 })).toEqual({
      status: 200,
      body: { seed: 7, time: '2026-11-20T12:00:00.000Z' },
    });
    expect(served.aws().options.seed).toBe(7);
    expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([]);
    expect((await ask('POST', '/_selfheal/reset', { start: '2027-01-01T00:00:00Z' })).body).toEqual({
      seed: 7,
      time: '2027-01-01T00:00:00.000Z',
    });
  });

  test.each<[string, string, unknown, number, RegExp]>([
    ['POST', '/_selfheal/faults', 'nonsense', 400, /not JSON/],
    ['POST', '/_selfheal/faults', { fault: 'nonsense' }, 400, /^fault: /],
    ['POST', '/_selfheal/faults', { fault: 'hang-kernel' }, 400, /^target: /],
    ['POST', '/_selfheal/faults', { fault: 'hang-kernel', target: 'i-0aaaaaaaaaaaaaaaa' }, 400, /^target: /],
    ['POST', '/_selfheal/faults', { fault: 'fail-call', service: 'ec2', operation: 'RebotInstances' }, 400, /^operation: .*RebotInstances/],
    ['POST', '/_selfheal/faults', [], 400, /./],
    ['POST', '/_selfheal/clock', { advanceSeconds: -1 }, 400, /^advanceSeconds: /],
    ['POST', '/_selfheal/clock', { advanceSeconds: 1e12 }, 400, /^advanceSeconds: /],
    ['POST', '/_selfheal/clock', {}, 400, /^advanceSeconds: /],
    ['POST', '/_selfheal/reset', { seed: 'x' }, 400, /^seed: /],
    ['POST', '/_selfheal/reset', { start: 'now' }, 400, /^start: .*ISO 8601/],
    ['POST', '/_selfheal/reset', { start: 7 }, 400, /^start: /],
    ['DELETE', '/_selfheal/faults/fault-9', undefined, 404, /fault-9/],
    ['GET', '/_selfheal/nonsense', undefined, 404, /no such path/],
    ['DELETE', '/_selfheal/clock', undefined, 404, /no such path/],
    ['GET', '/_selfheal', undefined, 404, /no such path/],
  ])('refuses %s %s %j', async (method, path, body, status, reason) => {
    const { ask } = await setUp();
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatch(reason);
  });
});

describe('the command line', () => {
  const run = async (args: string[]) => {
    const { io, written } = recordingIo();
    return { code: await main(args, io), ...written };
  };

  test('explains itself', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const flag of ['--port', '--seed', '--start', '--speed', '--throttle', '--account', '--region']) expect(stdout).toContain(flag);
    expect(stdout).toMatch(/StartInstances +5 at once, 2\/s/);
    expect(stdout).toMatch(/DescribeAlarms +9\/s/);
  });

  test.each([
    [['--port', 'x'], /--port/],
    [['--port', '70000'], /--port/],
    [['--seed', '-1'], /seed/],
    [['--speed', 'fast'], /--speed/],
    [['--account', '12'], /--account/],
    [['--start', 'yesterday'], /--start/],
    [['--start', '2026-11-20T12:00:00'], /zone/],
    [['--start', '1969-12-31T00:00:00Z'], /--start/],
    [['--throttle', 'none'], /--throttle must be aws or off/],
    [['--region', 'moon'], /--region/],
    [['--nonsense'], /nonsense/],
    [['positional'], /positional/],
  ])('refuses %j with one line and exit code 2', async (args, reason) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('refuses a port that is taken', async () => {
    const { served } = await setUp();
    const { code, stderr } = await run(['--port', new URL(served.url).port]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/EADDRINUSE/);
  });

  const start = '2026-11-20T12:00:00.000Z';

  /** Calls until an answer is, or isn't, a refusal for being too fast. */
  const until = async (throttled: boolean, call: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      const refused = await call().then(
        () => false,
        ({ name }: Error) => name === 'ThrottlingException',
      );
      if (refused === throttled) return;
    }
  };

  test.each([
    ['SIGINT', 'aws', 130],
    ['SIGTERM', 'off', 0],
  ] as const)('serves until %s, and then ends within a second', async (signal, throttle, expected) => {
    const script = `import { main } from './packages/local-aws/src/cli.ts';
      const args = ['--json', '--speed', '0', '--start', '${start}', '--throttle', '${throttle}'];
      process.exitCode = await main(args, { stdout: process.stdout, stderr: process.stderr, env: {} });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, ...said } = JSON.parse(line.toString()) as { url: string };
    expect(said).toMatchObject({ seed: 1, speed: 0, start, throttle });
    expect(await (await fetch(`${url}/_selfheal/state`)).json()).toMatchObject({ time: start });
    const { cloudTrail } = clients({ endpoint: url });
    const lookUp = () => cloudTrail.send(new LookupEventsCommand({}));
    if (throttle === 'off') for (let i = 0; i < 10; i++) await lookUp();
    else {
      // The clock stands still; the bucket fills nevertheless.
      await until(true, lookUp);
      await until(false, lookUp);
    }
    expect((await clients({ endpoint: url }).sts.send(new GetCallerIdentityCommand({}))).Account).toBe('000000000000');
    const killed = performance.now();
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(expected);
    expect(performance.now() - killed).toBeLessThan(1000);
  });
});
