import { ACMClient, DescribeCertificateCommand, waitUntilCertificateValidated } from '@aws-sdk/client-acm';
import {
  DescribeCapacityReservationsCommand,
  DescribeFleetsCommand,
  DescribeSnapshotsCommand,
  DescribeSpotFleetRequestsCommand,
  EC2Client,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  UpdateServiceCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs';
import {
  GetFunctionCommand,
  LambdaClient,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import {
  DescribeBlueGreenDeploymentsCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBProxiesCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  paginateDescribeDBInstances,
  RDSClient,
  waitUntilDBInstanceAvailable,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../src/local-aws.ts';
import { inProcess } from '../src/wire/in-process-transport.ts';
import { refusal, worldOptions } from './harness.ts';

const { start, region, account } = worldOptions;
const minute = 60_000;

let aws: LocalAws;
const clientOf = <Client>(Client: new (settings: never) => Client): Client =>
  new Client({
    region,
    credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' },
    maxAttempts: 1,
    requestHandler: inProcess(aws.handle),
  } as never);
const soon = { maxWaitTime: 5, minDelay: 1, maxDelay: 1 };

beforeEach(() => {
  aws = createLocalAws(worldOptions);
});
afterEach(() => aws.close());

describe('RDS', () => {
  test('pages through databases, and finds one in any case', async () => {
    for (let i = 0; i < 45; i++) aws.rds.place({ id: `db-${i}`, kind: 'instance', createdAt: start - i * minute });
    aws.rds.place({ id: 'db-0', kind: 'cluster' });
    const client = clientOf(RDSClient);
    const pages: number[] = [];
    for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client, pageSize: 20 }, {})) pages.push(DBInstances.length);
    expect(pages).toEqual([20, 20, 5]);
    const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'DB-7' }));
    expect(DBInstances).toMatchObject([
      { DBInstanceIdentifier: 'db-7', DBInstanceStatus: 'available', InstanceCreateTime: new Date(start - 7 * minute) },
    ]);
    expect((await waitUntilDBInstanceAvailable({ client, ...soon }, { DBInstanceIdentifier: 'db-7' })).state).toBe('SUCCESS');
  });

  test('tells of events within the time that is asked for', async () => {
    aws.rds.place({ id: 'orders', kind: 'instance' });
    aws.rds.change('instance', 'orders', 'rebooting', { message: 'DB instance shutdown', categories: ['availability'] });
    await aws.advanceTo(start + 50 * minute);
    aws.rds.change('instance', 'orders', 'available', { message: 'DB instance restarted', categories: ['availability'] });
    const client = clientOf(RDSClient);
    const told = async (Duration: number) => {
      const { Events = [] } = await client.send(
        new DescribeEventsCommand({ SourceIdentifier: 'orders', SourceType: 'db-instance', Duration }),
      );
      return Events.map(({ Message }) => Message);
    };
    expect(await told(60)).toEqual(['DB instance shutdown', 'DB instance restarted']);
    expect(await told(10)).toEqual(['DB instance restarted']);
  });

  // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
  test.each([
    ['an instance', new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'none' }), 'DBInstanceNotFoundFault', 404],
    ['a cluster', new DescribeDBClustersCommand({ DBClusterIdentifier: 'none' }), 'DBClusterNotFoundFault', 404],
    ['a snapshot', new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'none' }), 'DBSnapshotNotFoundFault', 404],
    [
      "a cluster's snapshot",
      new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'none' }),
      'DBClusterSnapshotNotFoundFault',
      404,
    ],
    ['a proxy', new DescribeDBProxiesCommand({ DBProxyName: 'none' }), 'DBProxyNotFoundFault', 404],
    [
      'a deployment',
      new DescribeBlueGreenDeploymentsCommand({ BlueGreenDeploymentIdentifier: 'bgd-none' }),
      'BlueGreenDeploymentNotFoundFault',
      404,
    ],
    ['a filter that it has not', new DescribeDBProxiesCommand({ Filters: [{ Name: 'x', Values: ['y'] }] }), 'InvalidParameterValue', 400],
    ['a page that is too small', new DescribeDBInstancesCommand({ MaxRecords: 5 }), 'InvalidParameterValue', 400],
    ['events of one source of no type', new DescribeEventsCommand({ SourceIdentifier: 'x' }), 'InvalidParameterCombination', 400],
  ])('refuses %s as AWS does', async (_, command, code, status) => {
    expect(await refusal(clientOf(RDSClient).send(command as never))).toMatchObject({ code, status });
  });
});

describe('EC2', () => {
  test('pages through snapshots, and filters them', async () => {
    for (let i = 0; i < 12; i++)
      aws.ec2.placed.snapshot({ id: `snap-${i.toString(16).padStart(17, '0')}`, startedAt: start, state: i % 2 ? 'error' : 'completed' });
    const client = clientOf(EC2Client);
    const pages: number[] = [];
    for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client, pageSize: 5 }, {})) pages.push(Snapshots.length);
    expect(pages).toEqual([5, 5, 2]);
    const { Snapshots } = await client.send(new DescribeSnapshotsCommand({ Filters: [{ Name: 'status', Values: ['error'] }] }));
    expect(Snapshots).toHaveLength(6);
  });

  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
  test.each([
    ['a snapshot', new DescribeSnapshotsCommand({ SnapshotIds: ['snap-0123456789abcdef0'] }), 'InvalidSnapshot.NotFound'],
    ['no id of a snapshot', new DescribeSnapshotsCommand({ SnapshotIds: ['x'] }), 'InvalidSnapshotID.Malformed'],
    ['a fleet', new DescribeFleetsCommand({ FleetIds: ['fleet-0123456789'] }), 'InvalidFleetId.NotFound'],
    ['no id of a fleet', new DescribeFleetsCommand({ FleetIds: ['sfr-0123456789'] }), 'InvalidFleetId.Malformed'],
    ['a Spot Fleet', new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: ['sfr-01234567'] }), 'InvalidSpotFleetRequestId.NotFound'],
    [
      'a capacity reservation',
      new DescribeCapacityReservationsCommand({ CapacityReservationIds: ['cr-0123456789abcdef0'] }),
      'InvalidCapacityReservationId.NotFound',
    ],
  ])('refuses %s as AWS does', async (_, command, code) => {
    expect(await refusal(clientOf(EC2Client).send(command as never))).toMatchObject({ code, status: 400 });
  });
});

describe('ECS', () => {
  const client = () => clientOf(ECSClient);

  test('names what it does not know among the failures', async () => {
    aws.ecs.place({ cluster: 'prod', name: 'checkout' });
    const { services, failures } = await client().send(new DescribeServicesCommand({ cluster: 'prod', services: ['checkout', 'none'] }));
    expect(services).toMatchObject([{ serviceName: 'checkout', status: 'ACTIVE', createdAt: new Date(start) }]);
    expect(failures).toEqual([{ arn: `arn:aws:ecs:${region}:${account}:service/prod/none`, reason: 'MISSING' }]);
  });

  test('is stable once as many tasks run as are wanted', async () => {
    aws.ecs.place({ cluster: 'prod', name: 'checkout' });
    const waited = await waitUntilServicesStable({ client: client(), ...soon }, { cluster: 'prod', services: ['checkout'] });
    expect(waited.state).toBe('SUCCESS');
  });

  test('keeps a deployment beside the one before it', async () => {
    aws.ecs.place({ cluster: 'prod', name: 'checkout' });
    aws.ecs.placeTaskDefinition('checkout', 2);
    await aws.advanceTo(start + minute);
    const { service } = await client().send(
      new UpdateServiceCommand({ cluster: 'prod', service: 'checkout', taskDefinition: 'checkout:2' }),
    );
    expect(service?.deployments).toMatchObject([
      { status: 'PRIMARY', createdAt: new Date(start + minute), rolloutState: 'IN_PROGRESS' },
      { status: 'ACTIVE', rolloutState: 'COMPLETED' },
    ]);
  });

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
  test.each([
    ['a cluster', new DescribeTasksCommand({ cluster: 'none', tasks: ['x'] }), 'ClusterNotFoundException'],
    ['no services', new DescribeServicesCommand({ cluster: 'prod', services: [] }), 'InvalidParameterException'],
    ['too many', new DescribeServicesCommand({ cluster: 'prod', services: Array(11).fill('x') }), 'InvalidParameterException'],
    ['a service to update', new UpdateServiceCommand({ cluster: 'prod', service: 'none' }), 'ServiceNotFoundException'],
  ])('refuses %s as AWS does', async (_, command, code) => {
    aws.ecs.place({ cluster: 'prod', name: 'checkout' });
    expect(await refusal(client().send(command as never))).toMatchObject({ code, status: 400 });
  });
});

describe('Certificate Manager', () => {
  const arn = `arn:aws:acm:${region}:${account}:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b`;
  const client = () => clientOf(ACMClient);

  test('describes a certificate, as one that is validated', async () => {
    aws.acm.place({ arn, domain: 'example.com', issuedAt: start });
    const { Certificate } = await client().send(new DescribeCertificateCommand({ CertificateArn: arn }));
    expect(Certificate).toMatchObject({ Status: 'ISSUED', IssuedAt: new Date(start), RenewalEligibility: 'INELIGIBLE', InUseBy: [] });
    expect((await waitUntilCertificateValidated({ client: client(), ...soon }, { CertificateArn: arn })).state).toBe('SUCCESS');
  });

  test.each([
    [arn, 'ResourceNotFoundException'],
    ['certificate', 'InvalidArnException'],
  ])('refuses %s with %s', async (CertificateArn, code) => {
    expect(await refusal(client().send(new DescribeCertificateCommand({ CertificateArn })))).toMatchObject({ code, status: 400 });
  });
});

describe('Lambda', () => {
  test('has an update in progress for a while, and takes no other one until then', async () => {
    aws.lambda.place({ name: 'checkout', modifiedAt: start });
    const client = clientOf(LambdaClient);
    const update = () =>
      client.send(new UpdateFunctionCodeCommand({ FunctionName: 'checkout', ZipFile: new Uint8Array([1]), Publish: true }));
    expect(await update()).toMatchObject({ Version: '1', LastModified: '2026-11-20T12:00:00.000+0000' });
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'checkout' }));
    expect(Configuration).toMatchObject({ State: 'Active', LastUpdateStatus: 'InProgress' });
    expect(await refusal(update())).toMatchObject({ code: 'ResourceConflictException', status: 409 });
    await aws.advanceTo(start + minute);
    expect((await waitUntilFunctionUpdatedV2({ client, ...soon }, { FunctionName: 'checkout' })).state).toBe('SUCCESS');
  });

  test('moves an alias only from the revision that is named', async () => {
    aws.lambda.place({ name: 'checkout', modifiedAt: start, published: [start, start], aliases: { live: '1' } });
    const client = clientOf(LambdaClient);
    const move = (RevisionId?: string, FunctionVersion = '2') =>
      client.send(
        new UpdateAliasCommand({ FunctionName: 'checkout', Name: 'live', FunctionVersion, ...(RevisionId ? { RevisionId } : {}) }),
      );
    expect(await move()).toMatchObject({ FunctionVersion: '2' });
    expect(await refusal(move('another'))).toMatchObject({ code: 'PreconditionFailedException', status: 412 });
    expect(await refusal(move(undefined, '9'))).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });
});
