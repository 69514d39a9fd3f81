import { ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host } from '../../local/testbed/host.ts';
import { placedAt } from '../../shared/model/place.ts';
import { policySchema } from '../../shared/model/policy.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

const called = ({ aws }: Host, operation: string) =>
  aws.world.calls.filter((call) => call.operation === operation && call.error === null && call.accessKey === 'selfheal');

/** A lone instance on a failed host, which EC2 doesn't recover, has just been stopped, to be started elsewhere. */
const stopped = async () => {
  const policy = policySchema.parse({ protect: { publicAddress: 'allow' } });
  const host = await createHost({ seed: 5, start, account: '111122223333', region: 'us-east-1', policy });
  const fleet = createFleet(host);
  const id = await fleet.instance({ name: 'web' });
  await host.operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' }));
  await fleet.statusAlarm(id, 'System');
  await host.run(() => false, start + 20 * minute);
  host.aws.faults.inject({ fault: 'fail-host', target: id });
  expect(await host.run(() => called(host, 'StopInstances').length > 0, start + 120 * minute)).toBe(true);
  const now = () => host.aws.world.clock.now();
  const pass = (minutes: number) => host.run(() => false, now() + minutes * minute);
  const interims = () => host.messages.map((message) => JSON.parse(message)).filter(({ kind }) => kind === 'interim');
  return { host, id, now, pass, interims };
};

describe('an instance that selfheal has stopped', () => {
  test('is not started while it is switched off, people hear of that in time, and it is started once that is over', async () => {
    const { host, id, pass, interims, now } = await stopped();
    await host.setSwitch('off');
    const asked = now();
    await host.run(() => host.aws.ec2.get(id)?.state === 'stopped', asked + 30 * minute);
    const stoodStill = now();
    await pass(60);
    expect(called(host, 'StartInstances').filter(({ input }) => !(input as { DryRun?: boolean }).DryRun)).toEqual([]);
    expect(interims()).toHaveLength(1);
    expect(interims()[0]).toMatchObject({ resource: { id }, reason: expect.stringMatching(/^STOPPED by selfheal .*SwitchedOff/) });
    const told = Date.parse(interims()[0].at);
    expect(told - stoodStill).toBeLessThanOrEqual(5 * minute);
    expect(told - asked).toBeLessThanOrEqual(15 * minute);
    await host.setSwitch('on');
    await pass(60);
    expect(called(host, 'StartInstances').filter(({ input }) => !(input as { DryRun?: boolean }).DryRun)).toHaveLength(1);
    expect(host.outcomes.filter(({ quiet }) => !quiet).map(({ status }) => status)).toEqual(['healed']);
    expect(await host.ledger.outOfService()).toEqual([]);
    await host.close();
  });

  test('and whose execution dies is told of as stopped by us, and free for whoever treats it next', async () => {
    const { host, id, pass, now } = await stopped();
    const [execution] = host.engine.executions.values();
    host.engine.stop(execution?.name ?? '');
    await pass(10);
    const outcome = host.outcomes.find(({ incident }) => incident === execution?.name);
    expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining(`STOPPED by selfheal: ${id}. `) });
    expect(outcome?.actions).toMatchObject([{ action: 'stop-start-instance', result: 'uncertain: Interrupted' }]);
    expect(outcome?.timeline.length).toBeGreaterThan(3);
    expect(host.messages.filter((message) => message.includes('This incident took no action'))).toEqual([]);
    const lease = await host.ledger.acquire(placedAt(host.aws.world, { type: 'instance', id }), 'another', now(), now() + minute);
    expect(lease).not.toMatchObject({ holder: execution?.name });
    await host.close();
  });
});
