import { defineFailure, escalate, metricAlarm } from './define.ts';

export const queueBacklog = defineFailure({
  id: 'queue-backlog',
  severity: 'medium',
  says: 'work arrives faster than it is processed',
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
      subject: 'queue',
      playbook: 'relieve-queue',
    }),
    metricAlarm({ namespace: 'AWS/Lambda', metric: ['IteratorAge', 'AsyncEventAge'], direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/Kinesis', metric: 'GetRecords.IteratorAgeMilliseconds', direction: 'above', named: 'service' }),
    metricAlarm({ namespace: 'AWS/AmazonMQ', metric: ['QueueSize', 'MessageCount'], direction: 'above', named: 'queue' }),
  ],
  playbook: escalate('a queue does not show which group processes it'),
});
