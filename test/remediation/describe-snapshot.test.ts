import { describe, expect, test } from '@jest/globals';
import type { ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { describeSnapshot, isMissing } from '../../shared/remediation/describe-snapshot.ts';
import {
  alarm,
  certificate,
  clusterMembers,
  containerHost,
  containerService,
  database,
  databaseStorage,
  diskFacts,
  facts,
  functionFacts,
  group,
  groupName,
  incident,
  instance,
  instanceId,
  lambda,
  memberFacts,
  noon,
  queue,
  release,
  replica,
  status,
  targetsOf,
  task,
  unfinishedDisk,
} from './examples.ts';

const minute = 60_000;
const ofGroup = incident({ resource: { type: 'group', id: groupName }, alarm: null });
const bare = { instance: null, status: null, group: null, alarm: null };

describe('what a look saw, in one line', () => {
  test.each([
    ['one that runs', instance({ launchedAt: noon - 26 * 60 * minute }), `${instanceId} running in us-east-1a, launched 1 d ago`],
    ['one whose launch is not told', instance({ launchedAt: 0 }), `${instanceId} running in us-east-1a`],
    ['one launched a day ago', instance({ launchedAt: noon - 24 * 60 * minute }), `${instanceId} running in us-east-1a, launched 1 d ago`],
    ['one launched in this second', instance({ launchedAt: noon }), `${instanceId} running in us-east-1a, launched 0 s ago`],
    ['one stopped in this second', instance({ state: 'stopped', stoppedAt: noon }), `${instanceId} stopped in us-east-1a for 0 s`],
    ['one just launched', instance({ launchedAt: noon - minute }), `${instanceId} running in us-east-1a, launched 1 min 00 s ago`],
    [
      'one that is stopped',
      instance({ state: 'stopped', stoppedAt: noon - 5 * minute }),
      `${instanceId} stopped in us-east-1a for 5 min 00 s`,
    ],
    ['one whose time is not told', instance({ state: 'stopped' }), `${instanceId} stopped in us-east-1a`],
  ])('says how long an instance has been as it is: %s', (_, one, line) => {
    expect(describeSnapshot(facts({ ...bare, instance: one }), incident())).toBe(line);
  });

  test('says what a function serves, and how that goes', () => {
    const about = incident({ resource: { type: 'service', id: 'checkout' }, alarm: null });
    expect(describeSnapshot(functionFacts(), about)).toContain('version 4 serves since 11:50 UTC, 3000 of 6000 requests failed');
    const known = functionFacts({ release: { ...release(), since: null } });
    expect(describeSnapshot(known, about)).toContain('version 4 serves, 3000 of 6000 requests failed');
  });

  const served = 'version 4 serves since 11:50 UTC, 3000 of 6000 requests failed';
  test.each<[string, Partial<ResourceSnapshot>, string]>([
    [
      'a function whose alias is on its way',
      { service: lambda({ shifting: 'the alias sends 10 % to version 5', alias: null, concurrency: null, release: null }) },
      'function checkout; the alias sends 10 % to version 5',
    ],
    [
      'a function of no reserved concurrency',
      { service: lambda({ concurrency: { reserved: null, unreserved: 990, most: 10, throttles: 60 } }) },
      `function checkout, alias live is version 4; reserved concurrency none, 60 throttled lately; ${served}`,
    ],
    [
      'a function whose releases could not be read',
      { service: lambda({ release: { unread: 'words' } }) },
      'function checkout, alias live is version 4; reserved concurrency 10, 60 throttled lately',
    ],
    ['a group made later than the look', { group: group({ createdAt: noon + 1 }) }, 'group web 2/2 (max 4)'],
    ['a group made in the second of the look', { group: group({ createdAt: noon }) }, 'group web 2/2 (max 4), created 0 s ago'],
    [
      'a database and what it replicates',
      { database: database({ storage: databaseStorage(), pending: ['class', 'storage'], replica: replica() }) },
      'orders available in us-east-1a with 100 GiB, pending changes: class, storage; a replica of orders, which is available; it is 300 s behind, 30 s more every minute',
    ],
    [
      'a cluster',
      { database: database({ members: clusterMembers() }) },
      'orders available, writer shop-0 in us-east-1a, readers shop-1 in us-east-1b 20 ms behind, shop-2 in us-east-1c 25 ms behind',
    ],
    [
      'a queue of dead letters',
      { queue: queue({ consumer: 'orders-worker' }) },
      '40 messages in dead, dead letters of orders, processed by orders-worker',
    ],
    ['a queue that nothing counts', { queue: queue({ sources: [], messages: null }) }, 'an unknown number of messages in dead'],
    [
      'a service of containers',
      { service: containerService() },
      'service prod/checkout: 4 of 4 tasks of checkout:2, deployment IN_PROGRESS, 6 failed in the last hour',
    ],
    [
      'a service of containers that is not deployed',
      { service: containerService({ failed: null, rollout: null }) },
      'service prod/checkout: 4 of 4 tasks of checkout:2',
    ],
    ['a task', { task: task() }, 'task 0123456789abcdef0123456789abcdef of service prod/checkout at 10.0.16.5 RUNNING'],
    [
      'a host of containers',
      { host: containerHost() },
      'host of cluster prod ACTIVE, agent disconnected, 2 tasks; 3 of 4 hosts can take tasks',
    ],
    [
      'a host whose agent answers',
      { host: containerHost({ connected: true }) },
      'host of cluster prod ACTIVE, agent connected, 2 tasks; 3 of 4 hosts can take tasks',
    ],
    [
      'a certificate',
      { certificate: certificate() },
      'certificate for shop.example ISSUED, until 2027-01-04, renewal PENDING_VALIDATION; record _393b550374a051ba7cd4d95ec5860517.shop.example. absent in zone shop.example',
    ],
    [
      'a certificate of no known end',
      { certificate: certificate({ expiresAt: null, renewal: null, records: [] }) },
      'certificate for shop.example ISSUED',
    ],
    [
      'an alarm with a healer of its own',
      {
        alarm: alarm({
          updatedAt: null,
          actions: ['arn:aws:lambda:us-east-1:123456789012:function:own-healer', 'arn:aws:sns:us-east-1:123456789012:people'],
        }),
      },
      'alarm web-status ALARM, which also invokes own-healer',
    ],
    [
      'a heartbeat, and what reads no queue',
      { beat: { name: 'nightly', lastAt: noon - 1000 }, disabledMappings: ['mapping m is disabled'] },
      'last beat of nightly: 2026-11-20 11:59 UTC; mapping m is disabled',
    ],
    ['a heartbeat that never came', { beat: { name: 'nightly', lastAt: null } }, 'last beat of nightly: never'],
  ])('tells of %s', (_, seen, line) => {
    const about = incident({ resource: { type: 'certificate', id: 'arn' }, alarm: null });
    expect(describeSnapshot(facts({ ...bare, ...seen }), about)).toBe(line);
  });

  test('tells of a member, its group and its targets, and of the volume of a full disk', () => {
    const targets = targetsOf([
      { id: 'a', state: 'healthy' },
      { id: 'b', state: 'unhealthy' },
    ]);
    expect(describeSnapshot(memberFacts({ alarm: null, targets }), incident())).toMatch(
      /; group web 2\/2 \(max 4\); member InService, Healthy; 1 of 2 targets healthy$/,
    );
    expect(describeSnapshot(diskFacts(), incident())).toContain('; / is on volume vol-0a1b2c3d4e5f60718 of 20 GiB; alarm');
    expect(describeSnapshot(unfinishedDisk(), incident())).toContain(
      '; / is on volume vol-0a1b2c3d4e5f60718 of 25 GiB, modification optimizing; alarm',
    );
  });

  test('says since when a check fails, an alarm rings, and a group is there', () => {
    const failing = status({ system: 'impaired', systemImpairedSince: noon - 9 * minute });
    const seen = facts({ status: failing, alarm: alarm(), group: group({ createdAt: noon - 50 * minute }) });
    const line = describeSnapshot(seen, incident());
    expect(line).toContain('system check impaired since 11:51 UTC, instance check ok');
    expect(line).toContain('alarm web-status ALARM since 12:00 UTC');
    expect(line).toContain('group web 2/2 (max 4), created 50 min 00 s ago');
  });

  test('says that there is none where EC2 says so, also beside an alarm', () => {
    expect(describeSnapshot(facts({ ...bare, alarm: alarm() }), incident())).toBe(
      `EC2 finds no instance ${instanceId}: there is no such instance; alarm web-status ALARM since 12:00 UTC`,
    );
  });

  test.each([
    ['a group', ofGroup, 'Auto Scaling lists no group web'],
    ['an alarm', incident({ resource: { type: 'alarm', id: 'x' } }), 'CloudWatch lists no alarm x'],
  ])('takes an empty answer for no word: %s', (_, about, words) => {
    const line = describeSnapshot(facts(bare), about);
    expect(line).toBe(words);
    expect(line).not.toMatch(/no such/);
  });

  test('finds nothing missing of which a part was refused, or that is there', () => {
    const missing = (seen: Partial<ResourceSnapshot>) => isMissing(facts({ ...bare, ...seen }), incident());
    expect([missing({}), missing({ refused: ['words'] }), missing({ instance: instance() })]).toEqual([true, false, false]);
  });

  test('says what was refused, and nothing of what is missing for it', () => {
    const refused = ["selfheal isn't allowed to look at group web (autoscaling:DescribeAutoScalingGroups)"];
    expect(describeSnapshot(facts({ ...bare, refused }), ofGroup)).toBe(refused[0]);
  });

  test('has nothing to say of what others look at', () => {
    expect(describeSnapshot(facts(bare), incident({ resource: { type: 'certificate', id: 'arn' }, alarm: null }))).toBe('');
  });
});
