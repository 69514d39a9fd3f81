import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { World } from '../../../core/world.ts';
import { textOf } from '../../../wire/body.ts';
import type { HttpRequest, HttpResponse } from '../../../wire/protocol/http.ts';

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

type Table = { TableId?: string };

/** A table's id and times as the world has them: dynalite takes both from the machine. */
const createTables = ({ clock, random }: Pick<World, 'clock' | 'random'>) => {
  const ids = random.fork('dynamodb-tables');
  const known = new Map<string, { id: string; times: Map<number, number> }>();
  return (table: Table): object => {
    const theirs = table.TableId ?? '';
    const ours = known.get(theirs) ?? { id: ids.uuid(), times: new Map<number, number>() };
    known.set(theirs, ours);
    const timeOf = (machines: number) => {
      const time = ours.times.get(machines) ?? clock.now() / 1000;
      ours.times.set(machines, time);
      return time;
    };
    const inOurTime = (key: string, value: unknown) => (key.endsWith('DateTime') && typeof value === 'number' ? timeOf(value) : value);
    return JSON.parse(JSON.stringify({ ...table, TableId: ours.id }), inOurTime) as object;
  };
};

type Answer = { Table?: Table; TableDescription?: Table; Responses?: Record<string, object[]> };

/** What is the same in every run out of what isn't: tables, and the order in which BatchGetItem gives items, which dynalite shuffles. */
const settled = (answer: Answer, ofOurs: (table: Table) => object): object => {
  const { Table, TableDescription, Responses } = answer;
  const texts = (items: object[]) => items.map((item) => JSON.stringify(item)).sort();
  return {
    ...answer,
    ...(Table && { Table: ofOurs(Table) }),
    ...(TableDescription && { TableDescription: ofOurs(TableDescription) }),
    ...(Responses && {
      Responses: Object.fromEntries(
        Object.entries(Responses).map(([table, items]) => [table, texts(items).map((text) => JSON.parse(text) as object)]),
      ),
    }),
  };
};

type Ask = (request: HttpRequest) => Promise<HttpResponse>;

/** Waits until a table is in no transition any more: dynalite makes, changes and drops tables a moment after it has answered. */
const settle = async (ask: Ask, request: HttpRequest): Promise<void> => {
  const { TableName } = inputOf(request);
  for (;;) {
    const { body } = await ask(also(request, 'DescribeTable', { TableName }));
    if (!/"TableStatus":"(CREATING|UPDATING|DELETING)"/.test(textOf({ body }))) return;
    await setImmediate();
  }
};

/** dynalite in memory, loaded at the first request. Its tables are active at once. */
export const createDynalite = (world: Pick<World, 'clock' | 'random'>): Handle => {
  let server: Promise<Server> | undefined;
  const start = async () => {
    // dynalite has no type declarations.
    // @ts-expect-error TS7016
    const { default: dynalite } = (await import('dynalite')) as { default: Dynalite };
    return dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  };
  const tableOf = createTables(world);
  const ask: Ask = async (request) => {
    server ??= start();
    const answer = await dispatch(await server, request);
    if (answer.status !== 200 || !/Table$|^BatchGetItem$/.test(operationOf(request))) return answer;
    // The checksum was that of the answer as it came.
    const { 'x-amz-crc32': _checksum, ...headers } = answer.headers;
    return { ...answer, headers, body: JSON.stringify(settled(JSON.parse(textOf(answer)) as Answer, tableOf)) };
  };
  return async (request) => {
    const answer = await ask(request);
    if (answer.status === 200 && /^(Create|Update|Delete)Table$/.test(operationOf(request))) await settle(ask, request);
    return answer;
  };
};
