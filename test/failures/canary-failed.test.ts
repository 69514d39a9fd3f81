import { describe } from '@jest/globals';
import { canaryFailed } from '../../shared/failures/canary-failed.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { nothing } from './targets.ts';

describe('canary-failed', () => {
  const metrics: MetricClaim[] = [
    [['CloudWatchSynthetics'], ['SuccessPercent'], 'below', [[{ CanaryName: 'checkout' }, 'canary checkout'], nothing], 'escalate'],
    [['CloudWatchSynthetics'], ['Failed'], 'above', [[{ CanaryName: 'checkout' }, 'canary checkout'], nothing], 'escalate'],
    [['CloudWatchSynthetics'], ['5xx'], 'above', [[{ CanaryName: 'checkout' }, 'canary checkout']], 'escalate'],
  ];
  const events: EventClaim[] = [
    ['synthetics', 'failed', 'canary checkout', 'escalate'],
    ['synthetics', 'failed', null, 'escalate'],
  ];
  testClaims(canaryFailed, null, metrics, events);
});
