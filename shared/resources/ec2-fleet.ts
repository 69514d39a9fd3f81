import { DescribeFleetsCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/** An EC2 Fleet and its fulfilled capacity. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FleetData.html */
export const ec2Fleet: ResourceKind = {
  id: 'ec2-fleet',
  types: ['fleet'],
  noun: 'EC2 Fleet',
  permissions: ['ec2:DescribeFleets'],
  notFound: ['InvalidFleetId.NotFound'],
  is: ({ resource }) => resource.id.startsWith('fleet-'),
  trailName: () => null,
  observe: async ({ ec2 }, { resource: { id } }) => {
    const { Fleets } = await ec2.send(new DescribeFleetsCommand({ FleetIds: [id] }));
    const found = Fleets?.[0];
    if (!found) return null;
    const { FleetState = 'unknown', ActivityStatus, FulfilledCapacity = 0, TargetCapacitySpecification, Type, ValidUntil } = found;
    const facts = [
      ActivityStatus ? `activity ${ActivityStatus}` : '',
      `capacity ${FulfilledCapacity} of ${TargetCapacitySpecification?.TotalTargetCapacity ?? 0}`,
      Type ? `type ${Type}` : '',
      ValidUntil ? `valid until ${ValidUntil.toISOString().slice(0, 10)}` : '',
    ];
    return {
      state: FleetState,
      since: null,
      createdAt: found.CreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
