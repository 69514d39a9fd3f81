import { HttpResponse as SdkHttpResponse } from '@smithy/core/protocols';
import { mustAnswer, queryString, type SdkRequest } from './in-process-transport.ts';
import type { HttpRequest, HttpResponse } from './protocol/http.ts';

type OperationSchema = [kind: unknown, namespace: string, name: string, traits: unknown, input: unknown, output: unknown];
type Protocol = {
  serializeRequest(operation: object, input: object, context: object): Promise<SdkRequest>;
  deserializeResponse(operation: object, context: object, response: SdkHttpResponse): Promise<unknown>;
};
/** What is used of an SDK client, which doesn't declare all of it. */
type SdkClient = {
  config: {
    protocol: Protocol;
    defaultSigningName: string;
    region: () => Promise<string>;
    credentials: () => Promise<{ accessKeyId: string; sessionToken?: string }>;
    userAgentAppId: () => Promise<string | undefined>;
  };
  send(command: { schema: OperationSchema; input: object }): Promise<unknown>;
};

/** Where requests are written to; nobody looks at it. */
const endpoint = { protocol: 'http:', hostname: 'local', path: '/' };

/** The local AWS reads who calls which service from the scope of a signature, and doesn't look at the rest of it. */
const headersOf = async ({ region, credentials, defaultSigningName, userAgentAppId }: SdkClient['config']) => {
  const { accessKeyId, sessionToken } = await credentials();
  const appId = await userAgentAppId();
  return {
    host: 'local',
    'x-amz-date': '20000101T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20000101/${await region()}/${defaultSigningName}/aws4_request, SignedHeaders=host, Signature=0`,
    'user-agent': appId === undefined ? 'aws-sdk-js' : `aws-sdk-js app/${appId}`,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  };
};

/**
 * Takes the short way from an SDK client to `handle`: the client's own protocol writes every request and reads every answer, and
 * all else that it does to a call on its way is left out, which for a call within one process is most of the time it takes:
 * finding the endpoint, signing, retries. Changes the client and gives it back.
 */
export const bypassHttp = <Client extends object>(client: Client, handle: (request: HttpRequest) => Promise<HttpResponse>): Client => {
  const sdk = client as unknown as SdkClient;
  const { config } = sdk;
  const { protocol } = config;
  const context = { ...config, endpoint: async () => endpoint };
  // Read from the settings at every call, as the client does, this would be copied each time; only what a session has may be new.
  let common: ReturnType<typeof headersOf> | undefined;
  sdk.send = async ({ schema: [, namespace, name, traits, input, output], input: value }) => {
    common ??= headersOf(config);
    const operation = { namespace, name, traits, input, output };
    const { method, path, query, headers, body } = await protocol.serializeRequest(operation, value, context);
    const signed = await common;
    if ('x-amz-security-token' in signed) common = undefined;
    const answer = await handle({
      method,
      path,
      query: queryString(query),
      headers: { ...headers, ...signed },
      body: body instanceof Uint8Array || typeof body === 'string' ? body : '',
    });
    mustAnswer(answer);
    const response = new SdkHttpResponse({
      statusCode: answer.status,
      headers: answer.headers,
      body: typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body,
    });
    return protocol.deserializeResponse(operation, context, response);
  };
  return client;
};
