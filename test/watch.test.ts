import { describe, expect, test } from '@jest/globals';
import { placedAt } from '../shared/model/place.ts';
import { hungInstance, minute, start } from './hung-instance.ts';
import { partOf } from './runner/whole.ts';

/** A lone instance whose kernel hangs; its incident is begun, the reboot done, and verification under way. */
const midway = async () => {
  const { host, web } = await hungInstance({ seed: 3 });
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
    const leased = placedAt(host.aws.world, resource);
    const now = host.aws.world.clock.now();
    expect(await host.ledger.acquire(leased, 'somebody-else', now, now + minute)).toMatchObject({
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
    // Long before the lease would have run out.
    const soon = now + minute + 1000;
    expect(await host.ledger.acquire(leased, 'somebody-else', soon, soon + minute)).toMatchObject({ acquired: true });
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

describe('an execution that died while the ledger says no', () => {
  /** Stopped; then every call of the ledger, or one of them, fails for as long as that. */
  const without = async (operation: string, minutes: number, fault: { code: string; status: number }) => {
    const { host, web, execution } = await midway();
    const outage = host.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', operation, ...fault });
    host.engine.stop(execution.name);
    const stopped = host.aws.world.clock.now();
    await host.run(() => host.messages.length > 0, stopped + minutes * minute);
    const toldAfter = host.aws.world.clock.now() - stopped;
    await host.run(() => false, stopped + minutes * minute);
    const during = { messages: [...host.messages], outcomes: [...host.outcomes] };
    host.aws.faults.end(outage);
    await host.run(() => false, host.aws.world.clock.now() + 20 * minute);
    return { host, web, execution, toldAfter, during };
  };
  const down = { code: 'InternalServerError', status: 500 };
  const denied = { code: 'AccessDeniedException', status: 400 };

  test.each([
    ['is down', '*', down],
    ['can not be written', 'UpdateItem', denied],
    ['can not be read', 'GetItem', denied],
  ])('is told of within minutes, once, where it %s', async (_, operation, fault) => {
    const { host, execution, toldAfter, during } = await without(operation, 8 * 60, fault);
    expect(toldAfter).toBeLessThan(5 * minute);
    expect(during.messages.map((message) => JSON.parse(message))).toMatchObject([{ incident: execution.name, status: 'failed' }]);
    expect(during.outcomes).toHaveLength(1);
    expect(host.messages).toHaveLength(1);
    expect(host.outcomes).toHaveLength(1);
    await host.close();
  });

  test('is recorded once it says yes, and what it held is free', async () => {
    const { host, web, execution } = await without('*', 60, down);
    expect(await host.ledger.read(execution.name)).toMatchObject({ outcome: { status: 'failed' }, reconciled: true });
    const now = host.aws.world.clock.now();
    const lease = await host.ledger.acquire(placedAt(host.aws.world, { type: 'instance', id: web }), 'somebody-else', now, now + minute);
    expect(lease).toMatchObject({ acquired: true });
    await host.close();
  });
});

describe('an outcome that one channel can not be told', () => {
  /** Up to eight hours in which one call is refused or fails, from before the incident's end; then another quarter of an hour. */
  const failing = async (service: 'sns' | 'events', operation: string, fault: { code: string; status: number }) => {
    const { host, execution } = await midway();
    const outage = host.aws.faults.inject({ fault: 'fail-call', service, operation, ...fault });
    const from = host.aws.world.clock.now();
    const [first, other] = service === 'sns' ? [host.outcomes, host.messages] : [host.messages, host.outcomes];
    await host.run(() => first.length > 0, from + 8 * 60 * minute);
    const toldAfter = host.aws.world.clock.now() - from;
    await host.run(() => false, from + 8 * 60 * minute);
    const during = { first: first.length, other: other.length };
    const metrics = host.log.flatMap((line) => {
      const { Untold, Channel, Incidents } = JSON.parse(line);
      return Untold === undefined && Incidents === undefined ? [] : [Incidents ? 'Incidents' : `Untold ${Channel}`];
    });
    host.aws.faults.end(outage);
    await host.run(() => other.length > 0, host.aws.world.clock.now() + 60 * minute);
    await host.run(() => false, host.aws.world.clock.now() + 60 * minute);
    return { host, execution, toldAfter, during, metrics };
  };
  const denied = { code: 'AccessDeniedException', status: 400 };
  const down = { code: 'InternalFailure', status: 500 };

  const outages = [
    ['the bus, which is denied', 'events', 'PutEvents', denied],
    ['the bus, which is down', 'events', 'PutEvents', down],
    ['people, which is denied', 'sns', 'Publish', { code: 'AuthorizationErrorException', status: 403 }],
    ['people, while SNS is down', 'sns', 'Publish', down],
  ] as const;
  test.each(partOf(outages, 3))('is told every other at once, and each of them once: %s', async (_, service, operation, fault) => {
    const { host, execution, toldAfter, during, metrics } = await failing(service, operation, fault);
    expect(toldAfter).toBeLessThan(30 * minute);
    expect(during).toEqual({ first: 1, other: 0 });
    expect(metrics.filter((name) => name === 'Incidents')).toHaveLength(1);
    expect(metrics[0]).toBe('Incidents');
    expect(metrics).toContain(service === 'sns' ? 'Untold people' : 'Untold bus');
    expect(host.messages.map((message) => JSON.parse(message).status)).toEqual(['healed']);
    expect(host.outcomes.map(({ incident, status }) => [incident, status])).toEqual([[execution.name, 'healed']]);
    expect(new Set(host.chats).size).toBe(host.chats.length);
    const reboots = host.aws.world.calls.filter(({ operation, error }) => operation === 'RebootInstances' && error === null);
    expect(reboots).toHaveLength(1);
    await host.close();
  });

  test('is told by a try that comes through at once without an alarm', async () => {
    const { host } = await midway();
    host.aws.faults.inject({ fault: 'fail-call', service: 'sns', operation: 'Publish', code: 'InternalError', status: 500, count: 1 });
    await host.run(() => host.messages.length > 0, host.aws.world.clock.now() + 120 * minute);
    expect(host.messages).toHaveLength(1);
    expect(host.log.filter((line) => line.includes('Untold'))).toEqual([]);
    await host.close();
  });
});

describe('an outcome that can not be recorded', () => {
  test('is told once, and nobody is told that its execution died', async () => {
    const { host, execution } = await midway();
    const denied = { code: 'AccessDeniedException', status: 400 };
    await host.run(() => false, host.aws.world.clock.now() + minute);
    host.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: 'UpdateItem', ...denied });
    await host.run(() => false, host.aws.world.clock.now() + 4 * 60 * minute);
    expect(host.outcomes).toHaveLength(1);
    expect(host.outcomes[0]?.status).not.toBe('failed');
    expect(host.messages).toHaveLength(1);
    expect(host.engine.executions.get(execution.arn)?.status ?? execution.status).toBe('SUCCEEDED');
    await host.close();
  });
});
