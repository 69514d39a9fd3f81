import { gzipSync } from 'node:zlib';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWorld } from '../src/core/world.ts';
import { createCloudTrail } from '../src/services/cloudtrail/index.ts';
import { createLambda } from '../src/services/lambda/index.ts';
import { createSts } from '../src/services/sts/index.ts';
import { createGateway, type Interceptor, Unanswered } from '../src/wire/gateway.ts';
import { AwsError } from '../src/wire/protocol/errors.ts';
import type { HttpRequest, HttpResponse } from '../src/wire/protocol/http.ts';
import { localClients, refusal, worldOptions } from './harness.ts';

const setUp = (...interceptors: Interceptor[]) => {
  const world = createWorld(worldOptions);
  const services = [createSts(world), createCloudTrail(world), createLambda(world)].map(({ service }) => service);
  return { world, handle: createGateway(world, services, interceptors).handle };
};

const scope = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

const request = (change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: { authorization: scope('sts') },
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
  ...change,
});

const errorOf = ({ body }: HttpResponse) => {
  const text = String(body);
  return /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? (JSON.parse(text) as { __type: string }).__type;
};

describe('the gateway', () => {
  test('answers with a request id of its own in header and body', async () => {
    const { handle } = setUp();
    const { status, headers, body } = await handle(request());
    expect(status).toBe(200);
    expect(body).toContain(`<RequestId>${headers['x-amzn-requestid']}</RequestId>`);
  });

  test('takes a Query request by GET, too', async () => {
    const { handle } = setUp();
    expect((await handle(request({ method: 'GET', query: 'Action=GetCallerIdentity', body: '' }))).status).toBe(200);
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
  test('takes a request that is signed in its query', async () => {
    const { handle, world } = setUp();
    const query = new URLSearchParams({
      Action: 'GetCallerIdentity',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'PRESIGNED/20261120/us-east-1/sts/aws4_request',
      'X-Amz-Signature': '0',
    }).toString();
    expect((await handle(request({ method: 'GET', query, headers: {}, body: '' }))).status).toBe(200);
    expect(world.calls).toMatchObject([{ accessKey: 'PRESIGNED' }]);
  });

  test('takes a body that is compressed', async () => {
    const { handle } = setUp();
    const headers = { authorization: scope('sts'), 'content-encoding': 'gzip' };
    expect((await handle(request({ headers, body: gzipSync('Action=GetCallerIdentity') }))).status).toBe(200);
  });

  test.each<[string, Partial<HttpRequest>, string, number]>([
    ['an action that the service does not know', { body: 'Action=Nonsense' }, 'InvalidAction', 400],
    ['an action named after a property of every object', { body: 'Action=constructor' }, 'InvalidAction', 400],
    ['no action', { body: '' }, 'MissingAction', 400],
    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html
    ['no signature', { headers: {} }, 'MissingAuthenticationToken', 403],
    ['no signature, in JSON', { headers: { 'x-amz-target': 'Nothing.Nonsense' }, body: '{}' }, 'MissingAuthenticationTokenException', 403],
    ['a signature for a service that is not served', { headers: { authorization: scope('rds') } }, 'InvalidAction', 400],
    [
      'the same in JSON',
      { headers: { authorization: scope('kinesis'), 'x-amz-target': 'Kinesis_20131202.ListStreams' }, body: '{}' },
      'UnknownOperationException',
      400,
    ],
    ['a body that is too large', { body: 'x'.repeat(8 * 1024 * 1024 + 1) }, 'RequestEntityTooLarge', 413],
    [
      'a body that only says that it is compressed',
      { headers: { authorization: scope('sts'), 'content-encoding': 'gzip' }, body: new Uint8Array([1, 2]) },
      'SerializationException',
      400,
    ],
    ['too many parameters', { body: Array.from({ length: 20_001 }, (_, i) => `P${i}=1`).join('&') }, 'MalformedQueryString', 400],
    ['parameters that are nested too deeply', { body: `${'A.'.repeat(30)}B=1` }, 'MalformedQueryString', 400],
    [
      'a JSON operation that the service does not know',
      { headers: { authorization: scope('cloudtrail'), 'x-amz-target': 'CloudTrail_20131101.Nonsense' }, body: '{}' },
      'UnknownOperationException',
      400,
    ],
    [
      'JSON that is none',
      { headers: { authorization: scope('cloudtrail'), 'x-amz-target': 'CloudTrail_20131101.LookupEvents' }, body: '{' },
      'SerializationException',
      400,
    ],
    [
      'JSON of the wrong shape',
      {
        headers: { authorization: scope('cloudtrail'), 'x-amz-target': 'CloudTrail_20131101.LookupEvents' },
        body: '{"MaxResults":"many"}',
      },
      'SerializationException',
      400,
    ],
  ])('refuses %s', async (_name, change, code, status) => {
    const answer = await setUp().handle(request(change));
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toBe(code);
  });

  test.each<[string, Partial<HttpRequest>, string]>([
    ['an action', { body: 'Action=GetSessionToken' }, 'The action GetSessionToken'],
    ['a service', { headers: { authorization: scope('rds') }, body: 'Action=DescribeDBInstances' }, 'The service rds'],
  ])('says of %s that AWS has and this one lacks that it is not served', async (_name, change, what) => {
    expect(String((await setUp().handle(request(change))).body)).toContain(`${what} is not served by the local AWS`);
  });

  test('finds a JSON service by its target where the request is not signed', async () => {
    const { handle } = setUp();
    expect((await handle(request({ headers: { 'x-amz-target': 'CloudTrail_20131101.LookupEvents' }, body: '{}' }))).status).toBe(200);
  });

  test('never rejects and never blames itself, whatever comes', async () => {
    const header = fc.oneof(fc.string(), fc.constantFrom(scope('sts'), scope('cloudtrail'), scope('lambda')));
    const arbitrary = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      path: fc.oneof(fc.webPath(), fc.constantFrom('/', '/2015-03-31/functions/%/invocations', '/2015-03-31/functions/a/invocations')),
      query: fc.webQueryParameters(),
      headers: fc.record({
        authorization: header,
        'x-amz-target': fc.option(fc.constantFrom('CloudTrail_20131101.LookupEvents', 'a', '.'), { nil: undefined }),
      }),
      body: fc.oneof(
        fc.string(),
        fc.uint8Array(),
        fc.json(),
        fc.webQueryParameters().map((query) => `Action=GetCallerIdentity&${query}`),
      ),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async (anything) => {
        const { status } = await setUp().handle(anything);
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThan(500);
      }),
    );
  });

  test('logs every call that names an operation, with its outcome', async () => {
    const { world, handle } = setUp({
      before: ({ context }) => {
        if (context.accessKey === 'BAD') throw new AwsError('AccessDenied', 'no', 403);
      },
    });
    await localClients(handle).sts.send(new GetCallerIdentityCommand({}));
    await refusal(localClients(handle, { accessKeyId: 'BAD' }).sts.send(new GetCallerIdentityCommand({})));
    expect(world.calls).toMatchObject([
      { at: worldOptions.start, service: 'sts', operation: 'GetCallerIdentity', error: null, accessKey: 'TESTKEY', answerLost: false },
      { error: 'AccessDenied', accessKey: 'BAD' },
    ]);
  });

  test('cuts the connection where an interceptor loses the answer of a call that took effect', async () => {
    const { world, handle } = setUp({ after: () => 'lose' });
    expect(await handle(request())).toMatchObject({ lost: true });
    await expect(localClients(handle).sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(world.calls).toMatchObject([{ error: null, answerLost: true }, { answerLost: true }]);
  });

  test('answers nothing where an interceptor lets a call hang, which then has no effect', async () => {
    const { world, handle } = setUp({
      before: () => {
        throw new Unanswered();
      },
    });
    expect(await handle(request())).toMatchObject({ hangs: true });
    await expect(localClients(handle).sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(world.calls).toMatchObject([{ error: 'TimeoutError', answerLost: false }, { error: 'TimeoutError' }]);
  });

  test('answers with nothing in it where an interceptor empties the answer', async () => {
    const { world, handle } = setUp({ after: () => 'empty' });
    const { $metadata, ...answer } = await localClients(handle).sts.send(new GetCallerIdentityCommand({}));
    expect($metadata.httpStatusCode).toBe(200);
    expect(answer).toEqual({});
    const { Events } = await localClients(handle).cloudTrail.send(new LookupEventsCommand({}));
    expect(Events).toEqual([]);
    expect(world.calls).toMatchObject([{ error: null, answerLost: false }, { error: null }]);
  });
});
