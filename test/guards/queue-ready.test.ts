import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { redrive } from '../../shared/actions/redrive.ts';
import { scaleOut } from '../../shared/actions/scale-out.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { queueReady } from '../../shared/guards/queue-ready.ts';
import type { QueueFacts } from '../../shared/model/snapshot.ts';
import type { Status } from '../../shared/model/status.ts';
import { createDeadLetters, type DeadLetters } from '../actions/dead-letters.ts';
import { facts, incident, noon, outcome, queue } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const minute = 60_000;
const named = { redrive: {}, consumers: { queues: { orders: 'group/shop' } } };
let world: DeadLetters | undefined;
const close = async () => {
  await world?.aws.close();
  world = undefined;
};
afterEach(close);

/** What the guard answers of what a look has found in a world. */
const inWorld = async (change: Partial<GuardInput> = {}) => {
  const { clients, about, look, clock, target } = world as DeadLetters;
  const input = { action: redrive, target, incident: about, facts: await look(), policy: effective(named), clients, now: clock.now() };
  return queueReady.check(guardInput({ ...input, ...change }));
};
/** What it answers without looking any further. */
const asked = (change: Partial<QueueFacts>, given: Record<string, unknown> = named) =>
  queueReady.check(
    guardInput({
      action: redrive,
      target: { type: 'queue', id: 'dead' },
      facts: facts({ instance: null, queue: queue(change) }),
      policy: effective(given),
    }),
  );
/** A ledger with incidents of the consumer: how long ago they ended, in minutes. */
const endedAs = (incidents: ({ status: Status; ago: number; account?: string; id?: string } | null)[]): GuardInput['ledger'] => ({
  electReporter: async () => true,
  joinMass: async () => ({ role: 'first' }),
  recent: async () =>
    incidents.map((one, i) => {
      const resource = { type: 'group', id: one?.id ?? 'shop' } as const;
      const { status, ago, account = '123456789012' } = one ?? {};
      const ended = outcome({
        resource,
        account,
        ...(status ? { status } : {}),
        endedAt: new Date(noon - (ago ?? 0) * minute).toISOString(),
      });
      return { incident: `error-rate-${i}`, openedAt: noon - 40 * minute, resource, outcome: one && ended };
    }),
});
const sources = (change: Partial<NonNullable<QueueFacts['sources']>[number]>) =>
  queue().sources?.map((one) => ({ ...one, ...change })) ?? [];

/** Clients of a world in which these of the metrics that are asked for are known. */
const knowing = ({ clients }: DeadLetters, known: (index: number) => boolean) => {
  const send = clients.cloudWatch.send.bind(clients.cloudWatch) as (command: never) => Promise<{ MetricDataResults?: unknown[] }>;
  const cloudWatch = Object.assign(Object.create(clients.cloudWatch), {
    send: async (command: never) => {
      const answer = await send(command);
      return { ...answer, MetricDataResults: answer.MetricDataResults?.filter((_one, index) => known(index)) };
    },
  });
  return Object.create(clients, { cloudWatch: { value: cloudWatch } });
};

describe('queue-ready', () => {
  test('passes dead letters of a consumer that has worked for ten minutes', async () => {
    world = await createDeadLetters();
    expect(await inWorld()).toEqual({ answer: 'pass' });
  });

  test('waits until the consumer has worked for ten minutes since messages died', async () => {
    world = await createDeadLetters();
    const { clock, about } = world;
    const incidentOf = (ago: number) => ({ ...about, at: clock.now() - ago * minute });
    expect(await inWorld({ incident: incidentOf(1) })).toMatchObject({
      answer: 'hold',
      passing: true,
      unseen: true,
      until: clock.now() + 10 * minute,
    });
    expect(await inWorld({ incident: incidentOf(11) })).toEqual({ answer: 'pass' });
  });

  test.each<[string, Parameters<typeof endedAs>[0], string]>([
    ['has healed', [{ status: 'healed', ago: 25 }], 'pass'],
    [
      'has healed by itself, after one that did not',
      [
        { status: 'held', ago: 28 },
        { status: 'healed-itself', ago: 25 },
      ],
      'pass',
    ],
    [
      'did not heal, after one that did',
      [
        { status: 'healed', ago: 25 },
        { status: 'escalated', ago: 20 },
      ],
      'escalate',
    ],
    ['has healed, while another is open', [{ status: 'healed', ago: 25 }, null], 'escalate'],
    // Messages died half an hour ago.
    ['had healed before messages died', [{ status: 'healed', ago: 35 }], 'escalate'],
    ['has healed in another account', [{ status: 'healed', ago: 25, account: '999999999999' }], 'escalate'],
    ['was about something else', [{ status: 'healed', ago: 25, id: 'others' }], 'escalate'],
    ['there is none of', [], 'escalate'],
  ])('takes a consumer that had nothing to do for healthy only if its own incident %s', async (_, incidents, answer) => {
    world = await createDeadLetters({ idle: true });
    const asks: { from: number; to: number; limit: number }[] = [];
    const { recent, ...ledger } = endedAs(incidents);
    const looking: typeof recent = (span) => {
      asks.push(span);
      return recent(span);
    };
    expect(await inWorld({ ledger: { ...ledger, recent: looking } })).toMatchObject({ answer });
    expect(asks[0]).toEqual({ from: world.clock.now() - 360 * minute, to: world.clock.now(), limit: 200 });
  });

  test('waits while the consumer fails, tells people, and gives up after two hours', async () => {
    world = await createDeadLetters();
    world.aws.faults.inject({ fault: 'fail-consumer', target: 'orders', share: 0.5 });
    world.pass(240);
    const { clock } = world;
    const answer = await inWorld();
    expect(answer).toMatchObject({ answer: 'hold', passing: true, unseen: true });
    // Twelve minutes after it last failed, which it still does.
    const { until = 0 } = answer as { until?: number };
    expect(until).toBeGreaterThan(clock.now() + 9 * minute);
    expect(until).toBeLessThanOrEqual(clock.now() + 12 * minute);
    const about = { ...world.about, at: clock.now() - 121 * minute };
    expect(await inWorld({ incident: about })).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('has not for 2 h') });
  });

  test('waits while messages still die, although the consumer processes most', async () => {
    world = await createDeadLetters();
    world.aws.queues.poison('orders', 2);
    world.pass(300);
    expect(await inWorld()).toMatchObject({ answer: 'hold', passing: true, reason: expect.stringContaining('dead has grown') });
    world.pass(600);
    expect(await inWorld()).toEqual({ answer: 'pass' });
  });

  test('leaves it to a person where nothing is named that processes the messages', async () => {
    world = await createDeadLetters();
    expect(await inWorld({ policy: effective({ redrive: {} }) })).toMatchObject({ answer: 'escalate' });
  });

  test.each([
    ['none', () => false],
    ['all but those of the dead letters', (index: number) => index < 2],
    ['those of the dead letters alone', (index: number) => index >= 2],
  ])('holds where of the metrics %s are known', async (_, known) => {
    world = await createDeadLetters();
    expect(await inWorld({ clients: knowing(world, known) })).toMatchObject({ answer: 'hold', unseen: true });
  });

  test('stands aside for a task of somebody else, and leaves to a person what was moved today', async () => {
    world = await createDeadLetters({ poison: true });
    const start = new StartMessageMoveTaskCommand({ SourceArn: world.aws.world.arn('sqs', 'dead'), MaxNumberOfMessagesPerSecond: 1 });
    await world.sqs.send(start);
    world.pass(10);
    expect(await inWorld()).toMatchObject({ answer: 'hold', passing: true, reason: expect.stringContaining('being moved already') });
    world.pass(1200);
    expect(await inWorld()).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('were moved 20 min') });
  });

  test.each<[string, Partial<QueueFacts>]>([
    ['of a FIFO queue', { fifo: true }],
    ['that are encrypted under a key of the owner', { ownKey: true }],
    ['that are more than the policy lets be moved', { messages: 1001 }],
    ['for a queue that is not opted in', { sources: sources({ tags: {} }) }],
    ['that would be known to be dead again only after more than an hour', { sources: sources({ maxReceives: 120 }) }],
    ['of many queues', { sources: Array.from({ length: 11 }, (_, i) => ({ ...sources({})[0], id: `q${i}` })) as never }],
  ])('leaves dead letters %s to a person', (_, change) => {
    return expect(asked(change)).resolves.toMatchObject({ answer: 'escalate' });
  });

  test.each<[string, Partial<QueueFacts>, Record<string, unknown>]>([
    ['where the policy does not name it', {}, {}],
    ['of a queue that gets none', { sources: [] }, named],
    ['where they were not looked for', { sources: null }, named],
    ['where SQS tells no number', { messages: null }, named],
  ])('holds %s', (_, change, given) => {
    return expect(asked(change, given)).resolves.toMatchObject({ answer: 'hold' });
  });

  test('lets a group grow for its queue only while it processes what it receives', async () => {
    world = await createDeadLetters({ count: 0 });
    const about = incident({ resource: { type: 'queue', id: 'orders' } });
    const seen = facts({
      instance: null,
      queue: queue({ id: 'orders', arn: 'arn:aws:sqs:us-east-1:123456789012:orders', sources: [], consumer: 'group/shop' }),
    });
    const grow = { action: scaleOut, target: { type: 'group', id: 'shop' } as const, incident: about, facts: seen };
    expect(await inWorld(grow)).toEqual({ answer: 'pass' });
    expect(await inWorld({ ...grow, clients: knowing(world, () => false) })).toMatchObject({ answer: 'hold', unseen: true });
    world.aws.faults.inject({ fault: 'fail-consumer', target: 'orders' });
    world.pass(600);
    expect(await inWorld(grow)).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('would not help') });
    const more = { action: scaleOut, target: { type: 'group', id: 'shop' } as const };
    expect(await queueReady.check(guardInput(more))).toEqual({ answer: 'pass' });
    const gone = await queueReady.check(guardInput({ ...more, facts: facts({ queue: null }) }));
    expect(gone).toEqual({ answer: 'hold', reason: 'the queue does not exist' });
    const moved = {
      action: redrive,
      target: { type: 'queue', id: 'dead' },
      facts: facts({ queue: null }),
      policy: effective(named),
    } as const;
    expect(await queueReady.check(guardInput(moved))).toEqual(gone);
  });

  test.each(['starts', 'interrupts', 'destroys', 'addsCapacity'] as const)(
    'holds whatever has the effect %s on a queue',
    async (effect) => {
      const action = { ...redrive, effects: [effect] as const };
      expect(await queueReady.check(guardInput({ action, target: { type: 'queue', id: 'dead' } }))).toMatchObject({ answer: 'hold' });
    },
  );
});
