import { DescribeSpotFleetRequestsCommand } from '@aws-sdk/client-ec2';
import type { ResourceKind } from './resource-kind.ts';

/**
 * A Spot Fleet request and its fulfilled capacity.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotFleetRequestConfig.html
 */
export const spotFleet: ResourceKind = {
  id: 'spot-fleet',
  types: ['fleet'],
  noun: 'Spot Fleet',
  permissions: ['ec2:DescribeSpotFleetRequests'],
  notFound: ['InvalidSpotFleetRequestId.NotFound'],
  is: ({ resource }) => resource.id.startsWith('sfr-'),
  trailName: () => null,
  observe: async ({ ec2 }, { resource: { id } }) => {
    const { SpotFleetRequestConfigs } = await ec2.send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [id] }));
    const found = SpotFleetRequestConfigs?.[0];
    if (!found) return null;
    const { SpotFleetRequestState = 'unknown', ActivityStatus, SpotFleetRequestConfig: settings } = found;
    const facts = [
      ActivityStatus ? `activity ${ActivityStatus}` : '',
      `capacity ${settings?.FulfilledCapacity ?? 0} of ${settings?.TargetCapacity ?? 0}`,
      settings?.Type ? `type ${settings.Type}` : '',
      settings?.ValidUntil ? `valid until ${settings.ValidUntil.toISOString().slice(0, 10)}` : '',
    ];
    return {
      state: SpotFleetRequestState,
      since: null,
      createdAt: found.CreateTime?.getTime() ?? null,
      changed: null,
      facts,
    };
  },
};
