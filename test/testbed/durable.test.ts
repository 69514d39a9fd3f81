import { type DurableContext, type DurableLambdaHandler, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { describe, expect, jest, test } from '@jest/globals';
import { createClock } from '#local-aws/clock';
import { createRandom } from '#local-aws/random';
import {
  AlreadyStartedError,
  createDurableEngine,
  type DeathPoint,
  type EngineOptions,
  type Execution,
  engineLimits,
} from '../../local/testbed/engine/durable.ts';
import { durableOf } from '../../shared/handlers/durable-context.ts';
import type { Durable } from '../../shared/ports/durable.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { noon } from '../remediation/examples.ts';

const second = 1000;

const setUp = (handler: DurableLambdaHandler | undefined, options: Partial<EngineOptions> = {}) => {
  const clock = createClock(noon);
  const ended: Execution[] = [];
  const engine = createDurableEngine({
    clock,
    random: createRandom(1),
    account: '123456789012',
    region: 'us-east-1',
    handler: () => handler,
    onEnd: (execution) => ended.push(execution),
    ...options,
  });
  /** Runs and jumps the clock until nothing waits for time any more. */
  const finish = async () => {
    for (;;) {
      await engine.run();
      const next = engine.next();
      if (next === undefined) return;
      clock.advanceTo(next);
    }
  };
  return { clock, engine, ended, finish };
};

/** A function of the given handler, whose effects go into a list that outlives its processes. */
const functionOf = (run: (durable: Durable, context: DurableContext, effects: string[]) => Promise<unknown>) => {
  const effects: string[] = [];
  const handler = withDurableExecution((_: unknown, context: DurableContext) => run(durableOf(context), context, effects));
  return { handler, effects };
};

const step = (durable: Durable, effects: string[], name: string) =>
  durable.step(name, async () => {
    effects.push(name);
    return name;
  });

const once = (durable: Durable, effects: string[], name: string) =>
  durable.once(name, async () => {
    effects.push(name);
    return name;
  });

/** Dies around one checkpoint, the first time. */
const deathAt = (when: DeathPoint['when'], matches: (point: DeathPoint) => boolean) => {
  let died = false;
  return (point: DeathPoint): boolean => {
    if (died || point.when !== when || !matches(point)) return false;
    died = true;
    return true;
  };
};
const touching = (name: string, action: string) => (point: DeathPoint) =>
  point.updates.some(({ Name, Action }) => Name === name && Action === action);

describe('time', () => {
  test('is jumped over while an execution waits, and the execution is replayed', async () => {
    let runs = 0;
    const { handler, effects } = functionOf(async (durable, _, done) => {
      runs++;
      await step(durable, done, 'before');
      await durable.wait('pause', 7200);
      await step(durable, done, 'after');
      return 'done';
    });
    const { clock, engine, finish, ended } = setUp(handler);
    const { execution } = engine.start('remediate', 'one', '{}');
    await engine.run();
    expect(execution.status).toBe('RUNNING');
    expect(engine.next()).toBe(noon + 7200 * second);
    await finish();
    expect(clock.now()).toBe(noon + 7200 * second);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', result: '"done"', endedAt: noon + 7200 * second });
    expect(effects).toEqual(['before', 'after']);
    expect(runs).toBe(2);
    expect(execution.invocations).toBe(2);
    expect(ended).toEqual([execution]);
  });

  test('is none that an execution waits in reality before it suspends', async () => {
    const { handler } = functionOf(async (durable) => durable.wait('pause', 60));
    const { engine } = setUp(handler);
    engine.start('remediate', 'one', '{}');
    const timers = jest.spyOn(globalThis, 'setTimeout');
    await engine.run();
    const set = timers.mock.calls.map(([, delay], i) => [delay, Object(timers.mock.results[i]?.value).constructor.name]);
    timers.mockRestore();
    // The other one only logs.
    expect(set).toEqual([
      [500, 'Timeout'],
      [20, 'Immediate'],
    ]);
  });

  test('does not wake an execution a moment too early', async () => {
    const { handler } = functionOf(async (durable) => durable.wait('pause', 60));
    const { clock, engine } = setUp(handler);
    const { execution } = engine.start('remediate', 'one', '{}');
    await engine.run();
    clock.advanceTo(noon + 60 * second - 1);
    await engine.run();
    expect(execution.status).toBe('RUNNING');
    clock.advanceTo(noon + 60 * second);
    await engine.run();
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('orders what many executions do', async () => {
    const order: string[] = [];
    const { handler } = functionOf(async (durable, context) => {
      const name = String(context.executionContext.durableExecutionArn.split('/').at(-2));
      await durable.wait('pause', name === 'slow' ? 90 : 30);
      await durable.step('note', async () => order.push(name));
    });
    const { engine, finish } = setUp(handler);
    for (const name of ['slow', 'quick']) engine.start('remediate', name, '{}');
    await finish();
    expect(order).toEqual(['quick', 'slow']);
  });

  test('ends an execution that takes too long', async () => {
    const { handler } = functionOf(async (durable) => durable.wait('pause', 3600));
    const { engine, finish, ended, clock } = setUp(handler, { executionTimeout: 600 * second });
    engine.start('remediate', 'one', '{}');
    await finish();
    expect(ended).toMatchObject([{ status: 'TIMED_OUT', endedAt: noon + 600 * second }]);
    expect(clock.now()).toBe(noon + 600 * second);
  });
});

describe('a handler that is not deterministic', () => {
  test('is caught at its first replay', async () => {
    let runs = 0;
    const { handler } = functionOf(async (durable, _, done) => {
      await step(durable, done, runs++ === 0 ? 'this' : 'that');
      await durable.wait('pause', 60);
    });
    const { engine, finish, ended } = setUp(handler);
    engine.start('remediate', 'one', '{}');
    await finish();
    expect(ended).toMatchObject([{ status: 'FAILED', error: expect.stringMatching(/non-determin|replay|mismatch/i) }]);
  });
});

describe('a process that dies', () => {
  const story = () =>
    functionOf(async (durable, _, done) => {
      const looked = await step(durable, done, 'look');
      const acted = await once(durable, done, 'act');
      await durable.wait('pause', 60);
      const closed = await step(durable, done, 'close');
      return { looked, acted, closed };
    });
  const run = async (dies: EngineOptions['dies'] & object) => {
    const { handler, effects } = story();
    const { engine, finish } = setUp(handler, { dies });
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    return { execution, effects, result: JSON.parse(execution.result ?? 'null') };
  };
  const well = { looked: 'look', acted: 'act', closed: 'close' };

  test('after an action and before its checkpoint leaves it uncertain, and it is not done again', async () => {
    const { effects, result, execution } = await run(deathAt('before', touching('act', 'SUCCEED')));
    expect(effects.filter((effect) => effect === 'act')).toHaveLength(1);
    expect(result).toEqual({ ...well, acted: null });
    // The uncertainty was told once before the wait and read from the log after it: the same both times.
    expect(execution.invocations).toBe(3);
  });

  test('before an action has begun lets it be done', async () => {
    const { effects, result } = await run(deathAt('before', touching('act', 'START')));
    expect(effects.filter((effect) => effect === 'act')).toHaveLength(1);
    expect(result).toEqual(well);
  });

  test('once an action was to begin leaves it uncertain, though nothing was done', async () => {
    const { effects, result } = await run(deathAt('after', touching('act', 'START')));
    expect(effects).not.toContain('act');
    expect(result).toEqual({ ...well, acted: null });
  });

  test('after the checkpoint of an action loses nothing', async () => {
    const { effects, result } = await run(deathAt('after', touching('act', 'SUCCEED')));
    expect(effects.filter((effect) => effect === 'act')).toHaveLength(1);
    expect(result).toEqual(well);
  });

  test('repeats a step whose result was not yet kept', async () => {
    const { effects, result } = await run(deathAt('before', touching('look', 'SUCCEED')));
    expect(effects.filter((effect) => effect === 'look')).toHaveLength(2);
    expect(result).toEqual(well);
  });

  test('at any checkpoint at all neither loses the execution nor repeats its action', async () => {
    const quiet = await run(() => false);
    for (const when of ['before', 'after'] as const) {
      for (let nth = 0; nth < quiet.execution.checkpoints; nth++) {
        const { execution, effects, result } = await run(deathAt(when, ({ checkpoint }) => checkpoint === nth));
        expect([when, nth, execution.status]).toEqual([when, nth, 'SUCCEEDED']);
        expect(effects.filter((effect) => effect === 'act').length).toBeLessThanOrEqual(1);
        expect([well.acted, null]).toContain(result.acted);
        expect(effects.includes('close')).toBe(true);
      }
    }
    expect(quiet.execution.checkpoints).toBeGreaterThan(4);
  });

  test('again and again is reported and not run for ever', async () => {
    const { handler } = functionOf(async (durable, _, done) => step(durable, done, 'look'));
    const { engine } = setUp(handler, { dies: () => true });
    engine.start('remediate', 'one', '{}');
    await expect(engine.run()).rejects.toThrow('one died 1000 times in a row');
  });
});

describe('what a once-step throws', () => {
  test('that is no interruption is thrown, though it speaks of one', async () => {
    const { handler } = functionOf(async (durable) => {
      try {
        return { kept: await durable.once('act', () => Promise.reject(new Error('StepInterruptedError: interrupted'))) };
      } catch (error) {
        await durable.wait('pause', 60);
        return { thrown: (error as Error).message };
      }
    });
    const { engine, finish } = setUp(handler);
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    expect(JSON.parse(execution.result ?? '')).toEqual({ thrown: 'StepInterruptedError: interrupted' });
  });
});

describe('a callback', () => {
  const asking = (timeout?: { minutes: number }) => {
    const ids: string[] = [];
    const { handler } = functionOf(async (_, context) => {
      try {
        const answer = await context.waitForCallback(
          'approval',
          async (id) => {
            ids.push(id);
          },
          timeout ? { timeout } : {},
        );
        return { answer };
      } catch (error) {
        return { error: (error as Error).name };
      }
    });
    return { ...setUp(handler), ids };
  };

  test('brings its answer back', async () => {
    const { engine, finish, ids } = asking();
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    expect(execution.status).toBe('RUNNING');
    expect(engine.completeCallback(ids[0] ?? '', { result: '"yes"' })).toBe(true);
    await finish();
    expect(JSON.parse(execution.result ?? '')).toEqual({ answer: '"yes"' });
  });

  test('brings a refusal back as an error', async () => {
    const { engine, finish, ids } = asking();
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    engine.completeCallback(ids[0] ?? '', { error: 'no' });
    await finish();
    expect(JSON.parse(execution.result ?? '')).toHaveProperty('error');
  });

  test('that nobody answers in time runs out at that time', async () => {
    const { engine, finish, ids, clock } = asking({ minutes: 30 });
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    expect(clock.now()).toBe(noon + 1800 * second);
    expect(JSON.parse(execution.result ?? '')).toHaveProperty('error');
    expect(engine.completeCallback(ids[0] ?? '', { result: '"late"' })).toBe(false);
  });

  test('is answered once, and an unknown one never', async () => {
    const { engine, finish, ids } = asking();
    engine.start('remediate', 'one', '{}');
    await finish();
    expect(engine.completeCallback('nonsense', { result: '"yes"' })).toBe(false);
    expect(engine.completeCallback(ids[0] ?? '', { result: '"yes"' })).toBe(true);
    expect(engine.completeCallback(ids[0] ?? '', { result: '"no"' })).toBe(false);
  });
});

describe('a name', () => {
  const setUpNamed = () => {
    const { handler, effects } = functionOf(async (durable, _, done) => step(durable, done, 'act'));
    return { ...setUp(handler), effects };
  };

  test('is joined by the same payload, while it runs and after it has ended', async () => {
    const { engine, finish, effects } = setUpNamed();
    const first = engine.start('remediate', 'one', '{"a":1}');
    expect(first.started).toBe(true);
    expect(engine.start('remediate', 'one', '{"a":1}')).toEqual({ execution: first.execution, started: false });
    await finish();
    expect(engine.start('remediate', 'one', '{"a":1}').started).toBe(false);
    await finish();
    expect(effects).toEqual(['act']);
  });

  test('is refused to another payload', () => {
    const { engine } = setUpNamed();
    engine.start('remediate', 'one', '{"a":1}');
    expect(() => engine.start('remediate', 'one', '{"a":2}')).toThrow(AlreadyStartedError);
  });

  test('of a function that does not exist is an error', async () => {
    const { engine } = setUp(undefined);
    engine.start('nobody', 'one', '{}');
    await expect(engine.run()).rejects.toThrow('no durable function is named nobody');
  });
});

describe('what the service allows', () => {
  const endOf = async (run: Parameters<typeof functionOf>[0], limits: EngineOptions['limits'] = {}) => {
    const { engine, finish } = setUp(functionOf(run).handler, { limits });
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    return execution;
  };
  const sized = (bytes: number) => (durable: Durable) => durable.step('large', async () => 'x'.repeat(bytes - 2));

  test('is a checkpoint of 256 KB, and one of more ends the execution', async () => {
    expect((await endOf(sized(256 * 1024))).status).toBe('SUCCEEDED');
    const failed = await endOf(sized(256 * 1024 + 1));
    expect(failed).toMatchObject({ status: 'FAILED', error: expect.stringContaining('the checkpoint of large has 262145 bytes') });
  });

  test.each<[string, (durable: Durable) => Promise<unknown>]>([
    ['steps', (durable) => durable.step('look', async () => 1)],
    ['waits', (durable) => durable.wait('wait', 60)],
    ['actions', (durable) => durable.once('act', async () => 1)],
  ])('is so many operations: %s', async (_, operate) => {
    const times = (most: number) => async (durable: Durable) => {
      for (let n = 0; n < most; n++) await operate(durable);
    };
    const limits = { operations: 5 };
    expect(await endOf(times(5), limits)).toMatchObject({ status: 'SUCCEEDED', taken: 5 });
    expect(await endOf(times(6), limits)).toMatchObject({ status: 'FAILED', error: expect.stringContaining('more than 5 operations') });
    expect(engineLimits.operations).toBe(3000);
  });

  test('counts every retry as an operation', async () => {
    let tries = 0;
    const { status, taken } = await endOf(async (_, context) => {
      const retryStrategy = () => ({ shouldRetry: true, delay: { seconds: 1 } }) as const;
      const failing = async () => {
        if (++tries < 3) throw new Error('again');
      };
      await context.step('again', failing, { retryStrategy });
    });
    expect([status, taken]).toEqual(['SUCCEEDED', 3]);
  });

  test('is so many bytes in all', async () => {
    const thrice = async (durable: Durable) => {
      for (const name of ['a', 'b', 'c']) await durable.step(name, async () => 'x'.repeat(400));
    };
    expect((await endOf(thrice, { state: 1300 })).status).toBe('SUCCEEDED');
    expect(await endOf(thrice, { state: 1200 })).toMatchObject({ status: 'FAILED', error: expect.stringContaining('and may hold 1200') });
  });
});

describe('a poll', () => {
  const polling = (done: string[]) => async (durable: Durable) =>
    durable.poll<number>('poll', async (before, count) => {
      done.push(`${before} ${count}`);
      return { value: count * 10, again: count < 3 ? 60 : null };
    });

  test('hands each check what the last came to, with pauses, for one operation a check', async () => {
    const done: string[] = [];
    const { engine, finish } = setUp(functionOf(polling(done)).handler);
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    expect(done).toEqual(['null 1', '10 2', '20 3']);
    expect(JSON.parse(execution.result ?? '')).toEqual({ value: 30, count: 3 });
    expect(execution.taken).toBe(3);
    expect((execution.endedAt ?? 0) - execution.startedAt).toBe(120_000);
  });

  test('whose process dies in the middle goes on from its last check', async () => {
    const done: string[] = [];
    let deaths = 0;
    const dies: EngineOptions['dies'] = ({ when, updates }) =>
      when === 'before' && updates.some(({ Action }) => Action === 'RETRY') && done.length === 2 && deaths++ === 0;
    const { engine, finish } = setUp(functionOf(polling(done)).handler, { dies });
    const { execution } = engine.start('remediate', 'one', '{}');
    await finish();
    expect(deaths).toBe(1);
    expect(done).toEqual(['null 1', '10 2', '10 2', '20 3']);
    expect(JSON.parse(execution.result ?? '')).toEqual({ value: 30, count: 3 });
  });
});

describe('stopping from outside', () => {
  test('ends an execution, and it never runs again', async () => {
    const { handler, effects } = functionOf(async (durable, _, done) => {
      await durable.wait('pause', 60);
      return step(durable, done, 'act');
    });
    const { engine, finish, ended } = setUp(handler);
    engine.start('remediate', 'one', '{}');
    await engine.run();
    engine.stop('one');
    engine.stop('one');
    await finish();
    expect(ended).toMatchObject([{ status: 'STOPPED' }]);
    expect(effects).toEqual([]);
  });
});

describe('the same handler on this engine and on the local runner of the SDK', () => {
  /** A small playbook: a look that is throttled at first, one action, more looks, a record that is refused. */
  const handlerOf = (now: () => number) => {
    const calls = { look: 0, act: 0 };
    return withDurableExecution(async (_: unknown, context: DurableContext) => {
      const journal = createJournal(durableOf(context), { now, random: () => 0.5 });
      const looks: unknown[] = [];
      const acts: unknown[] = [];
      for (let looked = 0; looked < 3; looked++) {
        const { value } = await journal.persist('look', async () => {
          if (++calls.look === 1) throw Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' });
          return calls.look;
        });
        looks.push(value);
        if (looked === 0) acts.push((await journal.once('act', async () => ++calls.act))?.value);
        await journal.wait('verify-wait', 30);
      }
      const polled = await journal.poll<number[]>('poll', async (before) => {
        const counted = [...(before ?? []), (before?.length ?? 0) + 1];
        if (counted.length === 4) throw Object.assign(new Error('gone'), { name: 'Y', $metadata: { httpStatusCode: 400 } });
        return { value: counted, again: 30 };
      });
      const refusal = Object.assign(new Error('no'), { name: 'X', $metadata: { httpStatusCode: 400 } });
      const { value: refused } = await journal.persist('close', () => Promise.reject(refusal));
      return {
        looks,
        acts,
        polled: [polled.value, polled.error?.code],
        refused,
        story: journal.timeline.map(({ phase, text }) => `${phase}: ${text}`),
      };
    });
  };

  test('comes to the same result', async () => {
    const clock = createClock(noon);
    const mine = setUp(handlerOf(() => clock.now()));
    const { execution } = mine.engine.start('remediate', 'one', '{}');
    await mine.finish();

    await LocalDurableTestRunner.setupTestEnvironment({ skipTime: true });
    try {
      const runner = new LocalDurableTestRunner({ handlerFunction: handlerOf(() => noon) });
      const theirs = await runner.run({ payload: {} });
      expect(theirs.getStatus()).toBe('SUCCEEDED');
      expect(execution.status).toBe('SUCCEEDED');
      expect(theirs.getResult()).toEqual(JSON.parse(execution.result ?? ''));
    } finally {
      await LocalDurableTestRunner.teardownTestEnvironment();
    }
    expect(JSON.parse(execution.result ?? '')).toEqual({
      looks: [2, 3, 4].map((value) => ({ ok: true, value })),
      acts: [{ ok: true, value: 1 }],
      polled: [[1, 2, 3], 'Y'],
      refused: { ok: false, error: { kind: 'refused', code: 'X', message: 'no' } },
      story: ['wait: look: RequestLimitExceeded; try 2 of 12 in 3 s'],
    });
  });
});
