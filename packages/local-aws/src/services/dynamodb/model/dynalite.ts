import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import type { World } from '../../../core/world.ts';
import { textOf } from '../../../wire/body.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../wire/protocol/http.ts';
import { type Parse, remembering } from './conditions.ts';

/** dynalite ships no types; this is all that is used of it. Its errors are what DynamoDB answers. */
type Refusal = { statusCode?: number; body?: object };
type Store = object;
type Dynalite = {
  db: { create: (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Store };
  validations: {
    checkTypes: (input: object, types: object) => object;
    checkValidations: (input: object, types: object, custom: unknown, store: Store) => void;
    toLowerFirst: (operation: string) => string;
  };
  /** The same as its own server does with a request's body, without the server: nothing here needs HTTP's part of it. */
  part: (folder: 'actions' | 'validations', operation: string) => unknown;
};
type Validation = { types: object; custom: unknown };
type Action = (store: Store, input: object, done: (error: Refusal | null, output?: object) => void) => void;

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

const parse = (body: string): object => {
  try {
    return JSON.parse(body) as object;
  } catch {
    throw new AwsError('SerializationException', 'The request body is not JSON');
  }
};

/** Another request by whoever made this one. */
export const also = (request: HttpRequest, operation: string, input: object): HttpRequest => ({
  ...request,
  headers: { ...request.headers, 'x-amz-target': `${targetPrefix}.${operation}` },
  body: JSON.stringify(input),
});

let loaded: Dynalite | undefined;
const load = (): Dynalite => {
  const require = createRequire(import.meta.url);
  const conditions = require('dynalite/db/conditionParser') as { parse: Parse };
  conditions.parse = remembering(conditions.parse);
  return {
    db: require('dynalite/db') as Dynalite['db'],
    validations: require('dynalite/validations') as Dynalite['validations'],
    part: (folder, operation) => require(`dynalite/${folder}/${operation}`),
  };
};

/**
 * Gives an operation's input to dynalite: first the check of its types, then that of its values, then the operation.
 * @throws {AwsError} what DynamoDB says of a body that isn't JSON
 */
const run = ({ validations, part }: Dynalite, store: Store, operation: string, body: string): Promise<{ status: number; output: object }> =>
  new Promise((resolve, reject) => {
    const answer = (error: Refusal | null, output: object = {}) => {
      if (error === null) resolve({ status: 200, output });
      else if (error.statusCode && error.body) resolve({ status: error.statusCode, output: error.body });
      else reject(error);
    };
    try {
      const name = validations.toLowerFirst(operation);
      const { types, custom } = part('validations', name) as Validation;
      const input = validations.checkTypes(parse(body), types);
      validations.checkValidations(input, types, custom, store);
      (part('actions', name) as Action)(store, input, answer);
    } catch (error) {
      if (error instanceof AwsError) reject(error);
      else answer(error as Refusal);
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
  let dynalite: Dynalite | undefined;
  let store: Store | undefined;
  const tableOf = createTables(world);
  const ask: Ask = async (request) => {
    dynalite ??= loaded ??= load();
    store ??= dynalite.db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
    const operation = operationOf(request);
    const { status, output } = await run(dynalite, store, operation, textOf(request));
    const ours = status === 200 && /Table$|^BatchGetItem$/.test(operation) ? settled(output as Answer, tableOf) : output;
    return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(ours) };
  };
  return async (request) => {
    const answer = await ask(request);
    if (answer.status === 200 && /^(Create|Update|Delete)Table$/.test(operationOf(request))) await settle(ask, request);
    return answer;
  };
};
