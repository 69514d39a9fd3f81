import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noneOptedIn, parseInventory } from '../../local/backtest/inventory.ts';
import { alarm, event, message, snsRecord } from '../signals/fixtures.ts';
import { answering, change, ends, instance, loaded, minute, noon, policy, run, unreachable } from './history-of.ts';

const at = (minutes: number) => new Date(noon + minutes * minute).toISOString();
const stopped = (minutes: number, n = 1) =>
  event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': instance(n), state: 'stopped' }, { time: at(minutes) });
const called = (minutes: number, name: string, n = 1, more: Record<string, unknown> = {}) =>
  event('aws.ec2', 'AWS API Call via CloudTrail', {
    eventVersion: '1.11',
    eventTime: at(minutes),
    eventSource: 'ec2.amazonaws.com',
    eventName: name,
    awsRegion: 'us-west-2',
    recipientAccountId: '111122223333',
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    userAgent: 'aws-cli/2',
    requestParameters: { instancesSet: { items: [{ instanceId: instance(n) }] } },
    ...more,
  });

describe('an incident in a history', () => {
  test('is treated by the first rung that fits, and takes as long as is assumed', async () => {
    const { cases, result } = await run([unreachable(0)]);
    expect(cases).toMatchObject([
      {
        where: 'history:1',
        differs: false,
        incident: { failure: 'instance-unreachable', resource: { type: 'instance', id: instance(1) } },
        decisions: [{ status: 'treated', action: 'reboot-instance', playbook: 'restart-instance', page: false, at: noon + 10 * minute }],
      },
    ]);
    expect(result.tallies[0]).toMatchObject({ incidents: 1, pages: 0, byStatus: { treated: 1 }, actions: { 'reboot-instance': 1 } });
  });

  test('names the guards that only the live account could have answered', async () => {
    const { cases } = await run([unreachable(0)], { policies: [policy({ calendars: ['freeze'] })] });
    expect(cases[0]?.decisions[0]?.open).toEqual([
      'paused',
      'alarm-actions',
      'asg-constraints',
      'still-failing',
      'kill-switch',
      'concurrent-remediation',
      'zone-hosts',
      'calendar',
      'cooldown',
    ]);
  });

  test('is one, however often and in whatever envelope it is told of', async () => {
    const same = alarm({ dimensions: { InstanceId: instance(1) }, name: 'unreachable-1', time: at(0).slice(0, -1) });
    const { result, cases } = await run([unreachable(0), unreachable(0), { Records: [snsRecord(message(same))] }]);
    expect(cases).toHaveLength(1);
    expect(result.tallies[0]).toMatchObject({ incidents: 1, merged: 2 });
  });

  test('has passed where its alarm is OK again before anything is due', async () => {
    const host = (minutes: number, state: string, previousState: string) =>
      change(minutes, { metric: 'StatusCheckFailed_System', state, previousState, dimensions: { InstanceId: instance(1) } });
    // A failed host is left to EC2 for seven minutes.
    expect(ends(await run([host(0, 'ALARM', 'OK'), host(4, 'OK', 'ALARM')]))).toEqual(['passed']);
    expect(ends(await run([host(0, 'ALARM', 'OK'), host(8, 'OK', 'ALARM')]))).toEqual(['treated stop-start-instance']);
  });

  test('says where the alarm was OK again before the treatment would have been through', async () => {
    expect((await run([unreachable(0), answering(3)])).result.tallies[0]?.okBefore).toBe(1);
    expect((await run([unreachable(0), answering(30)])).result.tallies[0]?.okBefore).toBe(0);
    // Too little data is not OK.
    const unclear = change(3, { name: 'unreachable-1', dimensions: { InstanceId: instance(1) }, state: 'INSUFFICIENT_DATA' });
    expect((await run([unreachable(0), unclear])).result.tallies[0]?.okBefore).toBe(0);
  });

  test('is left to a person where no class has a playbook', async () => {
    const run_ = await run([change(0, { namespace: 'Shop', metric: 'CheckoutErrors', dimensions: { Service: 'shop' } })]);
    expect(ends(run_)).toEqual(['escalated']);
    expect(run_.result.tallies[0]).toMatchObject({ pages: 1, escalations: { 'no playbook for error-rate': 1 } });
  });

  test('waits for the maintenance window where its playbook has one', async () => {
    const retiring = event(
      'aws.health',
      'AWS Health Event',
      {
        eventArn: 'arn:aws:health:us-west-2::event/EC2/AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED/one',
        service: 'EC2',
        eventTypeCode: 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
        eventTypeCategory: 'scheduledChange',
        statusCode: 'upcoming',
        eventRegion: 'us-west-2',
        startTime: 'Mon, 30 Nov 2026 12:00:00 GMT',
        lastUpdatedTime: 'Fri, 20 Nov 2026 12:00:00 GMT',
        communicationId: 'one',
        affectedEntities: [{ entityValue: instance(1), status: 'PENDING' }],
      },
      { time: at(0), resources: [instance(1)] },
    );
    const { cases } = await run([retiring], { policies: [policy({ calm: { fromHour: 3, toHour: 4 } })] });
    // At three at night, or when its turn is until a quarter of an hour before four, and ten minutes for the treatment.
    const [decision] = cases[0]?.decisions ?? [];
    expect(decision).toMatchObject({ status: 'treated' });
    const after = ((decision?.at ?? 0) - noon) / minute - 10;
    expect(after).toBeGreaterThanOrEqual(15 * 60);
    expect(after).toBeLessThanOrEqual(15 * 60 + 45);
  });
});

describe('the guards that history is enough for', () => {
  test('nothing that is not opted in is treated', async () => {
    const one = await run([unreachable(0)], { inventory: noneOptedIn });
    expect(ends(one)).toEqual(['held by opt-in']);
    expect(one.result.tallies[0]).toMatchObject({ holds: { 'opt-in': 1 }, actions: {}, pages: 1 });
  });

  test('nothing is said of what an inventory doesn’t list: a list of instances tells nothing of functions', async () => {
    const errs = change(0, {
      ...{ name: 'shop-errors', namespace: 'AWS/Lambda', metric: 'Errors', statistic: 'Sum' },
      dimensions: { FunctionName: 'shop', Resource: 'shop:live' },
    });
    const policies = [policy({ lambda: { rollback: { alias: 'live' } } })] as const;
    const ended = async (inventory: object) =>
      (await run([errs, unreachable(20)], { policies, inventory: parseInventory(JSON.stringify(inventory), 'tags.json') })).cases.map(
        ({ decisions: [one] }) => [one?.status, one?.reason],
      );
    const [ofFunction, ofInstance] = await ended({ Reservations: [] });
    expect(ofFunction).toEqual(['unknown', expect.stringContaining('no service is in the inventory')]);
    expect(ofInstance?.[0]).toBe('held');
    const tagged = (value: string) => ({
      ResourceTagMappingList: [
        { ResourceARN: 'arn:aws:lambda:us-east-1:111122223333:function:shop', Tags: [{ Key: 'selfheal', Value: value }] },
      ],
    });
    const [[on], [off]] = [(await ended(tagged('on')))[0] ?? [], (await ended(tagged('off')))[0] ?? []];
    expect(on).not.toBe('unknown');
    expect([on === 'held', off]).toEqual([false, 'held']);
  });

  test('an inventory says who is opted in, and what tags ask for', async () => {
    const inventory = parseInventory(
      JSON.stringify({
        [instance(1)]: { selfheal: 'on' },
        [instance(2)]: { selfheal: 'on', 'selfheal:mode': 'dry-run' },
        [instance(3)]: { selfheal: 'on', 'selfheal:approval': 'required' },
        [instance(4)]: { selfheal: 'on', 'selfheal:mod': 'off' },
        [instance(5)]: { selfheal: 'no' },
      }),
      'tags.json',
    );
    expect(
      ends(
        await run(
          [1, 2, 3, 4, 5, 6].map((n) => unreachable(n * 20, n)),
          { inventory },
        ),
      ),
    ).toEqual([
      'treated reboot-instance',
      'would reboot-instance',
      'asked by approval',
      'held by overrides',
      'held by opt-in',
      'held by opt-in',
    ]);
  });

  test('the mode, also for one failure or account alone', async () => {
    const off = policy({ mode: 'enforce', modes: [{ when: { failure: 'load-saturated' }, mode: 'off' }] });
    expect(ends(await run([unreachable(0), loaded(0)], { policies: [off] }))).toEqual(['treated reboot-instance', 'held by mode']);
    expect(ends(await run([unreachable(0)], { policies: [policy({ mode: 'dry-run' })] }))).toEqual(['would reboot-instance']);
  });

  test('a playbook that the policy takes away', async () => {
    const without = policy({ playbooks: { 'instance-unreachable': 'none' } });
    expect((await run([unreachable(0)], { policies: [without] })).result.tallies[0]?.escalations).toEqual({
      'the policy or a tag leaves it to a person': 1,
    });
  });

  test('an approval, but none for a rehearsal', async () => {
    const approval = { required: [{ action: 'reboot-instance' }] };
    expect(ends(await run([unreachable(0)], { policies: [policy({ approval })] }))).toEqual(['asked by approval']);
    expect(ends(await run([unreachable(0)], { policies: [policy({ approval, mode: 'dry-run' })] }))).toEqual(['would reboot-instance']);
  });

  test('one incident at a time on one resource; the other one has passed with it', async () => {
    const host = change(1, { name: 'host', metric: 'StatusCheckFailed', dimensions: { InstanceId: instance(1) } });
    expect(ends(await run([unreachable(0), host]))).toEqual(['treated reboot-instance', 'passed']);
    // Who has no patience is held.
    const hasty = policy({ lease: { seconds: 1200, patience: 0 } });
    expect(ends(await run([unreachable(0), host], { policies: [hasty] }))).toEqual(['treated reboot-instance', 'held by lease']);
  });

  test('a budget, and what flaps goes on to the next rung', async () => {
    const often = [0, 1, 2, 3].map((hour) => unreachable(hour * 60));
    expect(ends(await run(often, { policies: [policy({ budget: { actions: 2, window: 86_400 } })] }))).toEqual([
      'treated reboot-instance',
      'treated reboot-instance',
      'escalated by budget',
      'escalated by budget',
    ]);
    expect(ends(await run(often, { policies: [policy({ flapping: { times: 2, window: 86_400 } })] }))).toEqual([
      'treated reboot-instance',
      'treated reboot-instance',
      'treated stop-start-instance',
      'treated stop-start-instance',
    ]);
    expect(
      ends(
        await run(
          [0, 1, 2].map((days) => unreachable(days * 1440)),
          { policies: [policy({ budget: { actions: 1, window: 3600 } })] },
        ),
      ),
    ).toEqual(Array(3).fill('treated reboot-instance'));
  });

  test('many that fail together are one message', async () => {
    const storm = Array.from({ length: 30 }, (_, n) => unreachable(n / 60, n + 1));
    const one = await run(storm, { policies: [policy({ massFailure: { account: 10 } })] });
    const found = ends(one);
    expect(found.filter((end) => end === 'held by mass-failure')).toHaveLength(21);
    expect(one.result.tallies[0]).toMatchObject({ incidents: 30, pages: 1, quiet: 20, byStatus: { treated: 9, held: 21 } });
    // Far from one another they are single failures.
    expect(ends(await run(Array.from({ length: 30 }, (_, n) => unreachable(n * 10, n + 1))))).toEqual(
      Array(30).fill('treated reboot-instance'),
    );
  });

  test('a zone that AWS has told of holds single instances', async () => {
    const inventory = parseInventory(
      JSON.stringify({
        Reservations: [
          {
            Instances: [
              {
                InstanceId: instance(1),
                Placement: { AvailabilityZone: 'us-west-2a', AvailabilityZoneId: 'usw2-az1' },
                Tags: [{ Key: 'selfheal', Value: 'on' }],
              },
              {
                InstanceId: instance(2),
                Placement: { AvailabilityZone: 'us-west-2b', AvailabilityZoneId: 'usw2-az2' },
                Tags: [{ Key: 'selfheal', Value: 'on' }],
              },
            ],
          },
        ],
      }),
      'instances.json',
    );
    const shift = event(
      'aws.arc-zonal-shift',
      'Autoshift In Progress',
      { version: '0.0.1', data: '', metadata: { awayFrom: 'usw2-az1', notes: '' } },
      { time: at(-1) },
    );
    const found = ends(await run([shift, unreachable(0, 1), unreachable(0, 2)], { inventory }));
    expect(found).toEqual(['escalated', 'held by zone', 'treated reboot-instance']);
  });

  test('somebody who was just at work on it', async () => {
    const host = change(1, { metric: 'StatusCheckFailed_System', dimensions: { InstanceId: instance(1) } });
    const person = policy({ healers: { person: 3600 }, lease: { seconds: 1200, patience: 0 } });
    expect(ends(await run([called(0, 'StartInstances'), host], { policies: [person] }))).toEqual(['held by recent-manual-change']);
    expect(ends(await run([called(0, 'StartInstances', 2), host], { policies: [person] }))).toEqual(['treated stop-start-instance']);
    expect(
      ends(await run([called(0, 'StartInstances', 1, { errorCode: 'Client.UnauthorizedOperation' }), host], { policies: [person] })),
    ).toEqual(['treated stop-start-instance']);
  });
});

describe('what a history does not tell', () => {
  test('who asked for a stop, unless the call is in it', async () => {
    expect(ends(await run([stopped(1)]))).toEqual(['unknown']);
    expect(ends(await run([called(0, 'StopInstances'), stopped(1)]))).toEqual(['held by intentional-stop']);
    expect((await run([called(0, 'StopInstances'), stopped(1)])).result.tallies[0]).toMatchObject({ pages: 0, quiet: 1 });
    expect(ends(await run([called(0, 'StopInstances', 1, { errorCode: 'Client.UnauthorizedOperation' }), stopped(1)]))).toEqual([
      'unknown',
    ]);
    expect(ends(await run([stopped(1)], { inventory: noneOptedIn }))).toEqual(['held by opt-in']);
  });

  test('whether an instance is in a group, unless an inventory says so', async () => {
    const spot = event('aws.ec2', 'EC2 Spot Instance Interruption Warning', { 'instance-id': instance(1), 'instance-action': 'terminate' });
    expect(ends(await run([spot]))).toEqual(['unknown']);
    const told = (tags: { Key: string; Value: string }[]) =>
      parseInventory(
        JSON.stringify({
          Reservations: [
            { Instances: [{ InstanceId: instance(1), InstanceLifecycle: 'spot', Tags: [{ Key: 'selfheal', Value: 'on' }, ...tags] }] },
          ],
        }),
        'instances.json',
      );
    expect(ends(await run([spot], { inventory: told([{ Key: 'aws:autoscaling:groupName', Value: 'web' }]) }))).toEqual([
      'treated replace-member',
    ]);
    expect(ends(await run([spot], { inventory: told([]) }))).toEqual(['escalated']);
  });

  test('whether an instance is a spot instance, unless an inventory says so: that one is not stopped', async () => {
    const told = (InstanceLifecycle: string | null) =>
      parseInventory(
        JSON.stringify({
          Reservations: [{ Instances: [{ InstanceId: instance(1), InstanceLifecycle, Tags: [{ Key: 'selfheal', Value: 'on' }] }] }],
        }),
        'instances.json',
      );
    const host = change(0, { metric: 'StatusCheckFailed_System', dimensions: { InstanceId: instance(1) } });
    expect(ends(await run([host], { inventory: told(null) }))).toEqual(['treated stop-start-instance']);
    expect(ends(await run([host], { inventory: told('spot') }))).toEqual(['escalated']);
  });

  test('which instance is behind a target group', async () => {
    const targets = change(0, {
      namespace: 'AWS/ApplicationELB',
      metric: 'UnHealthyHostCount',
      dimensions: { TargetGroup: 'targetgroup/web/0123456789abcdef', LoadBalancer: 'app/web/0123456789abcdef' },
    });
    const one = await run([targets]);
    expect(ends(one)).toEqual(['unknown']);
    expect(one.result.tallies[0]).toMatchObject({ pages: 0, actions: {} });
  });
});

describe('two policies', () => {
  test('are held against each other incident by incident', async () => {
    const strict = policy({ modes: [{ when: { failure: 'load-saturated' }, mode: 'off' }] });
    const { cases, result } = await run([unreachable(0), loaded(0), loaded(60)], { policies: [policy(), strict] });
    expect(result.differences).toBe(2);
    expect(cases.filter(({ differs }) => differs).map(({ where }) => where)).toEqual(['history:2', 'history:3']);
    expect(result.tallies.map(({ pages, actions }) => ({ pages, actions }))).toEqual([
      { pages: 0, actions: { 'reboot-instance': 1, 'scale-out': 2 } },
      { pages: 2, actions: { 'reboot-instance': 1 } },
    ]);
  });

  test('that hold for different reasons differ', async () => {
    const off = policy({ mode: 'off' });
    const hasty = policy({ lease: { seconds: 1200, patience: 0 } });
    expect((await run([unreachable(0)], { policies: [hasty, off], inventory: noneOptedIn })).result.differences).toBe(0);
    const busy = [called(0, 'StartInstances'), change(1, { metric: 'StatusCheckFailed_System', dimensions: { InstanceId: instance(1) } })];
    expect((await run(busy, { policies: [hasty, off] })).result.differences).toBe(1);
  });

  test('may read the same alarm as different failures, or as none', async () => {
    const own = change(0, { namespace: 'Shop', metric: 'Stuck', dimensions: { InstanceId: instance(1) } });
    const rule = {
      namespace: 'Shop',
      metric: 'Stuck',
      failure: 'instance-unreachable',
      direction: 'above',
      subject: { type: 'instance', dimension: 'InstanceId' },
      playbook: 'restart-instance',
    };
    const taught = policy({ classification: { alarms: [rule] } });
    const one = await run([own], { policies: [policy(), taught] });
    expect([ends(one, 0), ends(one, 1)]).toEqual([['escalated'], ['treated reboot-instance']]);
    const rebalance = event('aws.ec2', 'EC2 Instance Rebalance Recommendation', { 'instance-id': instance(1) });
    const acting = policy({ classification: { spotRebalance: 'replace-ahead' } });
    const two = await run([rebalance], { policies: [policy(), acting] });
    expect([ends(two, 0), ends(two, 1)]).toEqual([['none'], ['unknown']]);
    expect(two.result.tallies.map(({ incidents }) => incidents)).toEqual([0, 1]);
  });
});

describe('the order and the span of a history', () => {
  const month = [
    ...Array.from({ length: 20 }, (_, n) => unreachable(n * 7, n % 5)),
    ...Array.from({ length: 20 }, (_, n) => answering(n * 7 + 3, n % 5)),
    ...Array.from({ length: 6 }, (_, n) => loaded(n * 11)),
  ];

  test('any order within the window comes to the same', async () => {
    const straight = await run(month);
    const told = ({ cases, result }: Awaited<ReturnType<typeof run>>) => ({
      ends: cases.map(({ incident, decisions }) => [incident.key, decisions]).sort(),
      tallies: result.tallies,
      late: result.late,
    });
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(month, { minLength: month.length }), async (shuffled) => {
        expect(told(await run(shuffled))).toEqual(told(straight));
      }),
      { numRuns: 50 },
    );
  });

  test('saved between any two items and made anew, it comes to the same', async () => {
    const host = (minutes: number, name: string, state = 'ALARM', n = 1) =>
      change(minutes, { name, metric: 'StatusCheckFailed_System', state, dimensions: { InstanceId: instance(n) } });
    // Some that wait for the same moment; one that passes while it waits; one that is told again; a call; and one that comes late.
    const waiting = [host(0, 'zero', 'ALARM', 7), host(0, 'one'), host(0, 'two', 'ALARM', 9), host(1, 'three', 'ALARM', 2)];
    const passing = [called(2, 'StartInstances', 3), host(3, 'four', 'ALARM', 3), host(4, 'three', 'OK', 2)];
    const again = [unreachable(5, 4), unreachable(5, 4), loaded(20), loaded(26), unreachable(30, 5), answering(33, 5)];
    const more = [unreachable(90, 4), unreachable(180, 4), unreachable(270, 4), stopped(271, 6), loaded(280), loaded(281, 'api')];
    const values = [...waiting, ...passing, ...again, ...more, unreachable(100, 8)];
    const options = { policies: [policy(), policy({ budget: { actions: 1, window: 86_400 } })] as const, window: 1 };
    const straight = await run(values, options);
    for (let stop = 1; stop < values.length; stop++) expect(await run(values, { ...options, stop })).toEqual(straight);
  });

  test('what comes later than the window bears is counted, and still taken', async () => {
    const { result } = await run([unreachable(60, 1), unreachable(120, 2), unreachable(180, 3), unreachable(0, 4)], { window: 1 });
    expect(result).toMatchObject({ late: 1, tallies: [{ incidents: 4 }] });
  });

  test('only the time that is asked for counts', async () => {
    const { result } = await run([unreachable(0, 1), unreachable(10, 2), unreachable(20, 3)], {
      from: noon + 10 * minute,
      to: noon + 20 * minute,
    });
    expect(result).toMatchObject({ outside: 2, first: noon + 10 * minute, tallies: [{ incidents: 1 }] });
  });

  test('the busiest hour is the one with the most incidents', async () => {
    const { result } = await run([unreachable(0, 1), unreachable(70, 2), unreachable(80, 3), unreachable(200, 4)]);
    expect(result.tallies[0]?.busiest.incidents).toEqual({ at: noon + 60 * minute, count: 2 });
  });

  test('what is no event is counted, and stops nothing', async () => {
    const { result, cases } = await run(['nonsense', 17, null, { Records: [{ body: 'x', messageId: 'y' }] }, unreachable(0)]);
    expect(result.rejected).toBe(4);
    expect(cases).toHaveLength(1);
  });
});
