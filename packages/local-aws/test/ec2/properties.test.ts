import {
  CreateTagsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Timeline } from '../../src/services/ec2/model/timeline.ts';
import { ec2World, image, minute } from './world.ts';

type Ec2World = ReturnType<typeof ec2World>;

const faults = ['hang-kernel', 'fail-host', 'impair-volume', 'leak-memory', 'fill-disk', 'interrupt-spot'] as const;

const step = fc.record({
  /** Which of the instances, out of those that there are. */
  which: fc.nat(20),
  wait: fc.integer({ min: 0, max: 10 * minute }),
  act: fc.oneof(
    fc.record({ call: fc.constant('run' as const), spot: fc.boolean(), instanceStore: fc.boolean() }),
    fc.record({ call: fc.constantFrom('reboot' as const, 'start' as const, 'terminate' as const) }),
    fc.record({ call: fc.constant('stop' as const), force: fc.boolean(), skip: fc.boolean() }),
    fc.record({
      call: fc.constant('protect' as const),
      from: fc.constantFrom('disableApiStop' as const, 'disableApiTermination' as const),
      on: fc.boolean(),
    }),
    fc.record({ call: fc.constant('break' as const), fault: fc.constantFrom(...faults), ends: fc.boolean() }),
    fc.record({ call: fc.constant('zone' as const), fault: fc.constantFrom('dark-zone' as const, 'exhaust-zone' as const) }),
    fc.record({ call: fc.constant('shut-down' as const), by: fc.constantFrom('guest' as const, 'service' as const) }),
    fc.record({ call: fc.constant('retire' as const) }),
  ),
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
const next: Readonly<Record<string, readonly string[]>> = {
  none: ['pending'],
  pending: ['running', 'stopping', 'shutting-down'],
  running: ['stopping', 'shutting-down'],
  stopping: ['stopped', 'shutting-down'],
  stopped: ['pending', 'shutting-down'],
  'shutting-down': ['terminated'],
  terminated: [],
};

const expectedRefusals: ReadonlySet<string> = new Set([
  'IncorrectInstanceState',
  'InsufficientInstanceCapacity',
  'InternalError',
  'InvalidInstanceID.NotFound',
  'OperationNotPermitted',
  'UnsupportedOperation',
]);

/** Lets a call be refused for reasons that AWS gives, and for no other. */
const attempt = async (call: Promise<unknown>): Promise<void> => {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    if (!expectedRefusals.has(name) || message.startsWith('The local AWS failed')) throw error;
  }
};

const perform = async ({ local, client, world, advance }: Ec2World, { which, wait, act }: Step, undo: (() => void)[]): Promise<void> => {
  const ids = [...local.list()].map(({ id }) => id);
  const id = ids[which % Math.max(1, ids.length)];
  const InstanceIds = [id ?? 'i-0ffffffffffffffff'];
  if (act.call === 'run') {
    const run = new RunInstancesCommand({
      ImageId: image,
      InstanceType: act.instanceStore ? 'm5d.large' : 't3.micro',
      MinCount: 1,
      MaxCount: 2,
      ...(act.spot ? { InstanceMarketOptions: { MarketType: 'spot' as const } } : {}),
    });
    await attempt(client.send(run));
  } else if (act.call === 'zone') undo.push(local.faults[act.fault]('us-east-1a'));
  else if (act.call === 'reboot') await attempt(client.send(new RebootInstancesCommand({ InstanceIds })));
  else if (act.call === 'start') await attempt(client.send(new StartInstancesCommand({ InstanceIds })));
  else if (act.call === 'terminate') await attempt(client.send(new TerminateInstancesCommand({ InstanceIds })));
  else if (act.call === 'stop')
    await attempt(client.send(new StopInstancesCommand({ InstanceIds, Force: act.force, SkipOsShutdown: act.skip })));
  else if (id === undefined) return;
  else if (act.call === 'protect') {
    const protect = new ModifyInstanceAttributeCommand({ InstanceId: id, Attribute: act.from, Value: String(act.on) });
    await attempt(client.send(protect));
  } else if (act.call === 'shut-down') local.shutDown(id, act.by);
  else if (act.call === 'retire') undo.push(local.scheduleRetirement(id, world.clock.now() + wait * 2));
  else if (act.call === 'break' && local.get(id)?.state !== 'terminated' && (act.fault !== 'interrupt-spot' || local.get(id)?.spot)) {
    const end = local.faults[act.fault](id);
    if (act.ends) undo.push(end);
  }
  advance(wait);
};

/** Runs the steps, and checks after each what must hold of every instance at any time. */
const live = async (aws: Ec2World, steps: readonly Step[]): Promise<void> => {
  const states = new Map<string, string>();
  aws.world.subscribe((worldEvent) => {
    if (worldEvent.type !== 'instance-state') return;
    expect(states.get(worldEvent.instanceId) ?? 'none').toBe(worldEvent.from ?? 'none');
    expect(next[worldEvent.from ?? 'none']).toContain(worldEvent.to);
    states.set(worldEvent.instanceId, worldEvent.to);
  });
  const undo: (() => void)[] = [];
  aws.launch();
  aws.launch({ spot: true, instanceType: 'm5d.large' });
  for (const [i, current] of steps.entries()) {
    await perform(aws, current, undo);
    if (i % 3 === 2) undo.shift()?.();
    for (const { id, state, reachable, systemStatus, instanceStatus } of aws.local.list()) {
      expect(states.get(id)).toBe(state);
      const metric = aws.local.metrics('mem_used_percent', { InstanceId: id }, aws.world.clock.now()) ?? 0;
      expect(metric).toBeGreaterThanOrEqual(0);
      expect(metric).toBeLessThanOrEqual(100);
      if (state !== 'running')
        expect({ reachable, systemStatus, instanceStatus }).toEqual({
          reachable: false,
          systemStatus: 'not-applicable',
          instanceStatus: 'not-applicable',
        });
    }
  }
  for (const end of undo) end();
};

describe('random histories', () => {
  test('never bring an instance into an impossible state, and settle when nothing happens any more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.array(step, { maxLength: 30 }), async (seed, steps) => {
        const aws = ec2World(seed);
        await live(aws, steps);
        aws.advance(60 * minute);
        for (const { state } of aws.local.list()) expect(['running', 'stopped', 'terminated']).toContain(state);
        aws.advance(61 * minute);
        for (const { state } of aws.local.list()) expect(['running', 'stopped']).toContain(state);
      }),
      { numRuns: 60 },
    );
  });

  test('are the same for the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.array(step, { minLength: 5, maxLength: 15 }), async (seed, steps) => {
        const [first, second] = [ec2World(seed), ec2World(seed)];
        await live(first, steps);
        await live(second, steps);
        expect(second.world.outbox).toEqual(first.world.outbox);
        expect([...second.local.list()].map(({ id, state }) => [id, state])).toEqual(
          [...first.local.list()].map(({ id, state }) => [id, state]),
        );
      }),
      { numRuns: 15 },
    );
  });
});

/** Any code point but lone surrogates. fast-check's own unit `binary` has a table of all of them, which costs a second and 85 MB. */
const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

describe('malformed input', () => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 40 }),
    fc.constantFrom('i-0123456789abcdef0', 'tag:Name', 'tag-key', '*', '?\\\\', ''),
  );
  const filters = fc.array(fc.record({ Name: text, Values: fc.array(text, { maxLength: 3 }) }), { maxLength: 2 });

  test('is refused or answered, never a failure of the service', async () => {
    const { client, launch, advance } = ec2World();
    launch({ tags: [{ key: 'Name', value: 'web' }] });
    advance(5 * minute);
    const codes = new Set<string>();
    const check = async (call: Promise<unknown>) => {
      try {
        await call;
        codes.add('answered');
      } catch (error) {
        const { $metadata, name } = error as { name: string; $metadata?: { httpStatusCode?: number } };
        expect([400, 412]).toContain($metadata?.httpStatusCode);
        codes.add(name);
      }
    };
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.oneof(fc.constant<string[]>([]), fc.array(text, { maxLength: 2 })),
        fc.option(text, { freq: 1 }),
        fc.option(fc.integer(), { freq: 1 }),
        text,
        async (Filters, ids, token, size, key) => {
          const page = { Filters, ...(token === null ? {} : { NextToken: token }), ...(size === null ? {} : { MaxResults: size }) };
          await check(client.send(new DescribeInstancesCommand({ ...page, InstanceIds: ids })));
          await check(client.send(new DescribeInstanceStatusCommand({ ...page, InstanceIds: ids })));
          await check(client.send(new DescribeTagsCommand(page)));
          await check(client.send(new DescribeVolumesCommand({ ...page, VolumeIds: ids })));
          await check(client.send(new CreateTagsCommand({ Resources: ids, Tags: [{ Key: key, Value: key }] })));
          await check(client.send(new RebootInstancesCommand({ InstanceIds: ids })));
          await check(
            client.send(new RunInstancesCommand({ ImageId: key, InstanceType: 't3.micro', MinCount: size ?? 1, MaxCount: size ?? 1 })),
          );
        },
      ),
      { numRuns: 60, seed: 1 },
    );
    for (const code of ['answered', 'InvalidParameterValue', 'InvalidInstanceID.Malformed', 'InvalidID']) expect(codes).toContain(code);
  });
});

describe('a timeline', () => {
  const changes = fc.array(fc.record({ after: fc.nat(10), value: fc.nat(3) }), { maxLength: 20 });

  test('answers for any time with the last change before it', () => {
    fc.assert(
      fc.property(fc.nat(3), changes, (initial, list) => {
        const timeline = new Timeline(100, initial);
        const plain = new Map<number, number>([[100, initial]]);
        let at = 100;
        for (const { after, value } of list) {
          at += after;
          timeline.set(at, value);
          plain.set(at, value);
        }
        expect(timeline.at(99)).toBeUndefined();
        let value = initial;
        for (let time = 100; time <= at + 1; time++) {
          value = plain.get(time) ?? value;
          expect(timeline.at(time)).toBe(value);
        }
        expect(timeline.now).toBe(value);
      }),
    );
  });

  test('has the mean of what it covers', () => {
    const timeline = new Timeline(0, 10);
    timeline.set(60, 30);
    expect(timeline.mean(0, 120, (value) => value)).toBe(20);
    expect(timeline.mean(-60, 60, (value) => value)).toBe(10);
    expect(timeline.mean(-60, 0, (value) => value)).toBeUndefined();
    expect(timeline.mean(30, 90, (value) => (value === 30 ? undefined : value))).toBe(10);
  });
});
