import { excerpt } from './malformed.ts';

/** Why an EventBridge event that no module claims is no failure to selfheal. */
export const noise = (source: string, detailType: string): string => {
  if (source === 'selfheal') return 'an outcome that selfheal published itself';
  if (!source.startsWith('aws.')) return `not an event of AWS: its source is ${excerpt(source)}`;
  if (source === 'aws.cloudwatch') return `${excerpt(detailType)} is not a change of an alarm's state`;
  return `selfheal doesn't serve ${excerpt(detailType)} of ${excerpt(source)}`;
};
