import { describe, expect, test } from '@jest/globals';
import { failureIds } from '../../shared/model/failure-id.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { EndedExecution } from '../../shared/ports/executions.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Reporter } from '../../shared/ports/reporter.ts';
import { endedOf, executionEndSchema, watchExecution } from '../../shared/recovery/watch.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { channelsBy, groupName, incident, instanceId, noon, outcome } from './examples.ts';

const minute = 60_000;
const own = incident();
const ended: EndedExecution = { key: own.key, status: 'STOPPED', account: own.account, region: own.region, startedAt: noon };
const begun = { at: noon + minute, action: 'stop-start-instance', target: own.resource, attempt: 2 };
const line = { at: '2026-11-20T12:00:30.000Z', phase: 'look' as const, text: 'the story so far' };

const watching = async (
  prepare: (ledger: Ledger) => Promise<unknown>,
  change: Partial<EndedExecution> = {},
  meddle: (ledger: Ledger) => Partial<Ledger> = () => ({}),
) => {
  const real = await emptyLedger();
  await prepare(real);
  const ledger = { ...real, ...meddle(real) };
  const told: string[] = [];
  const published: Outcome[] = [];
  const tell = (how: string) => async (what: Outcome) => {
    told.push(how);
    published.push(what);
  };
  const reporter = { channels: channelsBy(tell) } as unknown as Reporter;
  const watch = () => watchExecution({ ...ended, ...change }, { ledger, reporter, now: () => noon + 10 * minute });
  return { ledger: real, watch, told, published };
};
const open = (ledger: Ledger) => ledger.open(own, noon);

describe('an execution that died', () => {
  test('before it had recorded an action says so, and who it was about', async () => {
    const { watch, told, ledger } = await watching(open);
    expect(await watch()).toMatchObject({
      status: 'failed',
      verified: false,
      quiet: false,
      reason: "selfheal's execution ended STOPPED before the incident was over, and before any action was recorded",
      resource: own.resource,
      actions: [],
      endedAt: '2026-11-20T12:10:00.000Z',
    });
    expect(told).toEqual(['metrics', 'people', 'chat', 'bus']);
    expect(await ledger.read(own.key)).toMatchObject({ status: 'failed', reconciled: true });
  });

  test('ended when its execution did, to the second, whoever finds that and when', async () => {
    for (const milliseconds of [0, 999]) {
      const { watch } = await watching(open, { endedAt: noon + 5 * minute + milliseconds });
      expect(await watch()).toMatchObject({ endedAt: '2026-11-20T12:05:00.000Z' });
    }
  });

  test('after it had begun an action tells what, with the story so far, and never that nothing was done', async () => {
    const { watch } = await watching(async (ledger) => {
      await open(ledger);
      await ledger.noteBegun(own.key, { ...begun, action: 'reboot-instance' }, [line], null);
    });
    const told = await watch();
    expect(told).toMatchObject({
      reason: expect.stringContaining('after it had begun reboot-instance: check the resource'),
      actions: [
        { action: 'reboot-instance', target: instanceId, attempt: 2, at: '2026-11-20T12:01:00.000Z', result: 'uncertain: Interrupted' },
      ],
    });
    expect(told?.timeline).toEqual([line, expect.objectContaining({ phase: 'decide', text: expect.stringMatching(/^failed: /) })]);
  });

  test.each([
    [null, `STOPPED by selfheal: ${instanceId}. `],
    [groupName, `TERMINATED by selfheal: ${instanceId} of group ${groupName}. `],
  ])('with something out of service says that before all else: %s', async (group, says) => {
    const { watch } = await watching(async (ledger) => {
      await open(ledger);
      await ledger.noteBegun(own.key, begun, [line], { instance: instanceId, group });
    });
    const reason = (await watch())?.reason ?? '';
    expect(reason.startsWith(says)).toBe(true);
    expect(reason).toContain('selfheal has not seen it in service again: check it now');
  });

  test('of which there is no record says that, and not that nothing was done', async () => {
    const { watch } = await watching(async () => {});
    expect(await watch()).toMatchObject({
      failure: 'instance-unreachable',
      severity: 'critical',
      resource: { type: 'alarm', id: own.key },
      reason: expect.stringContaining('there is no record of it: check the resource'),
      startedAt: new Date(noon).toISOString(),
    });
    expect((await (await watching(async () => {}, { key: 'something-else' })).watch())?.failure).toBe('unclassified');
  });

  test.each(failureIds)('is told as %s by its key alone', async (failure) => {
    const { key } = incident({ failure });
    expect((await (await watching(async () => {}, { key })).watch())?.failure).toBe(failure);
  });

  test.each([
    ['at once where it failed', 'FAILED', 0],
    ['a minute after it was stopped, when no process of it can be at work', 'STOPPED', minute],
    ['a minute after it timed out', 'TIMED_OUT', minute],
  ])('frees its resource and all else that it held %s', async (_, status, after) => {
    const place = placedAt(own, { type: 'group-place', id: 'web/0' });
    const endedAt = noon + 10 * minute;
    const prepare = async (ledger: Ledger) => {
      await open(ledger);
      for (const what of [placedAt(own, own.resource), place]) await ledger.acquire(what, own.key, noon, noon + 60 * minute);
      await ledger.noteLeases(own.key, [place]);
    };
    const { watch, ledger } = await watching(prepare, { status, endedAt });
    await watch();
    for (const what of [placedAt(own, own.resource), place]) {
      const acquire = (at: number) => ledger.acquire(what, 'another', at, at + minute);
      if (after > 0) expect(await acquire(endedAt + after - 1)).toMatchObject({ acquired: false });
      expect(await acquire(endedAt + after)).toMatchObject({ acquired: true });
    }
  });

  test('after it had come to an outcome has that published, quiet or not', async () => {
    const stood = outcome({ incident: own.key, reason: 'it stood already' });
    const loud = await watching((ledger) => ledger.close(stood));
    expect(await loud.watch()).toEqual(stood);
    expect(loud.told).toEqual(['metrics', 'people', 'chat', 'bus']);
    const quiet = await watching((ledger) => ledger.close({ ...stood, quiet: true }));
    await quiet.watch();
    expect(quiet.told).toEqual(['metrics', 'bus']);
  });

  test('while another outcome was recorded has the one published that stands', async () => {
    const stands = outcome({ incident: own.key, status: 'healed', reason: 'it came to its end after all' });
    const { watch, published } = await watching(open, {}, (ledger) => ({
      close: async (proposed) => {
        await ledger.close(stands);
        return ledger.close(proposed);
      },
    }));
    expect(await watch()).toEqual(stands);
    expect(new Set(published.map(({ reason }) => reason))).toEqual(new Set([stands.reason]));
  });

  test('is seen to once', async () => {
    const { watch, told } = await watching(open);
    await watch();
    expect(await watch()).toBeNull();
    expect(told).toEqual(['metrics', 'people', 'chat', 'bus']);
  });

  test('is told to people until they have it, however often its notice comes at once, and after so long only the alarm says that they don’t', async () => {
    const ledger = await emptyLedger();
    await open(ledger);
    const tries: number[] = [];
    let at = 0;
    let works = Number.POSITIVE_INFINITY;
    const tell = (how: string) => async () => {
      if (how !== 'people') return;
      tries.push(at);
      if (at < works) throw sdkError('InternalError', 500);
    };
    const reporter = { channels: channelsBy(tell), undelivered: async () => {} } as unknown as Reporter;
    const deps = { ledger, reporter, now: () => noon + at * minute, unsureHere: new Map(), notifiedHere: new Map() };
    const runs = async (minutes: readonly number[]) => {
      for (at of minutes) await watchExecution(ended, deps).catch(() => {});
    };
    // Doubled by EventBridge, and retried by Lambda.
    const notices = [0, 0, 1, 1, 3, 3];
    works = 15;
    await runs([...notices, 15, 30]);
    expect(tries).toEqual([...notices, 15]);
    expect(await ledger.read(own.key)).toMatchObject({ reconciled: true });

    const never = await emptyLedger();
    await open(never);
    tries.length = 0;
    works = Number.POSITIVE_INFINITY;
    Object.assign(deps, { ledger: never, unsureHere: new Map(), notifiedHere: new Map() });
    await runs([...notices, 15, 30, 45, 60]);
    expect(tries).toEqual([...notices, 15, 30]);
  });

  test.each(['FAILED', 'TIMED_OUT', 'STOPPED'])('may have %s', async (status) => {
    expect((await (await watching(open, { status })).watch())?.reason).toContain(`ended ${status}`);
  });
});

test.each(['SUCCEEDED', 'RUNNING', 'SOMETHING_NEW'])('an execution that is %s is nobody’s business', async (status) => {
  const { watch, told } = await watching(open, { status });
  expect(await watch()).toBeNull();
  expect(told).toEqual([]);
});

test('the notice of an end is read as what it says', () => {
  const event = executionEndSchema.parse({
    source: 'aws.lambda',
    'detail-type': 'Durable Execution Status Change',
    account: own.account,
    region: own.region,
    detail: { durableExecutionName: own.key, status: 'STOPPED', startTimestamp: new Date(noon).toISOString() },
  });
  expect(endedOf(event)).toEqual(ended);
});
