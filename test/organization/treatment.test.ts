import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { StopInstancesCommand } from '@aws-sdk/client-ec2';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../../local/testbed/host.ts';
import { memberRoles } from '../../local/testbed/organization.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Place } from '../../shared/model/place.ts';
import { policySchema } from '../../shared/model/policy.ts';

const hub = { account: '111111111111', region: 'us-east-1' };
const [first, second] = [
  { account: '222222222222', region: 'eu-west-1' },
  { account: '333333333333', region: 'us-east-1' },
];
const start = Date.UTC(2026, 4, 5, 12);

let host: Host;
afterEach(() => host.close());

const open = async (options: Partial<HostOptions> = {}) => {
  host = await createHost({
    ...{ seed: 7, start, ...hub, policy: policySchema.parse({ mode: 'enforce' }) },
    organization: { id: 'o-abcdefghij', accounts: [first.account, second.account], regions: [first.region], members: [first, second] },
    ...options,
  });
};
const world = ({ account, region }: Place) => {
  const found = host.org?.world(account, region);
  if (!found) throw new Error('there is no organisation');
  return found;
};
const pass = (time: number) => host.run(() => false, host.aws.world.clock.now() + time);
/** A lone instance in an account, with an alarm on its status check. */
const place = async (where: Place, optedIn = true) => {
  const aws = world(where);
  const fleet = createFleet({ operator: host.operatorIn(where), aws, alarmTopicArn: aws.world.arn('sns', 'none') });
  const id = await fleet.instance({ name: 'web', optedIn });
  await fleet.statusAlarm(id, 'Instance');
  return id;
};
const hang = async (where: Place, id: string, minutes = 40) => {
  world(where).faults.inject({ fault: 'hang-kernel', target: id });
  await pass(minutes * minuteMs);
};
const reboots = (where: Place) =>
  world(where).world.calls.flatMap(({ operation, input, error }) =>
    operation === 'RebootInstances' && error === null ? (input as { InstanceIds: string[] }).InstanceIds : [],
  );
/** The member trusts somebody else from now on. */
const shutOut = (where: Place, role: string) =>
  world(where).iam.putRole({
    name: `${role}-${where.region}`,
    trust: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: second.account }, Action: 'sts:AssumeRole' }] },
  });
const turn = (where: Place, Value: string) =>
  host.operatorIn(where).ssm.send(new PutParameterCommand({ Name: '/selfheal/local/switch', Value, Overwrite: true }));

describe('a hub', () => {
  test('treats a failure in each member there, by that member’s role and in the name of the incident, and nowhere else', async () => {
    await open();
    const [one, other] = [await place(first), await place(second)];
    const here = await place(hub);
    await pass(20 * minuteMs);
    await hang(first, one);
    expect(host.outcomes).toMatchObject([
      { status: 'healed', verified: true, ...first, resource: { type: 'instance', id: one }, actions: [{ action: 'reboot-instance' }] },
    ]);
    await hang(second, other);
    expect(host.outcomes[1]).toMatchObject({ status: 'healed', ...second, resource: { type: 'instance', id: other } });
    await hang(hub, here);
    expect(host.outcomes[2]).toMatchObject({ status: 'healed', ...hub });
    expect([first, second, hub].map(reboots)).toEqual([[one], [other], [here]]);
    const [{ incident } = { incident: '' }] = host.outcomes;
    const { Events = [] } = await host
      .operatorIn(first)
      .cloudTrail.send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'RebootInstances' }] }));
    const callers = Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent).userIdentity);
    expect(callers).toMatchObject([
      {
        arn: `arn:aws:sts::${first.account}:assumed-role/${memberRoles.remediate}-eu-west-1/${incident}`,
        sessionContext: { sourceIdentity: incident },
      },
    ]);
    // The member's own trail was asked who had done what.
    expect(host.outcomes[0]?.changesNote ?? '').not.toContain('another account');
  });

  test('does nothing to what has not opted in there, whatever has here', async () => {
    await open();
    const id = await place(first, false);
    await pass(20 * minuteMs);
    await hang(first, id);
    expect(reboots(first)).toEqual([]);
    expect(host.outcomes.filter(({ status }) => status === 'healed')).toEqual([]);
  });

  test.each([
    ['off', 'on', 'off', 'held'],
    ['on', 'off', 'off', 'held'],
    ['dry-run', 'on', 'dry-run', 'dry-run'],
    ['on', 'dry-run', 'dry-run', 'dry-run'],
    ['off', 'dry-run', 'off', 'held'],
  ])('goes by the stricter switch: %s in the member, %s of its own', async (its, own, position, status) => {
    await open();
    const id = await place(first);
    await turn(first, its);
    await host.setSwitch(own as 'on');
    await pass(20 * minuteMs);
    await hang(first, id);
    expect(host.outcomes.map((outcome) => outcome.status)).toEqual([status]);
    expect(host.outcomes[0]?.timeline.map(({ text }) => text).join('\n')).toContain(`the kill switch is set to ${position}`);
    expect(reboots(first)).toEqual([]);
  });

  test('tells people what to deploy where a member doesn’t let it in, and of one incident only', async () => {
    await open();
    const ids = [await place(first), await place(first)];
    await pass(20 * minuteMs);
    shutOut(first, memberRoles.remediate);
    for (const target of ids) world(first).faults.inject({ fault: 'hang-kernel', target });
    await pass(40 * minuteMs);
    expect(host.outcomes.map(({ status, quiet }) => [status, quiet]).sort()).toEqual([
      ['escalated', false],
      ['held', true],
    ]);
    expect(host.outcomes[0]?.reason).toMatch(
      /the member stack isn't installed in account 222222222222, eu-west-1, or doesn't trust this hub: deploy it there with: aws cloudformation deploy/,
    );
    expect(reboots(first)).toEqual([]);
  });

  test('takes the role of a member for each incident once in 15 minutes at most', async () => {
    await open();
    const id = await place(first);
    await pass(20 * minuteMs);
    await hang(first, id, 14);
    const assumed = [hub, first].flatMap((where) => world(where).world.calls.filter(({ operation }) => operation === 'AssumeRole'));
    expect(assumed).toHaveLength(1);
  });

  test.each([
    ['still stopped', () => {}],
    ["can't be looked at", () => shutOut(first, memberRoles.watch)],
  ])('looks by its other role whether what it stopped in a member is back: it %s', async (text, change) => {
    await open();
    const id = await place(first);
    await pass(20 * minuteMs);
    await hang(first, id);
    const [{ incident } = { incident: '' }] = host.outcomes;
    await host.operatorIn(first).ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    change();
    const begun = { at: host.aws.world.clock.now(), action: 'relocate-instance', target: { type: 'instance', id }, attempt: 1 } as const;
    await host.ledger.noteBegun(incident, begun, [], { instance: id, group: null });
    await pass(6 * minuteMs);
    const told = host.messages.map((message) => JSON.parse(message)).filter(({ headline }) => headline === 'STOPPED by selfheal');
    expect(told).toMatchObject([{ incident, ...first, reason: expect.stringContaining(text) }]);
  });
});
