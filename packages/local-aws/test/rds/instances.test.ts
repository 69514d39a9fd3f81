import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  AddTagsToResourceCommand,
  DescribeDBInstancesCommand,
  DescribeEventsCommand,
  ListTagsForResourceCommand,
  RDSClient,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { rdsParameters } from '../../src/core/model-parameters.ts';
import { createLocalAws, type LocalAws } from '../../src/local-aws.ts';
import { inProcess } from '../../src/wire/in-process-transport.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const { start, region } = worldOptions;
const minute = 60_000;
const DBInstanceIdentifier = 'orders';
const { connections } = rdsParameters;

let aws: LocalAws;
let rds: RDSClient;
const found = async () => {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances?.[0] ?? {};
};
const reboot = (more = {}) => rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier, ...more }));

beforeEach(() => {
  aws = createLocalAws(worldOptions);
  rds = new RDSClient({
    region,
    credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: inProcess(aws.handle),
  } as never);
});
afterEach(() => aws.close());

describe('a database instance', () => {
  test('is down while it reboots, which two events tell, and applies what was pending', async () => {
    aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance', pending: { AllocatedStorage: 200 } });
    expect((await reboot()).DBInstance?.DBInstanceStatus).toBe('rebooting');
    expect(await refusal(reboot())).toMatchObject({ code: 'InvalidDBInstanceStateFault', status: 400 });
    await aws.advanceTo(start + 3 * minute);
    expect(await found()).toMatchObject({ DBInstanceStatus: 'available', PendingModifiedValues: {}, AvailabilityZone: `${region}a` });
    const { Events } = await rds.send(new DescribeEventsCommand({ SourceIdentifier: DBInstanceIdentifier, SourceType: 'db-instance' }));
    expect(Events?.map(({ Message }) => Message)).toEqual(['DB instance shutdown', 'DB instance restarted']);
  });

  test('sends the events of a reboot to EventBridge', async () => {
    aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance' });
    await reboot();
    aws.world.clock.advanceTo(start + 3 * minute);
    const sent = aws.world.outbox.flatMap((one) => (one.to === 'eventbridge' ? [one.event] : []));
    expect(sent).toMatchObject([
      { source: 'aws.rds', 'detail-type': 'RDS DB Instance Event', detail: { EventID: 'RDS-EVENT-0004', SourceIdentifier: 'orders' } },
      { source: 'aws.rds', detail: { EventID: 'RDS-EVENT-0006', EventCategories: ['availability'] } },
    ]);
  });

  test('fails over to the other zone only where it has one', async () => {
    aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance' });
    aws.rds.place({ id: 'lone', kind: 'instance', multiAz: false });
    await reboot({ ForceFailover: true });
    await aws.advanceTo(start + 3 * minute);
    expect((await found()).AvailabilityZone).toBe(`${region}b`);
    const lone = reboot({ DBInstanceIdentifier: 'lone', ForceFailover: true });
    expect(await refusal(lone)).toMatchObject({ code: 'InvalidParameterCombination' });
  });

  test('has its tags and its maintenance window', async () => {
    aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance', maintenanceWindow: 'sat:23:45-sun:00:15', tags: { team: 'shop' } });
    const ResourceName = (await found()).DBInstanceArn;
    await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'selfheal', Value: 'on' }] }));
    await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['team'] }));
    const tags = [{ Key: 'selfheal', Value: 'on' }];
    expect(await found()).toMatchObject({ PreferredMaintenanceWindow: 'sat:23:45-sun:00:15', TagList: tags });
    expect((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual(tags);
    const elsewhere = new ListTagsForResourceCommand({ ResourceName: `${ResourceName}-2` });
    expect(await refusal(rds.send(elsewhere))).toMatchObject({ code: 'DBInstanceNotFoundFault', status: 404 });
  });

  test('has no connection left while its clients leak them, until it is rebooted', async () => {
    aws.rds.place({ id: DBInstanceIdentifier, kind: 'instance' });
    await aws.advanceTo(start + 5 * minute);
    aws.faults.inject({ fault: 'exhaust-connections', target: DBInstanceIdentifier });
    await aws.advanceTo(start + 10 * minute);
    await reboot();
    await aws.advanceTo(start + 15 * minute);
    const query = {
      Id: 'connections',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/RDS',
          MetricName: 'DatabaseConnections',
          Dimensions: [{ Name: 'DBInstanceIdentifier', Value: DBInstanceIdentifier }],
        },
        Period: 60,
        Stat: 'Maximum',
      },
    };
    const { cloudWatch } = localClients(aws.handle);
    const { MetricDataResults } = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query],
        StartTime: new Date(start),
        EndTime: new Date(start + 15 * minute),
        ScanBy: 'TimestampAscending',
      }),
    );
    const { Values = [] } = MetricDataResults?.[0] ?? {};
    expect(Values.slice(0, 4)).toEqual(Array(4).fill(connections.idle));
    expect(Values[7]).toBe(connections.most);
    expect(Values.at(-1)).toBe(connections.idle);
    expect(() => aws.faults.inject({ fault: 'exhaust-connections', target: 'none' })).toThrow(RangeError);
  });
});
