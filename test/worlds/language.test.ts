import { DescribeAutoScalingGroupsCommand, DescribeLifecycleHooksCommand, DescribeWarmPoolCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVolumesCommand, ModifyVolumeCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetAliasCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { describe, expect, test } from '@jest/globals';
import type { Host } from '../../local/testbed/host.ts';
import { checkScenario } from '../../local/worlds/check.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { readScenario } from '../../local/worlds/read.ts';

const minute = 60_000;

/** Plays a world in which selfheal touches nothing, and looks at it at a time, in minutes from the first step. */
const world = async <T>(
  { fleet, timeline = '[{ at: 0s, do: switch, to: off }]', expectation = '{}' }: { fleet: string; timeline?: string; expectation?: string },
  at: number,
  look: (host: Host, id: (ref: string) => string) => Promise<T> | T,
) => {
  const text = `name: n\nhypothesis: h\nwatch: 45m\npolicy: { mode: 'off' }\nfleet: ${fleet}\ntimeline: ${timeline}\nexpect: ${expectation}\n`;
  const read = readScenario(text, 'world.yml');
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  let seen: T | undefined;
  let looked: Promise<void> | undefined;
  const observation = await playScenario(read.scenario, {
    onReady: (host, says) => {
      const { clock } = host.aws.world;
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a scenario writes it
      const id = (ref: string) => says('${ref}'.replace('ref', () => ref));
      // What is looked at synchronously is the world at that very moment; calls go through the SDK and need their turn.
      clock.after(at * minute, () => {
        looked = Promise.resolve(look(host, id)).then((found) => {
          seen = found;
        });
      });
    },
  });
  await looked;
  const broken = checkScenario(read.scenario.expect, observation).filter(({ holds }) => !holds);
  return { seen: seen as T, observation, broken: broken.map(({ text: what, seen: instead }) => `${what}: ${instead}`) };
};

const group = async ({ operator }: Host, name: string) => {
  const { AutoScalingGroups = [] } = await operator.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return AutoScalingGroups[0];
};

const states = (found: Awaited<ReturnType<typeof group>>) => (found?.Instances ?? []).map(({ LifecycleState }) => LifecycleState).sort();

describe('a fleet can have', () => {
  test('a group with a health check, a grace, a maintenance policy, retention, zones and tags of its own', async () => {
    const { seen } = await world(
      {
        fleet:
          '{ groups: { shop: { desired: 2, max: 3, healthCheck: ELB, grace: 5m, cooldown: 90s, zones: [b, c], retains: true, maintenance: { min: 100, max: 150 }, tags: { team: web }, targetGroup: front } }, targetGroups: { front: {} } }',
      },
      1,
      (host) => group(host, 'shop'),
    );
    expect(seen).toMatchObject({
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 300,
      DefaultCooldown: 90,
      AvailabilityZones: ['us-east-1b', 'us-east-1c'],
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 150 },
      InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'retain' } },
      Tags: [{ Key: 'selfheal' }, { Key: 'team', Value: 'web' }],
    });
  });

  test('a mixed instances policy', async () => {
    const { seen } = await world(
      {
        fleet:
          '{ groups: { shop: { desired: 2, max: 3, mixed: { types: [m7i.large, m6i.large], onDemandBase: 1, onDemandPercent: 50 } } } }',
      },
      1,
      (host) => group(host, 'shop'),
    );
    expect(seen?.MixedInstancesPolicy).toMatchObject({
      LaunchTemplate: { Overrides: [{ InstanceType: 'm7i.large' }, { InstanceType: 'm6i.large' }] },
      InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 50 },
    });
  });

  test('a warm pool', async () => {
    const { seen, broken } = await world(
      { fleet: '{ groups: { shop: { desired: 1, max: 3, warmPool: { min: 2, state: Running } } } }' },
      1,
      async ({ operator }) => {
        const { Instances = [] } = await operator.autoScaling.send(new DescribeWarmPoolCommand({ AutoScalingGroupName: 'shop' }));
        return Instances.map(({ LifecycleState }) => LifecycleState);
      },
    );
    expect({ seen, broken }).toEqual({ seen: ['Warmed:Running', 'Warmed:Running'], broken: [] });
  });

  test('hooks: one that is answered drains, one that is not hangs', async () => {
    const hooks = (answers: string) => `{ shop: { desired: 2, max: 3, hooks: { drain: { on: termination, timeout: 30m${answers} } } } }`;
    const terminate = "[{ at: 0s, do: terminate, on: 'shop[0]' }, { at: 1m, do: resize, on: shop, desired: 1 }]";
    const look = async (host: Host) => {
      const { LifecycleHooks } = await host.operator.autoScaling.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: 'shop' }));
      return { hooks: LifecycleHooks?.length, states: states(await group(host, 'shop')) };
    };
    const drained = await world({ fleet: `{ groups: ${hooks(', answers: 5m')} }`, timeline: terminate }, 20, look);
    const hung = await world({ fleet: `{ groups: ${hooks('')} }`, timeline: terminate }, 20, look);
    expect(drained.seen).toEqual({ hooks: 1, states: ['InService'] });
    expect(hung.seen.states).toContain('Terminating:Wait');
  });

  test('volumes under keys, and a policy can name such a key', async () => {
    const id = '0d9f3a54-7a1c-4a83-9a63-6d6d2a2f1b11';
    const { seen, broken } = await world(
      {
        fleet: `{ keys: { data: { id: ${id} } }, instances: { db: { volumes: [{ key: aws }, { key: data }, {}] } } }`,
      },
      1,
      async ({ operator, aws }) => {
        const { Volumes = [] } = await operator.ec2.send(new DescribeVolumesCommand({}));
        const name = (arn: string | undefined) => (arn === aws.kms.ebsKeyArn() ? 'aws' : arn?.endsWith(id) ? 'data' : arn && 'another');
        return Volumes.map(({ Encrypted, KmsKeyId }) => [Encrypted, name(KmsKeyId)]).sort();
      },
    );
    expect({ seen, broken }).toEqual({
      seen: [
        [false, undefined],
        [true, 'aws'],
        [true, 'data'],
      ],
      broken: [],
    });
  });

  test("volumes of a group's members under a key", async () => {
    const { seen } = await world(
      { fleet: '{ keys: { data: {} }, groups: { shop: { desired: 1, max: 1, volumes: [{ key: data }, { key: aws }] } } }' },
      1,
      async ({ operator, aws }) => {
        const { Volumes = [] } = await operator.ec2.send(new DescribeVolumesCommand({}));
        return Volumes.map(({ KmsKeyId }) => KmsKeyId === aws.kms.ebsKeyArn());
      },
    );
    expect(seen).toEqual([false, true]);
  });

  test('public addresses: a lent one changes with a stop, an elastic one stays, and there may be none', async () => {
    const instances = '{ lent: { address: lent }, kept: { address: elastic }, hidden: { address: none } }';
    const stops = ['lent', 'kept', 'hidden'].flatMap((on) => [`{ at: 0s, do: stop, on: ${on} }`, `{ at: 3m, do: start, on: ${on} }`]);
    const { broken } = await world(
      {
        fleet: `{ instances: ${instances}, groups: { shop: { desired: 1, max: 1, address: none, volumes: [{ key: aws }] } } }`,
        timeline: `[${stops.join(', ')}]`,
        expectation:
          "{ resources: { lent: { address: changed, state: running }, kept: { address: same }, hidden: { address: none }, 'shop[0]': { address: none } } }",
      },
      1,
      () => null,
    );
    expect(broken).toEqual([]);
  });

  test('an operator, beside whom nobody may change an instance', async () => {
    const { observation } = await world(
      { fleet: '{ instances: { node: { operator: eks.amazonaws.com } } }', timeline: '[{ at: 0s, do: stop, on: node }]' },
      1,
      () => null,
    );
    expect(observation.done).toMatchObject([{ error: expect.stringMatching(/./) }]);
  });

  test('requests to a target group, of which a reboot loses some, and lines of logs', async () => {
    const { seen, broken } = await world(
      {
        fleet: '{ instances: { web: { count: 3 } }, targetGroups: { shop: { instances: [web-1, web-2, web-3] } } }',
        timeline: `[{ at: 0s, do: send-requests, on: shop, perSecond: 9, for: 5m }, { at: 60s, do: reboot, on: web-1 },
          { at: 2m, do: write-logs, group: /shop/api, messages: [OutOfMemoryError, fine] }]`,
        expectation: '{ failedRequests: { shop: { atMost: 540 } } }',
      },
      6,
      async ({ aws, operator }, id) => {
        const { events } = await operator
          .of(CloudWatchLogsClient)
          .send(new FilterLogEventsCommand({ logGroupName: '/shop/api', filterPattern: 'OutOfMemoryError' }));
        return { ...aws.loadBalancing.requests(id('shop')), lines: events?.map(({ message }) => message) };
      },
    );
    expect(seen).toEqual({ total: 9 * 300, failed: expect.any(Number), lines: ['OutOfMemoryError'] });
    // A third of them while it is down, and hardly a minute.
    expect(seen.failed).toBeGreaterThan(3 * 20);
    expect(seen.failed).toBeLessThan(3 * 90);
    expect(broken).toEqual([]);
  });

  test('volumes with sizes, tags and file systems, and what happens to those', async () => {
    const volumes = '[{ size: 10, used: 60, optedIn: true }, { size: 20, path: /data, fstype: ext4, used: 50, tags: { team: web } }]';
    const { seen, broken, observation } = await world(
      {
        fleet: `{ instances: { web: { optedIn: false, volumes: ${volumes} } } }`,
        timeline: `[{ at: 0s, do: switch, to: off }, { at: 0s, do: fill-disk, on: web, path: /data, gibAnHour: 4 },
          { at: 0s, do: fail-modification, on: web, path: /data }, { at: 0s, do: fail-modification, on: web, path: /srv }]`,
        expectation: "{ fileSystems: { web: { '/': 10, '/data': { atMost: 19 } } } }",
      },
      30,
      async ({ aws, operator }, id) => {
        const { Volumes = [] } = await operator.ec2.send(new DescribeVolumesCommand({}));
        await operator.ec2.send(new ModifyVolumeCommand({ VolumeId: Volumes[1]?.VolumeId, Size: 30 }));
        return { tags: Volumes.map(({ Tags = [] }) => Tags.map(({ Key }) => Key)), devices: aws.ec2.disks.blockDevices(id('web')) };
      },
    );
    expect(seen.tags).toEqual([['selfheal'], ['team']]);
    expect(seen.devices).toMatchObject([
      { children: [{ mountpoint: '/', fstype: 'xfs', 'fsuse%': '60%' }] },
      { mountpoint: '/data', fstype: 'ext4', 'fsuse%': '60%' },
    ]);
    expect(broken).toContain('GiB at /data of web in the end: at most 19: 20');
    expect(broken).toHaveLength(2);
    expect(observation.done.map(({ error }) => error)).toEqual([null, null, null, 'nothing is mounted at /srv']);
  });

  test('zones and certificates, and what happens to them', async () => {
    const certificates =
      '{ shop: { domain: shop.example, expires: 44d12h, record: false }, api: { domain: "*.api.shop.example", expires: 100d }, old: { domain: old.example, expires: 20d12h, type: IMPORTED, inUse: false, optedIn: false } }';
    const zones = '{ shop.example: { records: { www.shop.example: { type: A, value: 192.0.2.1 } } }, old.example: { delegated: false } }';
    const { seen, broken } = await world(
      {
        fleet: `{ zones: ${zones}, certificates: ${certificates} }`,
        timeline: `[{ at: 0s, do: switch, to: off }, { at: 1m, do: wrong-delegation, zone: shop.example, for: 10m },
          { at: 1m, do: delete-record, certificate: api }, { at: 1m, do: delete-record, zone: shop.example, name: www.shop.example, type: A },
          { at: 1m, do: fail-renewal, certificate: shop, for: 40m }]`,
        expectation: '{ certificates: { shop: { status: ISSUED, renewal: FAILED }, api: { status: ISSUED }, old: { status: EXPIRED } } }',
      },
      5,
      ({ aws: { route53, acm } }) => {
        const { Name } = acm.validationRecord('shop.example');
        return [route53.resolve(Name, 'CNAME'), route53.resolve('shop.example', 'NS'), route53.resolve('x.old.example', 'A')];
      },
    );
    expect(seen).toEqual([undefined, ['ns1.elsewhere.example.', 'ns2.elsewhere.example.'], undefined]);
    expect(broken).toEqual(['old in the end: status EXPIRED: status ISSUED']);
    const after = await world({ fleet: `{ zones: ${zones}, certificates: ${certificates} }` }, 5, ({ aws: { route53, acm } }) =>
      route53.resolve(acm.validationRecord('api.shop.example').Name, 'CNAME'),
    );
    expect(after.seen).toHaveLength(1);
  });

  test('queues, what sends to them and works on them, and what happens to that', async () => {
    const orders =
      '{ deadLetters: dead, maxReceives: 2, consumer: { rate: 20, group: shop }, producer: { perSecond: 8 }, tags: { team: a } }';
    const { seen, broken } = await world(
      {
        fleet: `{ groups: { shop: { min: 2, desired: 2, max: 2 } }, queues: { orders: ${orders}, dead: {}, later: { fifo: true, messages: 25 } } }`,
        timeline: `[{ at: 0s, do: fail-consumer, queue: orders, for: 5m }, { at: 6m, do: send-messages, queue: dead, perSecond: 1, for: 1m },
          { at: 6m, do: poison-messages, queue: orders, count: 3 }, { at: 6m, do: slow-consumer, queue: orders, share: 0.9, for: 1m }]`,
        expectation: '{ queues: { orders: 0, later: 25, dead: { atMost: 2600 } } }',
      },
      12,
      async ({ aws }) => aws.queues.list().find(({ name }) => name === 'dead')?.visible ?? 0,
    );
    // All of five minutes but the last, the minute's sixty, and the poison.
    expect(seen).toBeGreaterThan(8 * 240 + 60 + 3);
    expect(broken).toEqual([]);
  });

  test('boots that take long, once it stands', async () => {
    const { seen } = await world(
      {
        fleet: '{ instances: { db: { boot: 10m }, web: {} }, groups: { shop: { desired: 1, max: 2, boot: 10m } } }',
        timeline:
          '[{ at: 0s, do: slow-boot, on: web, boot: 10m }, { at: 0s, do: reboot, on: db }, { at: 1s, do: reboot, on: web }, { at: 0s, do: resize, on: shop, desired: 2 }]',
      },
      6,
      ({ aws }) => [...aws.ec2.list()].map(({ reachable }) => reachable),
    );
    // The group's first member, the third of all, was there before.
    expect(seen).toEqual([false, false, true, false]);
  });

  test('scaling policies, of which alarms make use', async () => {
    const { seen, broken } = await world(
      {
        fleet:
          "{ groups: { shop: { desired: 2, max: 6, policies: { grow: { add: 2 }, track: { target: 95 } } } }, alarms: { busy: { metric: cpu, on: shop, actions: ['policy:shop/grow'], okActions: [] } } }",
        timeline: '[{ at: 0s, do: add-load, on: shop, percent: 180, for: 8m }]',
      },
      20,
      async ({ operator, aws }) => ({
        alarms: (await operator.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(({ AlarmName = '' }) =>
          AlarmName.replace(/[0-9a-f]{8}-.*/, '…'),
        ),
        desired: aws.autoScaling.get('shop')?.desired,
      }),
    );
    expect(seen.alarms).toEqual(['TargetTracking-shop-AlarmHigh-…', 'busy']);
    expect(seen.desired).toBeGreaterThanOrEqual(4);
    expect(broken).toEqual([]);
  });

  test('alarms with settings and actions of their own, and composites that are suppressed', async () => {
    const alarms = `{
      slow: { metric: cpu, on: shop, period: 60s, periods: 5, datapoints: 3, missing: notBreaching, threshold: 60, comparison: '>=', statistic: Maximum, actions: [] },
      web-down: { metric: instance, on: web, enabled: false, actions: [reboot], okActions: [] },
      queue: { metric: { namespace: App, name: Depth, dimensions: { InstanceId: '\${web}' } }, threshold: 5 },
      any: { rule: 'ALARM(web-down) OR ALARM("\${web}-status-check-system")', suppressor: slow, wait: 2m, extension: 3m } }`;
    const { seen } = await world(
      {
        fleet: `{ instances: { web: { optedIn: false, alarms: [{ metric: system, name: host, missing: ignore }, system, ebs] } }, groups: { shop: { desired: 1, max: 1 } }, alarms: ${alarms} }`,
      },
      1,
      async (host, id) => ({
        id: id('web'),
        ...(await host.operator.cloudWatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }))),
      }),
    );
    const found = Object.fromEntries(
      [...(seen.MetricAlarms ?? []), ...(seen.CompositeAlarms ?? [])].map((alarm) => [alarm.AlarmName, alarm]),
    );
    expect(Object.keys(found).sort()).toEqual(
      ['any', 'host', 'queue', 'slow', 'web-down', `${seen.id}-status-check-ebs`, `${seen.id}-status-check-system`].sort(),
    );
    expect(found.host).toMatchObject({ TreatMissingData: 'ignore', EvaluationPeriods: 2, MetricName: 'StatusCheckFailed_System' });
    expect(found.slow).toMatchObject({
      Period: 60,
      EvaluationPeriods: 5,
      DatapointsToAlarm: 3,
      TreatMissingData: 'notBreaching',
      Threshold: 60,
      Statistic: 'Maximum',
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: [],
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'shop' }],
    });
    expect(found['web-down']).toMatchObject({
      ActionsEnabled: false,
      AlarmActions: ['arn:aws:automate:us-east-1:ec2:reboot'],
      OKActions: [],
    });
    expect(found.queue).toMatchObject({ Namespace: 'App', MetricName: 'Depth', Dimensions: [{ Name: 'InstanceId', Value: seen.id }] });
    expect(found.any).toMatchObject({ ActionsSuppressor: 'slow', ActionsSuppressorWaitPeriod: 120, ActionsSuppressorExtensionPeriod: 180 });
  });
});

const shop = '{ groups: { shop: { min: 1, desired: 2, max: 4, suspended: [HealthCheck] } } }';

describe('it can happen that', () => {
  test('a member goes into standby and comes back, one is detached, and one attached', async () => {
    const { seen, broken } = await world(
      {
        fleet: '{ instances: { spare: {} }, groups: { shop: { min: 0, desired: 2, max: 4 } } }',
        timeline:
          "[{ at: 0s, do: enter-standby, on: 'shop[0]' }, { at: 1m, do: detach, on: 'shop[1]' }, { at: 5m, do: exit-standby, on: 'shop[0]' }, { at: 6m, do: attach, on: spare, group: shop }]",
        expectation: "{ resources: { shop: { desired: 2, inService: 2, healthy: true }, 'shop[1]': { state: running } } }",
      },
      4,
      async (host) => states(await group(host, 'shop')),
    );
    expect({ seen, broken }).toEqual({ seen: ['Standby'], broken: [] });
  });

  test('members of a bad release hang after some minutes, and those from before it do not', async () => {
    const { seen, broken } = await world(
      { fleet: shop, timeline: '[{ at: 0s, do: bad-release, on: shop, after: 8m }, { at: 1m, do: resize, on: shop, desired: 3 }]' },
      15,
      async (host) => {
        const members = host.aws.autoScaling.get('shop')?.memberIds ?? [];
        const versions = (await group(host, 'shop'))?.Instances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version);
        return { answers: members.map((id) => host.aws.ec2.get(id)?.reachable), versions };
      },
    );
    expect({ ...seen, broken }).toEqual({ answers: [true, true, false], versions: ['1', '1', '2'], broken: [] });
  });

  test.each(['break-template', 'break-image'])('%s lets nothing be launched', async (what) => {
    // Launches are tried, and fail, for as long as a member is missing.
    const timeline = `[{ at: 0s, do: ${what}, on: shop }, { at: 1m, do: resize, on: shop, desired: 3 }, { at: 11m, do: resize, on: shop, desired: 2 }]`;
    const { seen, broken } = await world({ fleet: shop, timeline }, 10, (host) => group(host, 'shop'));
    expect({ desired: seen?.DesiredCapacity, members: states(seen), broken }).toEqual({
      desired: 3,
      members: ['InService', 'InService'],
      broken: [],
    });
  });

  test('services run on the hosts of their cluster, are deployed, lose agents, and end as is expected', async () => {
    const { seen, broken } = await world(
      {
        fleet:
          '{ groups: { hosts: { desired: 2, max: 3 } }, targetGroups: { web: {} }, clusters: { prod: { groups: [hosts] } }, services: { cart: { cluster: prod, revisions: 3, targetGroup: web, scaling: { min: 1, max: 6 } }, pay: { desired: 1 } } }',
        timeline:
          "[{ at: 0s, do: deploy-service, service: cart, as: cannot-pull }, { at: 2m, do: lose-container-agent, on: 'hosts[0]', for: 5m }, { at: 4m, do: scale-service, service: pay, desired: 2 }, { at: 12m, do: roll-service-back, service: cart }]",
        expectation: '{ services: { cart: { running: 2, revision: 3, steady: true }, pay: { desired: 2, running: 2, steady: true } } }',
      },
      6,
      async ({ operator }) => {
        const ecs = operator.of(ECSClient);
        const { services: [cart] = [] } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['cart'] }));
        const { clusters: [prod] = [] } = await ecs.send(new DescribeClustersCommand({ clusters: ['prod'] }));
        return [cart?.launchType, cart?.loadBalancers?.length, cart?.deployments?.length, prod?.registeredContainerInstancesCount];
      },
    );
    expect({ seen, broken }).toEqual({ seen: ['EC2', 1, 2, 2], broken: [] });
  });

  test('functions and services are deployed, and databases change', async () => {
    const { seen } = await world(
      {
        fleet:
          "{ functions: { pay: { published: 2, aliases: { live: '2' } } }, services: { cart: { cluster: prod } }, databases: { orders: { kind: cluster } } }",
        timeline:
          '[{ at: 0s, do: deploy-function, function: pay, alias: live }, { at: 0s, do: deploy-service, service: cart }, { at: 0s, do: change-database, database: orders, status: failing-over, message: a failover began }]',
      },
      1,
      async ({ operator }) => {
        const alias = await operator.of(LambdaClient).send(new GetAliasCommand({ FunctionName: 'pay', Name: 'live' }));
        const services = await operator.of(ECSClient).send(new DescribeServicesCommand({ cluster: 'prod', services: ['cart'] }));
        const clusters = await operator.of(RDSClient).send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders' }));
        return [
          alias.FunctionVersion,
          services.services?.[0]?.events?.filter(({ message = '' }) => message.endsWith('deployment completed.')).length,
          clusters.DBClusters?.[0]?.Status,
        ];
      },
    );
    expect(seen).toEqual(['3', 1, 'failing-over']);
  });

  test('functions are invoked, fail, are throttled and shifted, by those who are named', async () => {
    const { seen } = await world(
      {
        fleet:
          "{ functions: { pay: { published: 2, aliases: { live: '2' }, rates: { live: 600 }, mappings: { orders: { alias: live, rate: 60 } } } } }",
        timeline: `[
          { at: 0s, do: function-errs, function: pay, errors: 0.5, for: 2m }, { at: 0s, do: reserve-concurrency, function: pay, reserved: 1 },
          { at: 2m, do: disable-mapping, function: pay, by: ana }, { at: 2m, do: deploy-function, function: pay, alias: live, errors: 1, weight: 0.1 },
          { at: 4m, do: move-alias, function: pay, alias: live, version: '1', by: ana }, { at: 4m, do: delete-version, function: pay, version: '3', by: ana },
          { at: 4m, do: invoke-function, function: pay, qualifier: live, perMinute: 60 }, { at: 4m, do: slow-function, function: pay, durationMs: 2000 },
        ]`,
      },
      6,
      async ({ aws: { world: its }, operator }) => {
        const Dimensions = [{ Name: 'FunctionName', Value: 'pay' }];
        const MetricDataQueries = ['Invocations', 'Errors', 'Throttles'].map((MetricName) => ({
          Id: MetricName.toLowerCase(),
          MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions }, Period: 60, Stat: 'Sum' },
        }));
        const now = its.clock.now();
        const people = its.calls
          .filter(({ service, accessKey }) => service === 'lambda' && accessKey === 'ana')
          .map((call) => call.operation);
        const window = { StartTime: new Date(now - 6 * minute), EndTime: new Date(now), ScanBy: 'TimestampAscending' as const };
        const { MetricDataResults = [] } = await operator.cloudWatch.send(new GetMetricDataCommand({ MetricDataQueries, ...window }));
        return { people, ...Object.fromEntries(MetricDataResults.map(({ Id, Values }) => [Id, Values])) };
      },
    );
    expect(seen).toEqual({
      people: ['ListEventSourceMappings', 'UpdateEventSourceMapping', 'UpdateAlias', 'DeleteFunction'],
      invocations: [600, 600, 600, 600, 30, 30],
      errors: [300, 300, 60, 60, 0, 0],
      throttles: [60, 60, 0, 0, 30, 30],
    });
  });

  test.each([
    ['deploy-function, function: pay', 'there is no function pay in the fleet; did you mean pays?'],
    ['deploy-service, service: cart', 'there is no service cart in the fleet'],
    ['change-database, database: orders, status: s, message: m', 'there is no database orders in the fleet'],
  ])('a step on what there is not is no step: %s', (step, problem) => {
    const fleet = '{ functions: { pays: {} } }';
    const read = readScenario(`name: n\nhypothesis: h\nfleet: ${fleet}\ntimeline: [{ at: 0s, do: ${step} }]\nexpect: {}\n`, 'w.yml');
    expect('problems' in read ? read.problems.join() : '').toContain(problem);
  });

  test.each([
    [
      'its key is disabled',
      '{ do: change-key, key: data, state: Disabled }',
      '{ keys: { data: {} }, instances: { db: { volumes: [{ key: data }] } } }',
    ],
    [
      'its key is on its way to deletion',
      '{ do: change-key, key: data, state: PendingDeletion }',
      '{ keys: { data: {} }, instances: { db: { volumes: [{ key: data }] } } }',
    ],
    ['so it is said', '{ do: fail-start, on: db, reason: Client.VolumeLimitExceeded }', '{ instances: { db: {} } }'],
  ])('an instance does not start: %s', async (_, step, fleet) => {
    const { broken } = await world(
      {
        fleet,
        timeline: `[{ at: 0s, do: stop, on: db }, ${step.replace('{', '{ at: 2m,')}, { at: 3m, do: start, on: db }]`,
        expectation: '{ resources: { db: { state: stopped, healthy: false } } }',
      },
      1,
      () => null,
    );
    expect(broken).toEqual([]);
  });

  test("selfheal's role starts what is encrypted under a key only while it may create grants on it", async () => {
    const timeline = (more: string) => `[{ at: 0s, do: stop, on: db }${more}]`;
    const start = async (host: Host, id: (ref: string) => string) => {
      await host.clients.ec2.send(new StartInstancesCommand({ InstanceIds: [id('db')] }));
    };
    const left = async (grants: string, more: string, state: string) => {
      const fleet = `{ keys: { data: { grants: ${grants} } }, instances: { db: { volumes: [{ key: data }] } } }`;
      return (await world({ fleet, timeline: timeline(more), expectation: `{ resources: { db: { state: ${state} } } }` }, 5, start)).broken;
    };
    expect(await left('true', '', 'running')).toEqual([]);
    expect(await left('false', '', 'stopped')).toEqual([]);
    expect(await left('false', ', { at: 2m, do: change-key, key: data, grants: true }', 'running')).toEqual([]);
    expect(await left('true', ', { at: 2m, do: change-key, key: data, grants: false }', 'stopped')).toEqual([]);
  });

  test('a volume is impaired, and what listens on a port is sick', async () => {
    const { seen } = await world(
      {
        fleet: "{ instances: { web: { optedIn: false } }, targetGroups: { front: { instances: ['web:8080', 'web:8081'] } } }",
        timeline:
          '[{ at: 0s, do: impair-volume, on: web }, { at: 0s, do: break-volume, on: web, for: 5m }, { at: 0s, do: sick-target, on: web, port: 8081, targetGroup: front }]',
      },
      10,
      async (host, id) => {
        const { aws } = host;
        const arn = id('front');
        const { TargetHealthDescriptions = [] } = await host.operator.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }));
        return {
          ebs: aws.ec2.metrics('StatusCheckFailed_AttachedEBS', { InstanceId: id('web') }, aws.world.clock.now()),
          health: TargetHealthDescriptions.map(({ Target, TargetHealth }) => [Target?.Port, TargetHealth?.State]).sort(),
        };
      },
    );
    expect(seen).toEqual({
      ebs: 1,
      health: [
        [8080, 'healthy'],
        [8081, 'unhealthy'],
      ],
    });
  });

  test('hooks are answered from some time on', async () => {
    const { seen } = await world(
      {
        fleet: '{ groups: { shop: { min: 1, desired: 2, max: 4, hooks: { ready: { on: launch, timeout: 1h, answers: 10s } } } } }',
        timeline:
          '[{ at: 0s, do: answer-hooks, on: shop, hook: ready, after: 1m, result: ABANDON }, { at: 1m, do: resize, on: shop, desired: 3 }]',
      },
      15,
      (host) => host.aws.autoScaling.get('shop')?.inServiceIds.length,
    );
    expect(seen).toBeGreaterThanOrEqual(2);
  });

  test('an alarm is silenced, forced, and deleted', async () => {
    const alarmsOf = async ({ operator }: Host) =>
      (await operator.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(({ AlarmName, ActionsEnabled, StateValue }) => [
        AlarmName,
        ActionsEnabled,
        StateValue,
      ]);
    const fleet =
      '{ instances: { web: { optedIn: false } }, alarms: { a: { metric: instance, on: web }, b: { metric: instance, on: web }, c: { metric: { namespace: App, name: Depth }, missing: ignore, enabled: false } } }';
    const timeline =
      '[{ at: 0s, do: silence-alarm, alarm: a, for: 10m }, { at: 0s, do: delete-alarm, alarm: b }, { at: 0s, do: unsilence-alarm, alarm: c }, { at: 1m, do: force-alarm, alarm: c, state: OK }]';
    const { seen } = await world({ fleet, timeline }, 5, alarmsOf);
    expect(seen).toEqual([
      ['a', false, 'OK'],
      ['c', true, 'OK'],
    ]);
    expect((await world({ fleet, timeline }, 11, alarmsOf)).seen?.[0]).toEqual(['a', true, 'OK']);
  });

  test('a group gets other bounds, loses its tag, and is deleted with its members', async () => {
    const fleet = '{ groups: { shop: { desired: 2, max: 3 } } }';
    const timeline =
      '[{ at: 0s, do: resize, on: shop, desired: 1, min: 1, max: 1 }, { at: 1m, do: untag, on: shop, key: selfheal }, { at: 1m, do: tag, on: shop, key: team, value: web }, { at: 20m, do: delete-group, on: shop }]';
    const { seen } = await world({ fleet, timeline }, 10, (host) => group(host, 'shop'));
    expect(seen).toMatchObject({ MinSize: 1, MaxSize: 1, DesiredCapacity: 1, Tags: [{ Key: 'team', Value: 'web' }] });
    const after = await world({ fleet, timeline }, 40, ({ aws }) => ({
      group: aws.autoScaling.get('shop'),
      states: [...new Set([...aws.ec2.list()].map(({ state }) => state))],
    }));
    expect(after.seen).toEqual({ group: undefined, states: ['terminated'] });
  });

  test('an event says more than it has to, and is delivered again in a batch of which some can not be read', async () => {
    const event =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a scenario writes it
      "{ id: e, source: aws.cloudwatch, detail-type: CloudWatch Alarm State Change, account: '${account}', region: '${region}', time: '${now}', detail: { alarmName: a, state: { value: OK }, configuration: { metrics: [] } } }";
    const timeline = `[{ at: 0s, do: deliver, padding: 300000, event: ${event} }, { at: 1m, do: redeliver, batched: true }]`;
    const { seen } = await world({ fleet: '{ instances: { web: {} } }', timeline }, 5, ({ intakes }) =>
      intakes.map(({ result }) => result),
    );
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ rejected: [] });
    expect(seen[1]?.rejected.map(({ record }) => record)).toEqual([0, 2]);
    expect(seen[1]?.ignored).toBe(seen[0]?.ignored);
  });

  test('a new version has another policy, and what has begun stays on the one before', async () => {
    const text = `
name: n
hypothesis: h
policy: { approval: { timeout: 1800, required: [{ action: reboot-instance }] } }
fleet: { instances: { one: { alarms: [instance] }, two: { alarms: [instance] } } }
timeline:
  - { at: 0s, do: hang-kernel, on: one }
  - { at: 10m, do: change-policy, policy: { mode: dry-run, approval: {} } }
  - { at: 11m, do: hang-kernel, on: two }
expect:
  outcomes:
    - { resource: one, status: held }
    - { resource: two, status: dry-run }
  approvals: 1
  actions: 0
`;
    const read = readScenario(text, 'world.yml');
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    const broken = checkScenario(read.scenario.expect, await playScenario(read.scenario)).filter(({ holds }) => !holds);
    expect(broken).toEqual([]);
  });
});
