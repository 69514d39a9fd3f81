import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../../shared/failures/read.ts';
import { event, snsRecord, sqsRecord, verdictOf } from './fixtures.ts';

const record = (condition: string, functionArn = 'arn:aws:lambda:eu-west-1:444455556666:function:checkout:$LATEST') => ({
  version: '1.0',
  timestamp: '2026-11-20T13:30:00.000Z',
  requestContext: { requestId: 'r', functionArn, condition, approximateInvokeCount: 3 },
  requestPayload: {},
});

describe('lambda-failure', () => {
  test('an invocation that was given up is told, wherever it comes from', () => {
    for (const shape of [
      record('RetriesExhausted'),
      sqsRecord(record('RetriesExhausted')),
      { Records: [snsRecord(record('RetriesExhausted'))] },
      event('lambda', 'Lambda Function Invocation Result - Failure', record('RetriesExhausted')),
    ]) {
      expect(verdictOf(shape)).toMatchObject({
        failure: 'error-rate',
        disposition: 'escalate',
        resource: { type: 'service', id: 'checkout' },
        account: '444455556666',
        region: 'eu-west-1',
        at: Date.UTC(2026, 10, 20, 13, 30),
      });
    }
  });

  test('a success is ignored', () => {
    expect(verdictOf(record('Success')).disposition).toBe('ignore');
    expect(verdictOf(event('lambda', 'Lambda Function Invocation Result - Success', record('Success'))).disposition).toBe('ignore');
  });

  test('a function without an ARN is malformed', () => {
    const named = (qualifier: string) => `arn:aws:lambda:eu-west-1:444455556666:function:checkout${qualifier}`;
    expect(verdictOf(record('RetriesExhausted', named(':live'))).resource).toEqual({ type: 'service', id: 'checkout:live' });
    expect(verdictOf(record('RetriesExhausted', named(''))).resource).toEqual({ type: 'service', id: 'checkout' });
    expect(readEvent(record('RetriesExhausted', 'checkout')).rejected[0]?.error).toContain('requestContext.functionArn');
  });
});
