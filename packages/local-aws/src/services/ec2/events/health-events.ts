import type { Fleet } from '../model/fleet.ts';
import type { Instance } from '../model/instance.ts';

/** `Fri, 20 Nov 2026 14:01:59 GMT`, as AWS Health writes times. */
const healthTime = (at: number): string => new Date(at).toUTCString();

export type HealthNotice = {
  arn: string;
  communicationId: string;
  typeCode: string;
  category: 'issue' | 'scheduledChange';
  status: 'open' | 'upcoming' | 'closed';
  entityStatus: 'IMPAIRED' | 'UNIMPAIRED' | 'PENDING' | 'RESOLVED';
  start: number;
  end?: number;
  text: string;
};

/** What EC2 and AWS Health tell about single instances on EventBridge, beside their states. */
export const createHealthEvents = (fleet: Fleet) => {
  const { world, random } = fleet;

  /** EC2's spot notices name the zone where other ARNs have region and account. */
  const spotArn = (instance: Instance): string => `arn:${world.partition}:ec2:${instance.zone.name}:instance/${instance.id}`;

  return {
    healthIdentity: (typeCode: string): { arn: string; communicationId: string } => {
      const suffix = `${typeCode}_${random.uuid()}`;
      return {
        arn: `arn:${world.partition}:health:${world.region}::event/EC2/${typeCode}/${suffix}`,
        communicationId: random.hex(64),
      };
    },

    /** https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html */
    health: (instance: Instance, notice: HealthNotice): void => {
      const now = healthTime(world.clock.now());
      world.putEvent({
        source: 'aws.health',
        detailType: 'AWS Health Event',
        resources: [instance.id],
        detail: {
          eventArn: notice.arn,
          service: 'EC2',
          eventTypeCode: notice.typeCode,
          eventTypeCategory: notice.category,
          eventScopeCode: 'ACCOUNT_SPECIFIC',
          communicationId: notice.communicationId,
          startTime: healthTime(notice.start),
          ...(notice.end === undefined ? {} : { endTime: healthTime(notice.end) }),
          lastUpdatedTime: now,
          statusCode: notice.status,
          eventRegion: world.region,
          eventDescription: [{ language: 'en_US', latestDescription: notice.text }],
          affectedEntities: [{ entityValue: instance.id, lastUpdatedTime: now, status: notice.entityStatus }],
          affectedAccount: world.account,
          page: '1',
          totalPages: '1',
        },
      });
    },

    /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
    rebalance: (instance: Instance): void =>
      world.putEvent({
        source: 'aws.ec2',
        detailType: 'EC2 Instance Rebalance Recommendation',
        resources: [spotArn(instance)],
        detail: { 'instance-id': instance.id },
      }),

    /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
    spotInterruption: (instance: Instance): void =>
      world.putEvent({
        source: 'aws.ec2',
        detailType: 'EC2 Spot Instance Interruption Warning',
        resources: [spotArn(instance)],
        detail: { 'instance-id': instance.id, 'instance-action': 'terminate' },
      }),
  };
};

export type HealthEvents = ReturnType<typeof createHealthEvents>;
