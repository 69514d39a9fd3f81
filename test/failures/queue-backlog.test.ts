import { describe } from '@jest/globals';
import { queueBacklog } from '../../shared/failures/queue-backlog.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';
import { lambdaFunction, nothing, queue } from './targets.ts';

describe('queue-backlog', () => {
  const metrics: MetricClaim[] = [
    [['AWS/SQS'], ['ApproximateAgeOfOldestMessage'], 'above', [queue, nothing], 'escalate'],
    [
      ['AWS/SQS'],
      ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'],
      'above',
      [queue],
      'escalate',
    ],
    [['AWS/Lambda'], ['IteratorAge'], 'above', [lambdaFunction, nothing], 'escalate'],
    [['AWS/Lambda'], ['AsyncEventAge'], 'above', [lambdaFunction], 'escalate'],
    [['AWS/Kinesis'], ['GetRecords.IteratorAgeMilliseconds'], 'above', [[{ StreamName: 'clicks' }, 'service clicks'], nothing], 'escalate'],
    [['AWS/AmazonMQ'], ['QueueSize'], 'above', [[{ Broker: 'orders' }, 'queue orders'], nothing], 'escalate'],
    [['AWS/AmazonMQ'], ['MessageCount'], 'above', [[{ Broker: 'orders' }, 'queue orders']], 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(queueBacklog, null, metrics, events);
});
