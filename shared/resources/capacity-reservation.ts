import { DescribeCapacityReservationsCommand } from '@aws-sdk/client-ec2';
import { utc } from '../model/text.ts';
import type { ResourceKind } from './resource-kind.ts';

/**
 * A capacity reservation and its free capacity.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservation.html
 */
export const capacityReservation: ResourceKind = {
  id: 'capacity-reservation',
  types: ['capacity-reservation'],
  noun: 'capacity reservation',
  permissions: ['ec2:DescribeCapacityReservations'],
  notFound: ['InvalidCapacityReservationId.NotFound'],
  is: () => true,
  trailName: () => null,
  observe: async ({ ec2 }, { resource: { id } }) => {
    const { CapacityReservations } = await ec2.send(new DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] }));
    const found = CapacityReservations?.[0];
    if (!found) return null;
    const { State = 'unknown', AvailableInstanceCount = 0, TotalInstanceCount = 0, InstanceType, AvailabilityZone, EndDate } = found;
    const since = State === 'active' ? found.StartDate : State === 'expired' ? EndDate : undefined;
    const facts = [`${AvailableInstanceCount} of ${TotalInstanceCount} ${InstanceType} free in ${AvailabilityZone}`];
    if (EndDate && State === 'active') facts.push(`ends ${utc(EndDate.getTime())}`);
    return { state: State, since: since?.getTime() ?? null, createdAt: found.CreateDate?.getTime() ?? null, changed: null, facts };
  },
};
