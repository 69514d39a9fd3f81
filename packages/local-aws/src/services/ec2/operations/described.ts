import type * as Sdk from '@aws-sdk/client-ec2';
import type { Described, PlacedFleet, PlacedReservation } from '../../../core/service-interfaces.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import { checkForm, dryRun } from './common.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, type PageInput, page } from './pages.ts';

type Out<Output> = Omit<Output, '$metadata'>;
type Numbered<Placed> = Required<Placed> & { seq: number };

/**
 * What EC2 has beside instances and volumes, as it is described: fleets and capacity reservations that a world has been given.
 * Nothing here changes by itself.
 */
export const createDescribed = (fleet: Fleet): { operations: Record<string, Operation>; place: Omit<Described, 'snapshot'> } => {
  const { world } = fleet;
  const { account, region } = world;
  const fleets = new Map<string, Numbered<PlacedFleet>>();
  const reservations = new Map<string, Numbered<PlacedReservation>>();
  const zone = `${region}a`;

  const add = <Placed extends { id: string }>(rows: Map<string, Numbered<Placed>>, placed: Required<Placed>): void => {
    if (!rows.has(placed.id)) rows.set(placed.id, { ...placed, seq: fleet.nextSequence() });
  };

  /** The rows that a call names, or all of one page of them. */
  const asked = <Row extends { id: string; seq: number }>(
    call: string,
    rows: Iterable<Row>,
    input: PageInput & { Filters?: Sdk.Filter[] | undefined },
    {
      ids = [],
      least,
      table,
      missing,
    }: { ids: readonly string[] | undefined; least: number; table: FilterTable<Row>; missing: (id: string) => AwsError },
  ): { rows: Row[]; NextToken?: string } => {
    const rules = { call, least, most: 1000 };
    checkPage(rules, input, { name: 'ids', given: ids.length > 0 });
    const matches = compileFilters(table, input.Filters);
    const all = [...rows];
    const unknown = ids.find((id) => !all.some((row) => row.id === id));
    if (unknown !== undefined) throw missing(unknown);
    dryRun(input);
    return page(
      rules,
      input,
      all.filter((row) => (ids.length === 0 || ids.includes(row.id)) && matches(row)),
      ({ seq }) => seq,
    );
  };

  const fleetIds = (ids: readonly string[] | undefined, prefix: string, code: string): void => {
    const malformed = ids?.find((id) => !new RegExp(`^${prefix}-[0-9a-f-]{8,64}$`).test(id));
    if (malformed !== undefined) throw new AwsError(`${code}.Malformed`, `The fleet id ${malformed.slice(0, 100)} is malformed`);
  };
  const fleetsOf = (prefix: string) => [...fleets.values()].filter(({ id }) => id.startsWith(prefix));

  const describeFleets = (input: Sdk.DescribeFleetsCommandInput): Out<Sdk.DescribeFleetsCommandOutput> => {
    fleetIds(input.FleetIds, 'fleet', 'InvalidFleetId');
    const { rows, ...next } = asked('DescribeFleets', fleetsOf('fleet-'), input, {
      ids: input.FleetIds,
      least: 1,
      table: { 'activity-status': ({ activity }) => activity, 'fleet-state': () => 'active', type: () => 'maintain' },
      missing: (id) => new AwsError('InvalidFleetId.NotFound', `The fleet ID '${id}' does not exist`),
    });
    return {
      Fleets: rows.map(({ id, createdAt, activity, fulfilled, target }) => ({
        FleetId: id,
        CreateTime: new Date(createdAt),
        FleetState: 'active',
        ActivityStatus: activity,
        FulfilledCapacity: fulfilled,
        TargetCapacitySpecification: { TotalTargetCapacity: target },
        Type: 'maintain',
      })),
      ...next,
    };
  };

  const describeSpotFleets = (input: Sdk.DescribeSpotFleetRequestsCommandInput): Out<Sdk.DescribeSpotFleetRequestsCommandOutput> => {
    fleetIds(input.SpotFleetRequestIds, 'sfr', 'InvalidSpotFleetRequestId');
    const { rows, ...next } = asked('DescribeSpotFleetRequests', fleetsOf('sfr-'), input, {
      ids: input.SpotFleetRequestIds,
      least: 1,
      table: {},
      missing: (id) => new AwsError('InvalidSpotFleetRequestId.NotFound', `The spot fleet request ID '${id}' does not exist`),
    });
    return {
      SpotFleetRequestConfigs: rows.map(({ id, createdAt, activity, fulfilled, target }) => ({
        SpotFleetRequestId: id,
        CreateTime: new Date(createdAt),
        SpotFleetRequestState: 'active',
        ActivityStatus: activity,
        SpotFleetRequestConfig: {
          IamFleetRole: `arn:${world.partition}:iam::${account}:role/aws-ec2-spot-fleet-tagging-role`,
          FulfilledCapacity: fulfilled,
          TargetCapacity: target,
          Type: 'maintain',
        },
      })),
      ...next,
    };
  };

  const describeReservations = (
    input: Sdk.DescribeCapacityReservationsCommandInput,
  ): Out<Sdk.DescribeCapacityReservationsCommandOutput> => {
    checkForm(input.CapacityReservationIds ?? [], 'cr', 'InvalidCapacityReservationId');
    const { rows, ...next } = asked('DescribeCapacityReservations', reservations.values(), input, {
      ids: input.CapacityReservationIds,
      least: 1,
      table: { 'availability-zone': () => zone, 'instance-type': () => 'm7i.large', state: ({ state }) => state },
      missing: (id) => new AwsError('InvalidCapacityReservationId.NotFound', `The capacity reservation ID '${id}' does not exist`),
    });
    return {
      CapacityReservations: rows.map(({ id, createdAt, state, free, total }) => ({
        CapacityReservationId: id,
        CapacityReservationArn: world.arn('ec2', `capacity-reservation/${id}`),
        OwnerId: account,
        CreateDate: new Date(createdAt),
        StartDate: new Date(createdAt),
        State: state,
        AvailabilityZone: zone,
        InstanceType: 'm7i.large',
        InstancePlatform: 'Linux/UNIX',
        Tenancy: 'default',
        EndDateType: 'unlimited',
        InstanceMatchCriteria: 'open',
        AvailableInstanceCount: free,
        TotalInstanceCount: total,
      })),
      ...next,
    };
  };

  const operations = {
    DescribeFleets: operation<Sdk.DescribeFleetsCommandInput, Sdk.DescribeFleetsCommandOutput>(
      () => sdk.ec2().DescribeFleets$,
      describeFleets,
    ),
    DescribeSpotFleetRequests: operation<Sdk.DescribeSpotFleetRequestsCommandInput, Sdk.DescribeSpotFleetRequestsCommandOutput>(
      () => sdk.ec2().DescribeSpotFleetRequests$,
      describeSpotFleets,
    ),
    DescribeCapacityReservations: operation<Sdk.DescribeCapacityReservationsCommandInput, Sdk.DescribeCapacityReservationsCommandOutput>(
      () => sdk.ec2().DescribeCapacityReservations$,
      describeReservations,
    ),
  };

  return {
    operations,
    place: {
      fleet: ({ target = 4, fulfilled = target, activity = 'fulfilled', ...rest }) => add(fleets, { ...rest, target, fulfilled, activity }),
      reservation: ({ total = 4, free = total, state = 'active', ...rest }) => add(reservations, { ...rest, total, free, state }),
    },
  };
};
