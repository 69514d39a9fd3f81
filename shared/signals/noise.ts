import { excerpt } from '../model/malformed.ts';

/** Why an EventBridge event that no module claims is not a failure. */
export const noise = (source: string, detailType: string): string => {
  if (source === 'selfheal') return 'an outcome published by selfheal';
  if (!source.startsWith('aws.')) return `not an AWS event: its source is ${excerpt(source)}`;
  if (source === 'aws.cloudwatch') return `${excerpt(detailType)} is not an alarm state change`;
  return `selfheal doesn't serve ${excerpt(detailType)} of ${excerpt(source)}`;
};
