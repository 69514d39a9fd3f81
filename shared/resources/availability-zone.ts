import { DescribeAvailabilityZonesCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/** Zone ids look like `use1-az1`, names like `us-east-1a`; accounts may map the same name to different ids. */
const isId = (zone: string): boolean => /-az\d+$/.test(zone);

/**
 * An Availability Zone and its state in EC2. EC2 has no error code for a missing zone.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html
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
