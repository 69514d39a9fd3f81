import { ListMessageMoveTasksCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Fault } from '#local-aws';
import { toDo } from '../../shared/actions/action.ts';
import { redrive } from '../../shared/actions/redrive.ts';
import { placedAt } from '../../shared/model/place.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { perform } from '../../shared/remediation/perform.ts';
import { recordingClients, sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { followBy } from '../remediation/engine.ts';
import { facts, noon, policy, queue } from '../remediation/examples.ts';
import { Death, mortalEngine } from '../remediation/mortal-engine.ts';
import { partOf } from '../runner/whole.ts';
import { createDeadLetters, type DeadLetters, redrivePolicy } from './dead-letters.ts';

let world: DeadLetters | undefined;
const close = async () => {
  await world?.aws.close();
  world = undefined;
};
afterEach(close);

type Scene = Parameters<typeof createDeadLetters>[0] & {
  faults?: Fault[];
  dies?: { at: number; when: 'before' | 'after' };
  /** Selfheal is switched off after so many seconds. */
  offAfter?: number;
};

/** Performs the action to its end, again after it has died. */
const play = async ({ faults = [], dies, offAfter = Number.POSITIVE_INFINITY, ...of }: Scene = {}) => {
  world = await createDeadLetters(of);
  const { aws, clients, clock, target, about, look, pass, sizes, callsOf } = world;
  for (const fault of faults) aws.faults.inject(fault);
  const began = clock.now();
  const ledger = await emptyLedger();
  await ledger.open(about, began);
  await ledger.acquire(placedAt(about, target), about.key, began, began + 86_400_000);
  const engine = mortalEngine(pass, dies);
  const seen = await look();
  const run = async () => {
    engine.rewind();
    const journal = createJournal(engine, { now: clock.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    const observe = async () => {
      const { value } = await journal.persist('look', look);
      return value.ok ? value.value : null;
    };
    const killSwitch = { read: async (at: number) => (at - began >= offAfter * 1000 ? 'off' : 'on') as 'off' | 'on' };
    const input = { incident: about, action: redrive, target, facts: seen, policy: redrivePolicy, dryRun: false, attempt: 1 };
    const performed = await perform(
      { ...input, reference: `${about.key}/1`, attempts: [], replacements: [] },
      { journal, clients, ledger, killSwitch, observe, follow: followBy(observe, journal), record: () => {} },
    );
    return { performed, texts: journal.timeline.map(({ text }) => text).join('\n') };
  };
  const told = await run().catch((error) => {
    if (error instanceof Death) return run();
    throw error;
  });
  const { Results = [] } = await world.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: seen.queue?.arn, MaxResults: 10 }));
  return { ...told, sizes: sizes(), started: callsOf('StartMessageMoveTask').length, tasks: Results, steps: engine.length() };
};

const moveTasks = (operation: string, change: Partial<Extract<Fault, { fault: 'fail-call' }>>): Fault => ({
  ...({ fault: 'fail-call', service: 'sqs', operation, code: 'InternalError', status: 500, rate: 1, when: 'before' } as const),
  ...change,
});

test('a few messages are followed every few seconds, and the rest ever more rarely', () => {
  expect(redrive.steps.map(({ follow: { pace } }) => [pace?.initial, pace?.cap])).toEqual([
    [5, 5],
    [5, 120],
  ]);
  const [few, rest] = redrive.steps.map(({ follow: { within } }) => (change: object) => {
    const given = policy({ redrive: change });
    return typeof within === 'function' ? within(given) : within;
  });
  expect(few?.({})).toBe(10);
  // Twice as long as it takes, ten minutes more, and four hours at most.
  expect([rest?.({ atMost: 1000, perSecond: 10 }), rest?.({ atMost: 100_000, perSecond: 1 })]).toEqual([800, 4 * 3600]);
});

describe('a move task', () => {
  const [few] = redrive.steps;
  const own = { MaxNumberOfMessagesPerSecond: 1, StartedTimestamp: noon, TaskHandle: 'ours', Status: 'RUNNING' };
  const seen = facts({ instance: null, queue: queue() });
  const target = { type: 'queue', id: 'dead' } as const;
  const input = { target, facts: seen, policy: redrivePolicy, reference: 'an-attempt' };
  const find = async (...Results: object[]) => {
    const { clients } = recordingClients(() => ({ output: { Results } }));
    return few.follow.find(clients, { ...input, since: noon });
  };

  test('is found by its rate, its queue and its time, as far as clocks may differ', async () => {
    expect(await find({ ...own, MaxNumberOfMessagesPerSecond: 10 }, { ...own, DestinationArn: 'arn' }, own)).toEqual({
      ...{ id: 'ours', state: 'running', says: 'RUNNING', output: [] },
    });
    expect(await find({ ...own, StartedTimestamp: noon - 60_000 })).not.toBeNull();
    for (const other of [
      { ...own, StartedTimestamp: noon - 60_001 },
      { ...own, StartedTimestamp: undefined },
      { ...own, DestinationArn: 'arn' },
      { ...own, MaxNumberOfMessagesPerSecond: 2 },
    ])
      expect(await find(other)).toBeNull();
    expect(await find()).toBeNull();
  });

  test.each<[object, string, string]>([
    [{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 7 }, 'done', 'COMPLETED, about 7 moved'],
    [{ Status: 'CANCELLED' }, 'done', 'CANCELLED, about 0 moved'],
    [{ Status: 'FAILED', FailureReason: 'AccessDenied' }, 'failed', 'FAILED: AccessDenied, about 0 moved'],
    [{ Status: 'CANCELLING' }, 'running', 'CANCELLING'],
  ])('of %j is %s', async (change, state, says) => {
    expect(await find({ ...own, TaskHandle: undefined, ...change })).toEqual({ id: String(noon), state, says, output: [] });
  });

  test('that has ended by itself need not be cancelled, and one that may not be is an error', async () => {
    const cancel = (name: string) => {
      const { clients } = recordingClients(() => sdkError(name, 400));
      return few.follow.cancel(clients, input, 'ours');
    };
    for (const name of ['UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation', 'ResourceNotFoundException'])
      await expect(cancel(name)).resolves.toBeUndefined();
    await expect(cancel('AccessDenied')).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('redrive', () => {
  test('moves about ten messages first, and then the rest', async () => {
    const { performed, sizes, tasks, texts } = await play();
    expect(performed).toEqual({ result: 'acted' });
    expect(sizes).toEqual({ dead: 0, orders: 0 });
    const [rest, few] = tasks;
    expect(few).toMatchObject({ Status: 'CANCELLED', MaxNumberOfMessagesPerSecond: 1 });
    expect(few?.ApproximateNumberOfMessagesMoved).toBeGreaterThanOrEqual(7);
    expect(few?.ApproximateNumberOfMessagesMoved).toBeLessThanOrEqual(14);
    expect(rest).toMatchObject({ Status: 'COMPLETED', MaxNumberOfMessagesPerSecond: 10 });
    // Two receives of five seconds each, and two minutes.
    expect(Number(rest?.StartedTimestamp) - Number(few?.StartedTimestamp)).toBeGreaterThan(130_000);
    expect(texts).toContain('it has ended: CANCELLED');
  });

  test('moves nothing more where so few are there', async () => {
    const { performed, sizes, started } = await play({ count: 4 });
    expect([performed, sizes, started]).toEqual([{ result: 'acted' }, { dead: 0, orders: 0 }, 1]);
  });

  test('stops where the first ones die again, and loses none', async () => {
    const { performed, sizes, started } = await play({ poison: true });
    expect(performed).toMatchObject({
      result: 'half-done',
      error: { message: expect.stringMatching(/^\d+ of the messages that were moved are dead again$/) },
    });
    expect([sizes, started]).toEqual([{ dead: 40, orders: 0 }, 1]);
  });

  test('is found where its answer is lost, and not started again', async () => {
    const { performed, sizes, started } = await play({ faults: [moveTasks('StartMessageMoveTask', { when: 'after', count: 1 })] });
    expect([performed, sizes, started]).toEqual([{ result: 'acted' }, { dead: 0, orders: 0 }, 2]);
  });

  test('is refused where a task runs already', async () => {
    const refused = moveTasks('StartMessageMoveTask', { code: 'InvalidParameterValue', status: 400 });
    const { performed, sizes } = await play({ faults: [refused] });
    expect([performed, sizes]).toMatchObject([{ result: 'refused' }, { dead: 40 }]);
  });

  test('is cancelled once selfheal is switched off, and not gone on with', async () => {
    const early = await play({ offAfter: 4 });
    expect(early.performed).toMatchObject({ result: 'half-done', error: { code: 'SwitchedOff' } });
    expect([early.started, early.tasks[0]?.Status]).toEqual([1, 'CANCELLED']);
    expect(early.texts).toContain('because selfheal is switched off');
    await close();
    const later = await play({ offAfter: 60 });
    expect(later.performed).toMatchObject({ result: 'half-done' });
    expect(later.started).toBe(1);
  });

  test('is started once for each of its two tasks, and leaves none running, wherever it dies', async () => {
    const { steps } = await play();
    for (const at of partOf([...Array(steps).keys()], 3))
      for (const when of at % 4 === 0 ? (['before', 'after'] as const) : (['after'] as const)) {
        await close();
        const { performed, sizes, started, tasks } = await play({ dies: { at, when } });
        const running = tasks.filter(({ Status }) => Status === 'RUNNING').length;
        expect({ at, when, running, lost: 40 - (sizes.dead ?? 0) - (sizes.orders ?? 0) < 0 }).toEqual({
          at,
          when,
          running: 0,
          lost: false,
        });
        expect(started).toBeLessThanOrEqual(2);
        expect(['acted', 'lost', 'not-done']).toContain(performed.result);
      }
  });

  test('says what it does, acts upon the queue that the look saw, and is done once in a while', () => {
    const seen = facts({ instance: null, queue: queue() });
    expect(redrive.target(seen)).toEqual({ type: 'queue', id: 'dead' });
    expect(redrive.target(facts({ queue: queue({ sources: [] }) }))).toBeNull();
    expect(redrive.target(facts({ queue: null }))).toBeNull();
    expect(toDo(redrive, { target: { type: 'queue', id: 'dead' }, facts: seen, policy: redrivePolicy })).toBe(
      'move 40 messages of queue dead back to orders',
    );
    expect(redrive.once(redrivePolicy)).toBe(86_400);
  });
});
