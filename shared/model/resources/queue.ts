import { defineResourceType } from './definition.ts';

export const queue = defineResourceType({
  idPattern: /^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/,
  arns: [{ service: 'sqs', prefix: '' }],
  dimensions: { QueueName: ['AWS/SQS'], Broker: ['AWS/AmazonMQ'] },
  unread: 'queues other than those of SQS',
  trail: true,
  observed: 'treated',
  absent: { is: ({ queue }) => queue === null, says: (id) => `SQS finds no queue ${id}: there is no such queue` },
  treated: {
    seen: ({ queue }) => queue,
    within: () => null,
    assumed: (id, tags) => ({
      queue: { id, arn: '', tags, fifo: id.endsWith('.fifo'), ownKey: false, messages: null, consumer: null, sources: null, moves: [] },
    }),
  },
});
