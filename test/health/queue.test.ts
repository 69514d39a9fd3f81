import { describe, expect, test } from '@jest/globals';
import { queueIsRelieved } from '../../shared/health/queue.ts';
import type { QueueFacts } from '../../shared/model/snapshot.ts';
import { facts, incident, queue } from '../remediation/examples.ts';

const look = (seen: QueueFacts | null) => facts({ instance: null, status: null, queue: seen });
const check = (seen: QueueFacts | null, before = queue()) =>
  queueIsRelieved.check({ facts: look(seen), before: look(before), incident: incident() });
const waiting = (count: number | null) =>
  queue({ messages: 0, sources: queue().sources?.map((one) => ({ ...one, waiting: count })) ?? [] });

describe('queue-is-relieved', () => {
  test.each<[string, QueueFacts | null, string]>([
    ['with dead letters', queue({ messages: 1 }), 'unhealthy'],
    ['without any', queue({ messages: 0 }), 'healthy'],
    ['of which SQS tells no number', queue({ messages: null }), 'unknown'],
    ['whose source still has what was moved', waiting(40), 'unknown'],
    ['whose source has no number', waiting(null), 'unknown'],
    ['whose source has the messages of a moment', waiting(3), 'healthy'],
    ['that is not there', null, 'unknown'],
  ])('takes a dead-letter queue %s for what it is', (_, seen, state) => {
    expect(check(seen).state).toBe(state);
    expect(check(seen)).not.toHaveProperty('abstains');
  });

  test('holds what waits in a source against what waited there before', () => {
    expect(check(waiting(100), waiting(95)).state).toBe('healthy');
    expect(check(waiting(105), waiting(95)).state).toBe('healthy');
    expect(check(waiting(106), waiting(95))).toEqual({ state: 'unknown', because: '106 messages wait in orders' });
    expect(check(waiting(10), queue({ sources: null })).state).toBe('healthy');
    expect(check(waiting(11), queue({ sources: null })).state).toBe('unknown');
  });

  test('leaves any other queue to its alarm', () => {
    expect(check(queue({ sources: [], messages: 500 }))).toMatchObject({ abstains: true });
    expect(check(queue({ sources: null, messages: 500 }))).toMatchObject({ abstains: true });
  });
});
