import { DescribeTargetHealthCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { helpFor } from '../src/cli.ts';
import { type Fault, faultSchema } from '../src/core/faults.ts';
import { createLocalAws, type LocalAwsOptions } from '../src/local-aws.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const setUp = (options: Partial<LocalAwsOptions> = {}) => {
  const aws = createLocalAws({ ...worldOptions, ...options });
  const pass = (seconds: number) => aws.world.clock.advanceTo(aws.world.clock.now() + seconds * 1000);
  const launch = () =>
    aws.ec2.launch({ imageId: 'ami-0123456789abcdef0', instanceType: 't3.micro', availabilityZone: 'us-east-1a', tags: [] }).id;
  const { ssm, sts, elb } = localClients(aws.handle);
  return { ...aws, elb, ssm, sts, pass, launch };
};

describe('faults', () => {
  test('break what they name, last until they are ended, and are listed meanwhile', () => {
    const { ec2, faults, launch, pass } = setUp();
    const id = launch();
    pass(600);
    const fault = faults.inject({ fault: 'hang-kernel', target: id });
    expect(ec2.get(id)?.reachable).toBe(false);
    expect(faults.active()).toEqual([{ id: fault, fault: { fault: 'hang-kernel', target: id } }]);
    expect(faults.end(fault)).toBe(true);
    expect(ec2.get(id)?.reachable).toBe(true);
    expect(faults.active()).toEqual([]);
    expect(faults.end(fault)).toBe(false);
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown fault', { fault: 'nonsense' }, /fault/],
    ['a target that is no instance id', { fault: 'fail-host', target: 'vol-0123456789abcdef0' }, /must be an instance id/],
    ['a member that it does not have', { fault: 'exhaust-zone', target: 'us-east-1a', zone: 1 }, /zone/],
    ['a rate above one', { fault: 'deliver', how: 'lose', rate: 2 }, /rate/],
    ['a status that is no error', { fault: 'fail-call', service: 'ec2', status: 200 }, /status/],
    ['a service that is not served', { fault: 'fail-call', service: 'autoscalling' }, /service/],
    ['an instance that does not exist', { fault: 'hang-kernel', target: 'i-0aaaaaaaaaaaaaaaa' }, /i-0aaaaaaaaaaaaaaaa/],
    ['a port that is none', { fault: 'sick-target', target: 'i-0aaaaaaaaaaaaaaaa', port: 0 }, /port/],
    ['a target that does not exist', { fault: 'sick-target', target: 'i-0aaaaaaaaaaaaaaaa' }, /i-0aaaaaaaaaaaaaaaa/],
    ['a group that does not exist', { fault: 'add-load', target: 'none', percent: 50 }, /none/],
    ['hooks of a group that does not exist', { fault: 'answer-hooks', target: 'none', afterSeconds: 60 }, /none/],
    ['an answer that is none', { fault: 'answer-hooks', target: 'none', afterSeconds: 60, result: 'MAYBE' }, /result/],
  ])('refuse %s', (_name, fault, reason) => {
    const { faults } = setUp();
    expect(() => faults.inject(fault as Fault)).toThrow(reason);
    expect(faults.active()).toEqual([]);
  });
});

test('sick-target makes one port of an instance fail its health checks until it is ended', async () => {
  const { elb, loadBalancing, faults, launch, pass } = setUp();
  const Id = launch();
  pass(300);
  const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef';
  loadBalancing.place(TargetGroupArn, [Id]);
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id, Port: 8081 }] }));
  const states = async () =>
    (await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }))).TargetHealthDescriptions?.map((one) => one.TargetHealth?.State);
  const fault = faults.inject({ fault: 'sick-target', target: Id, port: 8081, targetGroup: 'web' });
  pass(90);
  expect(await states()).toEqual(['healthy', 'unhealthy']);
  faults.end(fault);
  pass(300);
  expect(await states()).toEqual(['healthy', 'healthy']);
});

describe('fail-call', () => {
  test('refuses the operation it names with the code and status it names, and no other', async () => {
    const { faults, ssm, sts } = setUp();
    faults.inject({ fault: 'fail-call', service: 'ssm', operation: 'GetParameter', code: 'ThrottlingException', status: 400 });
    expect(await refusal(ssm.send(new GetParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'ThrottlingException', status: 400 });
    await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
    await sts.send(new GetCallerIdentityCommand({}));
  });

  test('refuses every operation of a service with *', async () => {
    const { faults, ssm } = setUp();
    faults.inject({ fault: 'fail-call', service: 'ssm', operation: '*', code: 'AccessDeniedException' });
    expect(await refusal(ssm.send(new GetParameterCommand({ Name: '/a' })))).toMatchObject({ code: 'AccessDeniedException' });
    expect(await refusal(ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x' })))).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('refuses an operation that there is none of, which could never fail', () => {
    const { faults } = setUp();
    for (const operation of ['GetParamter', 'constructor', ''])
      expect(() => faults.inject({ fault: 'fail-call', service: 'ssm', operation })).toThrow(operation === '' ? /operation/ : RangeError);
    faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: 'TransactWriteItems' });
  });

  test('ends by itself after its count', async () => {
    const { faults, sts } = setUp();
    faults.inject({ fault: 'fail-call', service: 'sts', count: 2 });
    const call = () => sts.send(new GetCallerIdentityCommand({}));
    expect(await refusal(call())).toMatchObject({ status: 500 });
    expect(faults.active()).toHaveLength(1);
    await refusal(call());
    expect(faults.active()).toHaveLength(0);
    await call();
  });

  test('loses the answer of a call that took effect', async () => {
    const { faults, ssm, world } = setUp();
    faults.inject({ fault: 'fail-call', service: 'ssm', operation: 'PutParameter', when: 'after', count: 1 });
    const put = () => ssm.send(new PutParameterCommand({ Name: '/a', Value: 'x', Type: 'String' }));
    await expect(put()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(world.calls).toMatchObject([{ error: null, answerLost: true }]);
    expect(await refusal(put())).toMatchObject({ code: 'ParameterAlreadyExists' });
  });

  test('strikes at its rate', async () => {
    const { faults, sts } = setUp();
    faults.inject({ fault: 'fail-call', service: 'sts', rate: 0.3 });
    let failed = 0;
    for (let i = 0; i < 300; i++) await sts.send(new GetCallerIdentityCommand({})).catch(() => failed++);
    expect(failed).toBeGreaterThan(60);
    expect(failed).toBeLessThan(120);
  });

  test('spares who is exempt', async () => {
    const { faults, handle } = setUp({ exempt: ['ARRANGE'] });
    faults.inject({ fault: 'fail-call', service: 'sts' });
    await localClients(handle, { accessKeyId: 'ARRANGE' }).sts.send(new GetCallerIdentityCommand({}));
  });
});

describe('deliveries', () => {
  const send = ({ world }: ReturnType<typeof setUp>, count: number) => {
    for (let i = 0; i < count; i++) world.deliver({ to: 'sns', topicArn: 'arn', subject: 's', message: String(i) });
  };
  const numbers = ({ faults }: ReturnType<typeof setUp>) =>
    faults.deliveries().map((delivery) => Number((delivery as { message: string }).message));
  const sorted = (all: number[]) => [...all].sort((a, b) => a - b);

  test('come out once and in order where no fault is about', () => {
    const aws = setUp();
    send(aws, 3);
    expect(aws.faults.anyDeliveries()).toBe(true);
    expect(numbers(aws)).toEqual([0, 1, 2]);
    expect(numbers(aws)).toEqual([]);
    expect(aws.faults.anyDeliveries()).toBe(false);
  });

  test('come twice with duplicate, the second time later', () => {
    const aws = setUp();
    aws.faults.inject({ fault: 'deliver', how: 'duplicate' });
    send(aws, 3);
    expect(numbers(aws)).toEqual([0, 1, 2]);
    aws.pass(60);
    expect(sorted(numbers(aws))).toEqual([0, 1, 2]);
    aws.pass(3600);
    expect(numbers(aws)).toEqual([]);
  });

  test('come half a minute to ten minutes late with delay', () => {
    const aws = setUp();
    aws.faults.inject({ fault: 'deliver', how: 'delay' });
    send(aws, 20);
    expect(numbers(aws)).toEqual([]);
    aws.pass(29);
    expect(numbers(aws)).toEqual([]);
    aws.pass(571);
    expect(sorted(numbers(aws))).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('overtake one another with reorder, and none is lost', () => {
    const aws = setUp();
    aws.faults.inject({ fault: 'deliver', how: 'reorder', rate: 0.5 });
    send(aws, 20);
    const all = numbers(aws);
    aws.pass(30);
    all.push(...numbers(aws));
    expect(all).not.toEqual(sorted(all));
    expect(sorted(all)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('never come with lose', () => {
    const aws = setUp();
    const fault = aws.faults.inject({ fault: 'deliver', how: 'lose' });
    send(aws, 3);
    expect(numbers(aws)).toEqual([]);
    aws.faults.end(fault);
    aws.pass(3600);
    expect(numbers(aws)).toEqual([]);
    send(aws, 1);
    expect(numbers(aws)).toEqual([0]);
  });

  test('come the same way for the same seed, whatever faults there are', () => {
    const how = fc.constantFrom('duplicate' as const, 'delay' as const, 'reorder' as const, 'lose' as const);
    const faults = fc.array(fc.record({ how, rate: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 3 });
    fc.assert(
      fc.property(fc.nat(), faults, (seed, wanted) => {
        const history = () => {
          const aws = setUp({ seed });
          for (const fault of wanted) aws.faults.inject({ fault: 'deliver', ...fault });
          const seen: number[][] = [];
          for (let i = 0; i < 5; i++) {
            send(aws, 4);
            seen.push(numbers(aws));
            aws.pass(200);
          }
          return seen;
        };
        expect(history()).toEqual(history());
      }),
      { numRuns: 20 },
    );
  });
});

test('every fault is explained by --help', () => {
  const kinds = faultSchema.options.map(({ shape }) => shape.fault.value);
  expect(kinds.length).toBeGreaterThan(10);
  for (const kind of kinds) expect(helpFor('local-aws')).toMatch(new RegExp(`\\b${kind}\\b`));
});
