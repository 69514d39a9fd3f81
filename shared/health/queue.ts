import { abstain, type HealthCheck, healthy, unhealthy, unknown } from './health.ts';

/** So many more messages than before may wait in a queue whose messages came back and are processed all the same. */
const slack = 10;

/** No dead letter is left, and the queues that got some back have processed them. Of any other queue its alarm tells alone. */
export const queueIsRelieved: HealthCheck = {
  id: 'queue-is-relieved',
  check: ({ facts: { queue }, before }) => {
    if (!queue) return unknown('SQS finds no such queue');
    const { id, messages, sources } = queue;
    if (!sources || sources.length === 0) return abstain(`${id} gets no dead letters`);
    if (messages === null) return unknown(`SQS doesn't say how many messages are in ${id}`);
    if (messages > 0) return unhealthy(`${messages} message${messages === 1 ? ' is' : 's are'} in ${id}`);
    for (const { id: source, waiting } of sources) {
      const earlier = before.queue?.sources?.find((one) => one.id === source)?.waiting ?? 0;
      if (waiting === null || waiting > earlier + slack) return unknown(`${waiting ?? 'an unknown number of'} messages wait in ${source}`);
    }
    return healthy(`no message is left in ${id}`);
  },
};
