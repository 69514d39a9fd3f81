import { PutCompositeAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost } from '../local/testbed/host.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

/** Two lone instances whose own alarms tell nobody, and a composite alarm over both that does. */
const underComposite = async () => {
  const host = await createHost({ seed: 5, start, account: '111122223333', region: 'us-east-1', listens: false });
  const fleet = createFleet(host);
  const ids = [await fleet.instance({ name: 'one' }), await fleet.instance({ name: 'two' })];
  for (const id of ids) await fleet.statusAlarm(id, 'Instance');
  const AlarmName = 'checkout-down';
  const AlarmRule = ids.map((id) => `ALARM("${id}-status-check-instance")`).join(' OR ');
  await host.operator.cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule }));
  await host.run(() => false, start + 20 * minute);
  /** The event of the composite alarm, without children: they are to be looked up. */
  const tell = () =>
    host.deliver({
      version: '0',
      id: 'composite',
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      account: '111122223333',
      region: 'us-east-1',
      time: new Date(host.aws.world.clock.now()).toISOString(),
      resources: [`arn:aws:cloudwatch:us-east-1:111122223333:alarm:${AlarmName}`],
      detail: {
        alarmName: AlarmName,
        state: { value: 'ALARM', reason: 'a child', timestamp: new Date(host.aws.world.clock.now()).toISOString() },
        previousState: { value: 'OK' },
        configuration: { alarmRule: AlarmRule },
      },
    });
  const mutations = () =>
    host.aws.world.calls.filter(
      ({ accessKey, service, operation }) => accessKey === 'selfheal' && service === 'ec2' && !operation.startsWith('Describe'),
    );
  return { host, ids, tell, mutations, AlarmName };
};

describe('a composite alarm', () => {
  test('has the one cause treated that its children tell of, and not the symptom', async () => {
    const { host, ids, tell } = await underComposite();
    host.aws.faults.inject({ fault: 'hang-kernel', target: ids[0] as string });
    await host.run(() => false, start + 30 * minute);
    tell();
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 120 * minute);
    expect(host.outcomes).toHaveLength(1);
    expect(host.outcomes[0]).toMatchObject({
      failure: 'instance-unreachable',
      resource: { type: 'instance', id: ids[0] },
      status: 'healed',
      verified: true,
    });
    expect(host.outcomes[0]?.incident).toMatch(/^unclassified-/);
    await host.close();
  });

  test('with two causes goes to a person, with both named', async () => {
    const { host, ids, tell, mutations } = await underComposite();
    for (const id of ids) host.aws.faults.inject({ fault: 'hang-kernel', target: id });
    await host.run(() => false, start + 30 * minute);
    tell();
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 120 * minute);
    expect(host.outcomes.map(({ status }) => status)).toEqual(['escalated']);
    for (const id of ids) expect(host.outcomes[0]?.reason).toContain(`instance-unreachable on ${id}`);
    expect(mutations()).toEqual([]);
    await host.close();
  });

  test('that was forced has nothing done, since no child is in ALARM', async () => {
    const { host, tell, mutations, AlarmName } = await underComposite();
    await host.operator.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a drill' }));
    tell();
    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 120 * minute);
    expect(host.outcomes.map(({ status, failure }) => ({ status, failure }))).toEqual([{ status: 'escalated', failure: 'unclassified' }]);
    expect(mutations()).toEqual([]);
    await host.close();
  });
});

describe('an incident in another account or region', () => {
  test.each([
    ['444455556666', 'us-east-1'],
    ['111122223333', 'eu-west-1'],
  ])('is not looked for here (%s, %s)', async (account, region) => {
    const { host, ids } = await underComposite();
    const incident = {
      key: 'instance-unreachable-elsewhere',
      failure: 'instance-unreachable',
      disposition: 'remediate',
      resource: { type: 'instance', id: ids[0] },
      account,
      region,
      partition: 'aws',
      playbook: 'restart-instance',
      reason: 'elsewhere',
      severity: 'critical',
      kind: 'cloudwatch-alarm',
      at: host.aws.world.clock.now(),
      alarm: { name: `${ids[0]}-status-check-instance`, arn: null },
      children: [],
      evidence: {},
    };
    const before = host.aws.world.calls.length;
    host.remediate(incident.key, JSON.stringify(incident));
    await host.run(() => host.outcomes.length > 0, start + 60 * minute);
    expect(host.outcomes[0]).toMatchObject({ status: 'escalated', actions: [] });
    const services = host.aws.world.calls
      .slice(before)
      .filter(({ accessKey }) => accessKey === 'selfheal')
      .map(({ service }) => service);
    expect(services.filter((service) => service === 'ec2' || service === 'monitoring')).toEqual([]);
    await host.close();
  });
});
