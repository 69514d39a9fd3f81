import { describe } from '@jest/globals';
import { queueBacklog } from '../../shared/failures/queue-backlog.ts';
import { type EventClaim, type MetricClaim, testClaims } from './claims.ts';

describe('queue-backlog', () => {
  const metrics: MetricClaim[] = [
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'above', { QueueName: 'orders' }, 'queue orders', 'escalate'],
    ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'above', { QueueName: 'orders' }, 'queue orders', 'escalate'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', 'above', { QueueName: 'orders' }, 'queue orders', 'escalate'],
    ['AWS/SQS', 'ApproximateNumberOfMessagesDelayed', 'above', { QueueName: 'orders' }, 'queue orders', 'escalate'],
    ['AWS/Lambda', 'IteratorAge', 'above', { FunctionName: 'checkout' }, 'service checkout', 'escalate'],
    ['AWS/Lambda', 'IteratorAge', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/Lambda', 'AsyncEventAge', 'above', { FunctionName: 'checkout' }, 'service checkout', 'escalate'],
    ['AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', 'above', { StreamName: 'clicks' }, 'service clicks', 'escalate'],
    ['AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/AmazonMQ', 'QueueSize', 'above', { Broker: 'orders' }, 'queue orders', 'escalate'],
    ['AWS/AmazonMQ', 'QueueSize', 'above', {}, 'alarm an-alarm', 'escalate'],
    ['AWS/AmazonMQ', 'MessageCount', 'above', { Broker: 'orders' }, 'queue orders', 'escalate'],
  ];
  const events: EventClaim[] = [];
  testClaims(queueBacklog, null, metrics, events);
});
