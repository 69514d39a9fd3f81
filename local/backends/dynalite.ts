import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { HttpRequest, HttpResponse } from '../protocol/http.ts';
import { textOf } from './http.ts';

/** dynalite ships no types; this is all that is used of it. */
type Dynalite = (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;

/** What answers a request to DynamoDB. */
export type Handle = (request: HttpRequest) => Promise<HttpResponse>;

export const targetPrefix = 'DynamoDB_20120810';

/** The operation that a request asks for. */
export const operationOf = ({ headers }: HttpRequest): string => (headers['x-amz-target'] ?? '').split('.')[1] ?? '';

/** What a request says; nothing where it isn't JSON, which is dynalite's to refuse. */
export const inputOf = (request: HttpRequest): Record<string, unknown> => {
  try {
    return JSON.parse(textOf(request)) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** Another request by whoever made this one. */
export const also = (request: HttpRequest, operation: string, input: object): HttpRequest => ({
  ...request,
  headers: { ...request.headers, 'x-amz-target': `${targetPrefix}.${operation}` },
  body: JSON.stringify(input),
});

/**
 * Hands a request to an HTTP server's listener without a socket. dynalite takes the method, the URL, the headers and the body's
 * events from the request, and of the answer uses the status, the headers and `end`; it throws what it did not expect, which a
 * socket would turn into the end of the process.
 */
const dispatch = (server: Server, request: HttpRequest): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const incoming = Object.assign(new EventEmitter(), { method: request.method, url: request.path || '/', headers: request.headers });
    const headers: Record<string, string> = {};
    const response = {
      statusCode: 200,
      setHeader: (name: string, value: unknown) => {
        headers[name.toLowerCase()] = String(value);
      },
      end: (body = '') => resolve({ status: response.statusCode, headers, body }),
    };
    try {
      server.emit('request', incoming as unknown as IncomingMessage, response as unknown as ServerResponse);
      incoming.emit('data', Buffer.from(textOf(request)));
      incoming.emit('end');
    } catch (error) {
      reject(error);
    }
  });

/** Waits until a table is in no transition any more: dynalite makes, changes and drops tables a moment after it has answered. */
const settle = async (server: Server, request: HttpRequest): Promise<void> => {
  const { TableName } = inputOf(request);
  for (;;) {
    const { body } = await dispatch(server, also(request, 'DescribeTable', { TableName }));
    if (!/"TableStatus":"(CREATING|UPDATING|DELETING)"/.test(textOf({ body }))) return;
    await setImmediate();
  }
};

/** dynalite in memory, loaded at the first request. Its tables are active at once. */
export const createDynalite = (): Handle => {
  let server: Promise<Server> | undefined;
  const start = async () => {
    // dynalite has no type declarations.
    // @ts-expect-error TS7016
    const { default: dynalite } = (await import('dynalite')) as { default: Dynalite };
    return dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  };
  return async (request) => {
    server ??= start();
    const answer = await dispatch(await server, request);
    if (answer.status === 200 && /^(Create|Update|Delete)Table$/.test(operationOf(request))) await settle(await server, request);
    return answer;
  };
};
