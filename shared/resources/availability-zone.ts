import { DescribeAvailabilityZonesCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/** Zone ids are `use1-az1`, names `us-east-1a`; an account's names may stand for other ids than another account's. */
const isId = (zone: string): boolean => /-az\d+$/.test(zone);

/**
 * An Availability Zone, and what EC2 says of it. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html
 * EC2 has no code of its own for a zone that doesn't exist, so nothing says that one is gone.
 */
export const availabilityZone: ResourceKind = {
  id: 'availability-zone',
  types: ['zone'],
  noun: 'Availability Zone',
  permissions: ['ec2:DescribeAvailabilityZones'],
  notFound: [],
  is: () => true,
  trailName: () => null,
  observe: async ({ ec2 }, { resource: { id } }) => {
    const asked = isId(id) ? { ZoneIds: [id] } : { ZoneNames: [id] };
    const { AvailabilityZones } = await ec2.send(new DescribeAvailabilityZonesCommand({ ...asked, AllAvailabilityZones: true }));
    const found = AvailabilityZones?.[0];
    if (!found) return null;
    const { State = 'unknown', ZoneName, ZoneId, OptInStatus, Messages = [] } = found;
    const facts = [
      ...Messages.map(({ Message = '' }) => Message),
      isId(id) ? `here ${ZoneName}` : `zone id ${ZoneId}`,
      OptInStatus === 'not-opted-in' ? 'not opted in' : '',
    ];
    return { state: State, since: null, createdAt: null, changed: null, facts };
  },
};
