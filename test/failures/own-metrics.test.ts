import { describe, expect, test } from '@jest/globals';
import { looksLikeErrors, looksLikeLatency } from '../../shared/failures/own-metrics.ts';
import { alarm, message, verdictOf } from '../signals/fixtures.ts';

describe('own metrics', () => {
  test.each(['OrderErrors', 'order_errors', 'order.error.count', '5xx', 'HTTP5XXCount', 'Exceptions', 'ErrorRate'])(
    '%s counts errors',
    (name) => {
      expect(looksLikeErrors(name)).toBe(true);
      expect(verdictOf(message(alarm({ namespace: 'Shop', metric: name })))).toMatchObject({
        failure: 'error-rate',
        disposition: 'escalate',
        playbook: null,
      });
      expect(verdictOf(message(alarm({ namespace: 'Shop', metric: name, direction: 'below' })))).toMatchObject({ failure: 'unclassified' });
    },
  );

  test.each(['CheckoutLatency', 'request.duration', 'ResponseTime', 'response_time_ms'])('%s measures how long something takes', (name) => {
    expect(looksLikeLatency(name)).toBe(true);
    expect(verdictOf(message(alarm({ namespace: 'Shop', metric: name })))).toMatchObject({
      failure: 'latency-high',
      disposition: 'escalate',
    });
  });

  test.each(['Terrors', 'Sessions', 'Timeline', 'Time', ''])('%s does neither', (name) => {
    expect(looksLikeErrors(name) || looksLikeLatency(name)).toBe(false);
  });

  test("AWS's own metrics go by the table, not by their names", () => {
    expect(verdictOf(message(alarm({ namespace: 'AWS/New', metric: 'Errors', dimensions: {} }))).failure).toBe('unclassified');
  });
});
