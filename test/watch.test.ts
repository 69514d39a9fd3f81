import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/fleet.ts';
import { createHost } from '../local/host.ts';

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
