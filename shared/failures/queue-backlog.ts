import { defineFailure, escalate, metricAlarm } from './define.ts';

export const queueBacklog = defineFailure({
  id: 'queue-backlog',
  severity: 'medium',
  says: 'work piles up faster than it is done',
  match: [
    metricAlarm({
      namespace: 'AWS/SQS',
      metric: [
        'ApproximateAgeOfOldestMessage',
        'ApproximateNumberOfMessagesVisible',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
      direction: 'above',
      named: 'queue',
    }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: ['IteratorAge', 'AsyncEventAge'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/Kinesis', metric: 'GetRecords.IteratorAgeMilliseconds', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/AmazonMQ', metric: ['QueueSize', 'MessageCount'], direction: 'above', named: 'queue' }),
  ],
  playbook: escalate('which group works on the queue is not known from the queue'),
});
