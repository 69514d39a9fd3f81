import { PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCloudWatch, createGateway, createWorld } from '#local-aws';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { noRules, type Rules, rulesOf } from '../../shared/model/classification-rules.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { type Alarm, alarmsFor } from '../../shared/recommended-alarms/alarms.ts';
import { alarmKindOf, prefixOf } from '../../shared/recommended-alarms/name.ts';
import { alarmKinds, readUnwatched } from '../../shared/recommended-alarms/watched.ts';
import { anyCharacter } from '../characters.ts';
import { disk, instanceId, memory, topicArn, watched } from './examples.ts';

const hour = 3_600_000;
const whatsOf = (alarms: readonly Alarm[]) => alarms.map(({ AlarmName }) => alarmKindOf(topicArn, AlarmName));

/** What an alarm tells of, in each of the shapes in which it comes, when its metric does what `value` says for nine hours. */
const verdictsOf = async (alarm: Alarm, value: (hours: number) => number, rules: Rules = noRules) => {
  const world = createWorld(worldOptions);
  const cloudWatch = createCloudWatch(world);
  for (const namespace of ['AWS/EC2', 'AWS/ApplicationELB', 'AWS/SQS', 'AWS/Lambda', 'AWS/ECS', 'CWAgent']) {
    cloudWatch.addSource(namespace, (_metric, _dimensions, at) => (at < world.start ? undefined : value((at - world.start) / hour)));
  }
  const clients = localClients(createGateway(world, [cloudWatch.service]).handle);
  await clients.cloudWatch.send(new PutMetricAlarmCommand(alarm));
  world.clock.advanceTo(world.start + 9 * hour);
  return world.outbox.flatMap((delivery) => {
    const event = delivery.to === 'sns' ? JSON.parse(delivery.message) : delivery.to === 'eventbridge' ? delivery.event : null;
    if (event === null || event['detail-type'] === 'CloudWatch Alarm Configuration Change') return [];
    return readEvent(event, rules).verdicts.flatMap(({ failure, disposition, resource, playbook }) =>
      failure === null ? [] : [{ failure, disposition, resource, playbook, via: delivery.to }],
    );
  });
};

const steady = (value: number) => () => value;
/** Percent used that grows, or free that shrinks, from a value on. */
const growing = (from: number, anHour: number) => (hours: number) => Math.max(0, Math.min(100, from + hours * anHour));

describe('an alarm of early warning', () => {
  const instance = { type: 'instance', id: instanceId };
  const group = { type: 'group', id: 'web' };
  const all = alarmsFor(watched(), topicArn);
  const find = (what: string, part: string) =>
    all.find(({ AlarmName }) => alarmKindOf(topicArn, AlarmName) === what && AlarmName.includes(part)) as Alarm;

  test.each([
    ['system-check', instanceId, steady(1), 'host-impaired', instance, 'recover-host'],
    ['instance-check', instanceId, steady(1), 'instance-unreachable', instance, 'restart-instance'],
    ['cpu', instanceId, steady(99), 'load-saturated', instance, 'scale-out'],
    ['cpu', 'group/web', steady(90), 'load-saturated', group, 'scale-out'],
    ['memory', instanceId, steady(97), 'memory-exhausted', instance, 'relieve-memory'],
    ['memory', 'group/web', steady(97), 'memory-exhausted', group, 'relieve-memory'],
    ['disk-by-monday', `${instanceId}///`, growing(50, 1), 'disk-full', instance, null],
    ['disk-within-hours', `${instanceId}///`, growing(5, 15), 'disk-full', instance, null],
    ['disk-by-monday', 'C:', growing(50, -1), 'disk-full', instance, null],
    ['disk-within-hours', 'C:', growing(95, -15), 'disk-full', instance, null],
    ['targets', 'web', steady(1), 'target-unhealthy', { type: 'target-group' }, 'heal-targets'],
    // What may be done about queues is named by the policy.
    ['dead-letters', 'dead', steady(1), 'queue-backlog', { type: 'queue', id: 'dead' }, null],
    ['queue-age', 'orders', steady(172_800), 'queue-backlog', { type: 'queue', id: 'orders' }, null],
    // So it does about functions and services.
    ['function-errors', 'resize', steady(0.06), 'error-rate', { type: 'service', id: 'resize:live' }, null],
    ['function-throttles', 'resize', steady(2), 'error-rate', { type: 'service', id: 'resize' }, null],
    ['cpu', 'service/prod/checkout', steady(90), 'load-saturated', { type: 'service', id: 'prod/checkout' }, null],
    ['memory', 'service/prod/checkout', steady(96), 'memory-exhausted', { type: 'service', id: 'prod/checkout' }, null],
  ] as const)(
    'on %s of %s is classified as what it watches, by topic and by bus',
    async (what, part, value, failure, resource, playbook) => {
      const verdicts = await verdictsOf(find(what, part), value);
      expect(verdicts.map(({ via }) => via).sort()).toEqual(['eventbridge', 'sns']);
      for (const verdict of verdicts) expect(verdict).toMatchObject({ failure, resource: expect.objectContaining(resource), playbook });
    },
  );

  test.each([
    ['function-errors', steady(0.06), 'rollback-alias'],
    ['function-throttles', steady(2), 'raise-concurrency'],
    ['cpu', steady(90), 'scale-service'],
    ['memory', steady(96), 'scale-service'],
  ] as const)('on %s of a function or a service leads to what the policy names (%#)', async (what, value, playbook) => {
    const rules = rulesOf(policySchema.parse({ lambda: { rollback: { alias: 'live' }, concurrency: { max: 50 } }, ecs: { scale: 'on' } }));
    const part = what.startsWith('function') ? 'resize' : 'service/prod/checkout';
    const verdicts = await verdictsOf(find(what, part), value, rules);
    expect(verdicts.map((one) => [one.disposition, one.playbook])).toEqual([
      ['remediate', playbook],
      ['remediate', playbook],
    ]);
  });

  test.each([
    ['system-check', instanceId, steady(0)],
    ['cpu', instanceId, (hours: number) => (hours % 1 < 0.8 ? 100 : 20)],
    ['cpu', 'group/web', steady(84)],
    ['memory', instanceId, steady(94)],
    // Nearly full, and staying so.
    ['disk-by-monday', `${instanceId}///`, steady(95)],
    ['disk-within-hours', `${instanceId}///`, steady(95)],
    // Slowly enough that it has a week.
    ['disk-by-monday', `${instanceId}///`, growing(50, 0.3)],
    // A backup that is written in an hour, and removed in the next.
    ['disk-by-monday', `${instanceId}///`, (hours: number) => (Math.floor(hours) % 6 === 3 ? 80 : 40)],
    ['disk-within-hours', `${instanceId}///`, growing(50, 1)],
    ['disk-by-monday', 'C:', growing(5, 1)],
    ['targets', 'web', steady(0)],
    ['dead-letters', 'dead', steady(0)],
    ['queue-age', 'orders', steady(172_000)],
    ['function-errors', 'resize', steady(0.04)],
    ['function-throttles', 'resize', steady(0)],
    ['cpu', 'service/prod/checkout', steady(84)],
    ['memory', 'service/prod/checkout', steady(94)],
  ] as const)('on %s of %s stays quiet where there is nothing to warn of (%#)', async (what, part, value) => {
    expect(await verdictsOf(find(what, part), value)).toEqual([]);
  });

  test('warns in time: three days before a disk is full at a steady rate, and hours before where it fills today', async () => {
    const firedAt = async (alarm: Alarm, value: (hours: number) => number) => {
      const world = createWorld(worldOptions);
      const cloudWatch = createCloudWatch(world);
      cloudWatch.addSource('CWAgent', (_metric, _dimensions, at) => value((at - world.start) / hour));
      await localClients(createGateway(world, [cloudWatch.service]).handle).cloudWatch.send(new PutMetricAlarmCommand(alarm));
      let at = Number.NaN;
      world.subscribe((worldEvent) => {
        if (worldEvent.type === 'alarm-state' && worldEvent.to === 'ALARM') at = (worldEvent.at - world.start) / hour;
      });
      world.clock.advanceTo(world.start + 18 * hour);
      return at;
    };
    const monday = find('disk-by-monday', `${instanceId}///`);
    // Full after eighty hours: warned of 72 hours before, less the six that it takes to be sure and the lag of an hourly mean.
    const slow = await firedAt(monday, growing(60, 0.5));
    expect(80 - slow).toBeGreaterThan(62);
    expect(80 - slow).toBeLessThan(73);
    // Full after eight hours.
    const fast = await firedAt(find('disk-within-hours', `${instanceId}///`), growing(20, 10));
    expect(8 - fast).toBeGreaterThan(3);
  });

  test('has the topic as its only action, treats missing data as missing, and names what it watches', () => {
    for (const alarm of all) {
      expect(alarm).toMatchObject({ AlarmActions: [topicArn], TreatMissingData: 'missing' });
      expect(alarm.AlarmDescription).toMatch(/^[A-Z].{10,200}\.$/);
    }
    expect(new Set(whatsOf(all))).toEqual(new Set(alarmKinds));
  });

  test('on the host fires before the one on the instance, so that no reboot races with a recovery', () => {
    const seconds = ({ Period = 0, EvaluationPeriods = 0 }: Alarm) => Period * EvaluationPeriods;
    expect(seconds(find('system-check', instanceId))).toBeLessThan(seconds(find('instance-check', instanceId)));
  });

  test('never has a name that intake takes for selfheal’s own', () => {
    for (const { AlarmName } of all) expect(`arn:aws:cloudwatch:us-east-1:111122223333:alarm:${AlarmName}`).not.toMatch(/:alarm:selfheal-/);
  });
});

describe('the alarms', () => {
  test('of a group’s member leave the load to the group', () => {
    const member = watched({
      instances: [{ id: instanceId, groupName: 'web', unwatched: [] }],
      groups: [],
      targets: [],
      queues: [],
      functions: [],
      services: [],
      agent: [memory],
    });
    expect(whatsOf(alarmsFor(member, topicArn))).toEqual(['system-check', 'instance-check', 'memory']);
  });

  test('leave out what the resource’s tag says', () => {
    const quiet = watched({
      instances: [{ id: instanceId, groupName: null, unwatched: readUnwatched('memory cpu  nonsense') }],
      groups: [{ name: 'web', unwatched: readUnwatched('all') }],
      targets: [],
      queues: [],
      functions: [],
      services: [],
    });
    expect(new Set(whatsOf(alarmsFor(quiet, topicArn)))).toEqual(
      new Set(['system-check', 'instance-check', 'disk-by-monday', 'disk-within-hours']),
    );
  });

  test('are not made for file systems that are always full, nor for what is not opted in', () => {
    const agent = [
      disk('/snap/core', { fstype: 'squashfs' }),
      disk('/run', { fstype: 'tmpfs' }),
      disk('/', { InstanceId: 'i-0fffffffffffffff0' }),
      { name: 'disk_used_percent', dimensions: { InstanceId: instanceId } },
      { name: 'LogicalDisk % Free Space', dimensions: { InstanceId: instanceId, instance: '_Total', objectname: 'LogicalDisk' } },
    ];
    expect(whatsOf(alarmsFor(watched({ groups: [], targets: [], queues: [], functions: [], services: [], agent }), topicArn))).toEqual([
      'system-check',
      'instance-check',
      'cpu',
    ]);
  });

  test('of an instance’s disks are bounded, the root among them', () => {
    const agent = Array.from({ length: 40 }, (_, i) => disk(`/var/lib/pods/${i}`)).concat(disk('/'));
    const alarms = alarmsFor(watched({ groups: [], targets: [], queues: [], functions: [], services: [], agent }), topicArn);
    expect(alarms.filter(({ Metrics }) => Metrics)).toHaveLength(20);
    expect(alarms.some(({ AlarmName }) => AlarmName.includes(`${instanceId}///`))).toBe(true);
  });

  test('have names that CloudWatch takes and that differ where they watch something else, whatever things are called', () => {
    const name = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 255 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 5 }), name, (groups, path) => {
        const long = `arn:aws:sns:us-east-1:111122223333:${'t'.repeat(256)}`;
        const some = watched({
          groups: groups.map((group) => ({ name: group, unwatched: [] })),
          agent: [disk(path), disk(path, { device: 'b' })],
        });
        const names = alarmsFor(some, long).map(({ AlarmName }) => AlarmName);
        expect(names).toHaveLength(3 + groups.length + 1 + 2 + 2 + 2 + 4);
        expect(new Set(names).size).toBe(names.length);
        for (const one of names) {
          expect(one).toMatch(/^[\w.:/-]{1,255}$/);
          expect(one.startsWith(prefixOf(long))).toBe(true);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('are the same in whatever order things come', () => {
    const { agent, ...rest } = watched();
    const mixed = { ...rest, agent: [...agent, disk('/data'), disk('/', { device: 'xvda' })] };
    const names = (alarms: readonly Alarm[]) => alarms.map((alarm) => JSON.stringify(alarm)).sort();
    expect(names(alarmsFor({ ...mixed, agent: [...mixed.agent].reverse() }, topicArn))).toEqual(names(alarmsFor(mixed, topicArn)));
  });
});
