import { DescribeInstancesCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { attempt, classifyError } from '../../shared/aws/call.ts';
import type { CallError } from '../../shared/ports/call-result.ts';
import { ec2Error, recordingClients, sdkError } from './recorder.ts';

const kinds: CallError['kind'][] = ['throttled', 'uncertain', 'refused'];

describe('sorting an error', () => {
  test.each<[CallError['kind'], string, number | undefined]>([
    ['throttled', 'RequestLimitExceeded', 503],
    ['throttled', 'Throttling', 400],
    ['throttled', 'ThrottlingException', 400],
    ['throttled', 'ProvisionedThroughputExceededException', 400],
    ['throttled', 'TooManyRequestsException', 429],
    ['throttled', 'SomethingNew', 429],
    ['throttled', 'SlowDown', 503],
    ['throttled', 'ScalingActivityInProgress', 400],
    ['throttled', 'ResourceContention', 400],
    ['refused', 'AccessDenied', 403],
    ['refused', 'AccessDeniedException', 400],
    ['refused', 'UnauthorizedOperation', 403],
    ['refused', 'InvalidInstanceID.NotFound', 400],
    ['refused', 'IncorrectInstanceState', 400],
    ['refused', 'OperationNotPermitted', 400],
    ['refused', 'ConditionalCheckFailedException', 400],
    ['uncertain', 'InternalError', 500],
    ['uncertain', 'InternalFailure', 500],
    ['uncertain', 'Unavailable', 503],
    ['uncertain', 'InsufficientInstanceCapacity', 500],
    ['uncertain', 'TimeoutError', undefined],
    ['uncertain', 'AbortError', undefined],
    ['uncertain', 'Error', undefined],
    ['uncertain', 'CredentialsProviderError', undefined],
    ['uncertain', 'SyntaxError', 200],
  ])('takes as %s what says %s with status %p', (kind, name, status) => {
    expect(classifyError(sdkError(name, status))).toEqual({ kind, code: name, message: 'words' });
  });

  test('takes a socket that hung up as uncertain', () => {
    expect(classifyError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })).kind).toBe('uncertain');
  });

  test('prefers the code on the wire to the name of a class', () => {
    expect(classifyError(Object.assign(sdkError('Ec2ServiceException', 503), { Code: 'RequestLimitExceeded' }))).toMatchObject({
      kind: 'throttled',
      code: 'RequestLimitExceeded',
    });
  });

  test('gives a kind, a code and words for anything at all that is thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        const { kind, code, message } = classifyError(thrown);
        expect(kinds).toContain(kind);
        for (const text of [code, message]) {
          expect(typeof text).toBe('string');
          expect(text.length).toBeGreaterThan(0);
          expect(text.length).toBeLessThanOrEqual(500);
        }
      }),
    );
  });

  test.each([undefined, null, '', 'text', 0, {}, []])('takes %p as uncertain', (thrown) => {
    expect(classifyError(thrown)).toEqual({ kind: 'uncertain', code: 'UnknownError', message: 'UnknownError' });
  });

  test('bounds what came from outside', () => {
    expect(classifyError(new Error('x'.repeat(10_000))).message).toHaveLength(500);
  });

  test.each<[CallError['kind'], string, number]>([
    ['throttled', 'RequestLimitExceeded', 503],
    ['refused', 'InvalidInstanceID.NotFound', 400],
    ['refused', 'UnauthorizedOperation', 403],
    ['refused', 'IncorrectInstanceState', 400],
    ['uncertain', 'InternalError', 500],
    ['uncertain', 'InsufficientInstanceCapacity', 500],
  ])('takes as %s what EC2 itself answers: %s with status %d', async (kind, code, status) => {
    const { clients } = recordingClients(() => ec2Error(code, status));
    const result = await attempt(() => clients.ec2.send(new StartInstancesCommand({ InstanceIds: ['i-0a1b2c3d4e5f60718'] })));
    expect(result).toMatchObject({ ok: false, error: { kind, code } });
  });

  test('takes an answer that is no XML as uncertain', async () => {
    const { clients } = recordingClients(() => ({ status: 200, body: '<oops' }));
    expect(await attempt(() => clients.ec2.send(new DescribeInstancesCommand({})))).toMatchObject({
      ok: false,
      error: { kind: 'uncertain' },
    });
  });
});

describe('attempting a call', () => {
  test('gives its answer', async () => {
    expect(await attempt(async () => 42)).toEqual({ ok: true, value: 42 });
  });

  test('never throws, not even where the call throws before it promises', async () => {
    const run = () => {
      throw new TypeError('oops');
    };
    expect(await attempt(run)).toMatchObject({ ok: false, error: { kind: 'uncertain', code: 'TypeError' } });
  });
});
