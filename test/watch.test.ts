import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/fleet.ts';
import { createHost } from '../local/host.ts';
import type { Ledger } from '../shared/aws/ledger.ts';
import type { Reporter } from '../shared/incident/reporter.ts';
import { sweep } from '../shared/incident/sweep.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

/** A lone instance whose kernel hangs; its incident is begun, the reboot done, and verification under way. */
const midway = async () => {
  const host = await createHost({ seed: 3, start, account: '111122223333', region: 'us-east-1' });
  const fleet = createFleet(host);
  const web = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(web, 'Instance');
  await host.run(() => false, start + 20 * minute);
  host.aws.faults.inject({ fault: 'hang-kernel', target: web });
  const rebooted = () => host.aws.world.calls.some(({ operation, error }) => operation === 'RebootInstances' && error === null);
  await host.run(rebooted, start + 60 * minute);
  const [execution] = [...host.engine.executions.values()];
  if (!execution) throw new Error('no execution was started');
  return { host, web, execution };
};

describe('an execution that is stopped in the middle', () => {
  test('ends in one failed outcome, recorded and published, and what it held is free', async () => {
    const { host, web, execution } = await midway();
    const resource = { type: 'instance', id: web };
    const now = host.aws.world.clock.now();
    expect(await host.ledger.acquire(resource, 'somebody-else', now, now + minute)).toMatchObject({
      acquired: false,
      holder: execution.name,
    });
    host.engine.stop(execution.name);
    await host.run(() => host.outcomes.length > 0, now + 10 * minute);
    expect(host.outcomes.map(({ incident, status, resource }) => ({ incident, status, resource }))).toEqual([
      { incident: execution.name, status: 'failed', resource },
    ]);
    expect(host.messages.map((message) => JSON.parse(message).status)).toEqual(['failed']);
    expect((await host.ledger.read(execution.name))?.outcome?.status).toBe('failed');
    expect(await host.ledger.acquire(resource, 'somebody-else', now, now + minute)).toMatchObject({ acquired: true });
    await host.close();
  });

  test('is seen to even if the ledger is out of order at first', async () => {
    const { host, execution } = await midway();
    host.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: '*', code: 'InternalServerError', status: 500, count: 1 });
    host.engine.stop(execution.name);
    await host.run(() => host.outcomes.length > 0, host.aws.world.clock.now() + 10 * minute);
    expect(host.outcomes.map(({ status }) => status)).toEqual(['failed']);
    await host.close();
  });
});

describe('an execution that is stopped while it tells how it ended', () => {
  test('has told the only outcome that there is', async () => {
    const { host, execution } = await midway();
    const bus = { fault: 'fail-call', service: 'events', operation: 'PutEvents', code: 'InternalFailure', status: 500 } as const;
    const outage = host.aws.faults.inject(bus);
    await host.run(() => host.messages.length > 0, host.aws.world.clock.now() + 60 * minute);
    host.engine.stop(execution.name);
    host.aws.faults.end(outage);
    await host.run(() => false, host.aws.world.clock.now() + 20 * minute);
    expect(host.outcomes.map(({ status }) => status)).toEqual(['healed']);
    expect(new Set(host.messages.map((message) => JSON.parse(message).status))).toEqual(new Set(['healed']));
    expect((await host.ledger.read(execution.name))?.outcome?.status).toBe('healed');
    await host.close();
  });
});

describe('an execution whose end nobody could be told of', () => {
  /** Stopped while the ledger fails for longer than Lambda tries the notice of it. */
  const unheard = async () => {
    const { host, web, execution } = await midway();
    const fault = { fault: 'fail-call', service: 'dynamodb', operation: '*', code: 'InternalServerError', status: 500 } as const;
    const outage = host.aws.faults.inject(fault);
    host.engine.stop(execution.name);
    await host.run(() => false, host.aws.world.clock.now() + 5 * minute);
    expect(host.log.filter((line) => line.includes('dead-letter queue'))).not.toHaveLength(0);
    host.aws.faults.end(outage);
    return { host, web, execution };
  };

  test('still ends in one failed outcome by the next sweep, and frees what it held', async () => {
    const { host, web, execution } = await unheard();
    await host.run(() => host.outcomes.length > 0, host.aws.world.clock.now() + 16 * minute);
    expect(host.outcomes.map(({ incident, status }) => [incident, status])).toEqual([[execution.name, 'failed']]);
    const now = host.aws.world.clock.now();
    const lease = await host.ledger.acquire({ type: 'instance', id: web }, 'somebody-else', now, now + minute);
    expect(lease).toMatchObject({ acquired: true });
    await host.close();
  });

  test('is told once, however many sweeps follow', async () => {
    const { host } = await unheard();
    await host.run(() => false, host.aws.world.clock.now() + 120 * minute);
    expect(host.outcomes).toHaveLength(1);
    expect(host.messages).toHaveLength(1);
    await host.close();
  });
});

describe('a sweep', () => {
  const gone = (key: string) => ({ key, status: 'FAILED', account: '111122223333', region: 'us-east-1', startedAt: start });
  const deps = (seen: string[], broken?: string) => ({
    executions: {
      async *endedBadly() {
        yield* ['first', 'broken', 'last'].map(gone);
      },
    },
    ledger: {
      read: async (key: string) => {
        if (key === broken) throw new Error('throttled');
        return null;
      },
      close: async () => true,
      noteSeenTo: async (key: string) => void seen.push(key),
    } as unknown as Ledger,
    reporter: { announce: async () => {}, emit: async () => {}, measure: async () => {} } as unknown as Reporter,
    now: () => start,
  });

  test('sees to the others where one can not be seen to, and then says so', async () => {
    const seen: string[] = [];
    await expect(sweep(deps(seen, 'broken'))).rejects.toThrow('1 executions could not be seen to: broken: throttled');
    expect(seen).toEqual(['first', 'last']);
  });

  test('says how much it found', async () => {
    expect(await sweep(deps([]))).toEqual({ ended: 3, seenTo: 3 });
  });
});

describe('an outcome that could not be published', () => {
  test('is published once SNS is back, and no action is repeated', async () => {
    const { host } = await midway();
    const fault = host.aws.faults.inject({ fault: 'fail-call', service: 'sns', operation: 'Publish', code: 'InternalError', status: 500 });
    await host.run(() => false, host.aws.world.clock.now() + 120 * minute);
    expect(host.messages).toEqual([]);
    host.aws.faults.end(fault);
    await host.run(() => host.outcomes.length > 0, host.aws.world.clock.now() + 24 * 60 * minute);
    expect(host.messages.map((message) => JSON.parse(message).status)).toEqual(['healed']);
    const reboots = host.aws.world.calls.filter(({ operation, error }) => operation === 'RebootInstances' && error === null);
    expect(reboots).toHaveLength(1);
    await host.close();
  });
});
