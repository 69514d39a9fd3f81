import type { buildApp } from 'fauxqs';
import type { Backend } from '../gateway.ts';
import { AwsError } from '../protocol/errors.ts';
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';
import { textOf } from './http.ts';

export type Messaging = { sns: Backend; sqs: Backend; close(): Promise<void> };

/** What fauxqs reads of a request; the connection between the caller and us is none of its business. */
const relevant = ['host', 'authorization', 'content-type', 'x-amz-target', 'user-agent'] as const;

/**
 * SNS and SQS by fauxqs, in memory and without a socket, sharing one store so that topics fan out to queues. Loaded at the first
 * request. It runs on the machine's clock: visibility timeouts and delays are real seconds.
 */
export const createMessaging = (region: string): Messaging => {
  let app: Promise<Awaited<ReturnType<typeof buildApp>>> | undefined;
  const start = async () => {
    const { buildApp } = await import('fauxqs');
    return buildApp({ logger: false, defaultRegion: region });
  };
  const forward = async (request: HttpRequest): Promise<HttpResponse> => {
    app ??= start();
    const payload = textOf(request);
    const json = request.headers['x-amz-target'] !== undefined;
    if (json && !payload.trimStart().startsWith('{')) throw new AwsError('SerializationException', 'The request body is not a JSON object');
    const headers = Object.fromEntries(relevant.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])));
    const answer = await (await app).inject({ method: 'POST', url: '/', headers, payload });
    const kept = ['content-type', 'x-amzn-query-error'].flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    return { status: answer.statusCode, headers: Object.fromEntries(kept), body: answer.body };
  };
  return {
    sns: { signingName: 'sns', protocols: ['query'], xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/', forward },
    sqs: { signingName: 'sqs', protocols: ['json', 'query'], targetPrefix: 'AmazonSQS', forward },
    close: async () => {
      await (await app)?.close();
    },
  };
};
