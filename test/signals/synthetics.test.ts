import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, verdictOf } from './fixtures.ts';

describe('synthetics', () => {
  const told = (type: string, name: unknown = 'checkout') => event('aws.synthetics', type, { 'canary-name': name });

  test('a failed run is told, everything else ignored', () => {
    expect(verdictOf(told('Synthetics Canary TestRun Failure'))).toMatchObject({
      failure: 'canary-failed',
      disposition: 'escalate',
      resource: { type: 'canary', id: 'checkout' },
    });
    expect(verdictOf(told('Synthetics Canary TestRun Successful'))).toMatchObject({ failure: null, disposition: 'ignore' });
    expect(verdictOf(told('Synthetics Canary Status Change'))).toMatchObject({ failure: null, disposition: 'ignore' });
  });

  test.each([
    ['ERROR', 'canary-failed', 'escalate'],
    ['SOMETHING_NEW', 'canary-failed', 'escalate'],
    ['STOPPED', null, 'ignore'],
    ['RUNNING', null, 'ignore'],
    ['DELETING', null, 'ignore'],
  ])('a canary that is now %s is %s: %s', (state, failure, disposition) => {
    const change = event('aws.synthetics', 'Synthetics Canary Status Change', { 'canary-name': 'checkout', 'current-state': state });
    expect(verdictOf(change)).toMatchObject({ failure, disposition, resource: { type: 'canary', id: 'checkout' } });
  });

  test('a canary without a name is malformed', () => {
    expect(readEvent(told('Synthetics Canary TestRun Failure', 7)).rejected[0]?.error).toContain('detail.canary-name');
  });
});
