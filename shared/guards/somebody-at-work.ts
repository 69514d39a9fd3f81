import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { attempt } from '../aws/call.ts';
import { appId } from '../aws/clients.ts';
import { formatDuration } from '../incident/duration.ts';
import { defineGuard, holdForNow, pass } from './guard.ts';

/** Permissions of its look-up; held against the packaged template. */
export const somebodyAtWorkPermissions = ['cloudtrail:LookupEvents'] as const;

/** Calls by which somebody says how he wants a resource to be. */
const interventions = new Set([
  'StopInstances',
  'StartInstances',
  'RebootInstances',
  'TerminateInstances',
  'TerminateInstanceInAutoScalingGroup',
  'SetDesiredCapacity',
  'UpdateAutoScalingGroup',
]);

/** Whether a call had no effect, or was made by selfheal itself or by a group for itself: those are looked at elsewhere. */
const isOrdinary = (record: string | undefined): boolean => {
  try {
    const {
      userAgent = '',
      userIdentity: { type, invokedBy } = {},
      errorCode,
    } = JSON.parse(record ?? '{}') as {
      errorCode?: string;
      userAgent?: string;
      userIdentity?: { type?: string; invokedBy?: string };
    };
    if (errorCode !== undefined) return true;
    return type === 'AWSService' || invokedBy === 'autoscaling.amazonaws.com' || userAgent.split(' ').includes(`app/${appId}`);
  } catch {
    return false;
  }
};

/**
 * Somebody who has just stopped, started, ended or resized it is taken to be still at work on it. CloudTrail tells of a call up to a
 * quarter of an hour late, and takes two look-ups a second: so it can only add a hold, and where it can't be asked the live state
 * reason, which `asked-for` has looked at, has the word alone. A reboot undoes nothing that anybody did, and doesn't ask.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const somebodyAtWork = defineGuard({
  id: 'somebody-at-work',
  check: async ({ action, target, clients: { cloudTrail }, policy, now }) => {
    const seconds = policy.healers.person;
    if (action.id === 'reboot-instance' || seconds === 0) return pass;
    const found = await attempt(() =>
      cloudTrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: target.id }],
          StartTime: new Date(now - seconds * 1000),
          EndTime: new Date(now),
        }),
      ),
    );
    if (!found.ok) return pass;
    const [event] = (found.value.Events ?? []).filter(
      ({ EventName = '', CloudTrailEvent }) => interventions.has(EventName) && !isOrdinary(CloudTrailEvent),
    );
    if (!event) return pass;
    const ago = formatDuration(Math.max(0, (now - (event.EventTime?.getTime() ?? now)) / 1000));
    return holdForNow(`${event.Username ?? 'somebody'} called ${event.EventName} on it ${ago} ago, and may still be at work on it`);
  },
});
