import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bundle, functionNames } from '../../bench/bundles.ts';
import { environmentOf } from '../../bench/cold-start.ts';
import { attempt } from '../../shared/aws/call.ts';
import { describeWhole } from '../runner/whole.ts';

const root = new URL('../..', import.meta.url).pathname;
const require = createRequire(import.meta.url);

type Exported = Record<string, new (input: object) => object>;
type Client = { send(command: object): Promise<object> };

const sourcesOf = async (...folders: string[]): Promise<string[]> => {
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(join(root, folder), { recursive: true })).map((file) => join(root, folder, file))),
  );
  return Promise.all(
    files
      .flat()
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFile(file, 'utf8')),
  );
};

/** What `shared` and `functions` import from each client of the SDK. */
const imported = async (): Promise<Map<string, Set<string>>> => {
  const found = new Map<string, Set<string>>();
  for (const source of await sourcesOf('shared', 'functions')) {
    for (const [, names = '', client = ''] of source.matchAll(/^import \{([^}]+)\} from '(@aws-sdk\/client-[^']+)'/gm)) {
      const kept = found.get(client) ?? new Set();
      for (const name of names.split(',').map((part) => part.trim())) if (/^\w+(Command|Client)$/.test(name)) kept.add(name);
      found.set(client, kept);
    }
  }
  // What the durable SDK itself calls.
  for (const name of ['LambdaClient', 'CheckpointDurableExecutionCommand', 'GetDurableExecutionStateCommand'])
    found.get('@aws-sdk/client-lambda')?.add(name);
  return found;
};

/** A shape with everything that it leads to, in a form that can be compared: references are followed once and named after that. */
const unfold = (shape: unknown, seen = new Set<unknown>()): unknown => {
  if (typeof shape === 'function') return unfold(shape(), seen);
  if (typeof shape !== 'object' || shape === null) return shape;
  if (seen.has(shape)) return `seen: ${(shape as unknown[])[2]}`;
  seen.add(shape);
  if (Array.isArray(shape)) return shape.map((part) => unfold(part, seen));
  return Object.fromEntries(Object.entries(shape).map(([key, part]) => [key, unfold(part, seen)]));
};

const schemaOf = (command: object): unknown => unfold((command as { schema: unknown }).schema);

let folder: string;
let clients: Map<string, Set<string>>;
let lean: Exported;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfheal-lean-'));
  clients = await imported();
  const entry = join(folder, 'all.ts');
  // Where packages are resolved from depends on where the file lies.
  const lines = [...clients].map(
    ([client, names]) => `export { ${[...names].join(', ')} } from '${require.resolve(client).replace(/dist-cjs.*/, '')}';`,
  );
  await writeFile(entry, lines.join('\n'));
  lean = require((await bundle('all', folder, entry)).file);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describeWhole('the SDK in a bundle', () => {
  it('has every operation that is used, shape for shape', () => {
    let operations = 0;
    for (const [client, names] of clients) {
      const full: Exported = require(client);
      for (const name of names) {
        const [Lean, Full] = [lean[name], full[name]];
        if (Lean === undefined || Full === undefined) throw new Error(`${name} of ${client} is missing`);
        if (!name.endsWith('Command')) continue;
        operations++;
        expect(schemaOf(new Lean({}))).toEqual(schemaOf(new Full({})));
      }
    }
    expect(operations).toBeGreaterThan(25);
  });

  /** An answer with an error in it, in the form of each protocol that the clients speak. */
  const refusals = {
    EC2Client: [
      'DescribeInstancesCommand',
      400,
      'text/xml',
      '<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>gone</Message></Error></Errors></Response>',
    ],
    AutoScalingClient: [
      'SetDesiredCapacityCommand',
      400,
      'text/xml',
      '<ErrorResponse><Error><Type>Sender</Type><Code>ScalingActivityInProgress</Code><Message>busy</Message></Error></ErrorResponse>',
    ],
    SNSClient: [
      'PublishCommand',
      400,
      'text/xml',
      '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>slower</Message></Error></ErrorResponse>',
    ],
    DynamoDBClient: [
      'GetItemCommand',
      400,
      'application/x-amz-json-1.0',
      '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"not so"}',
    ],
    SSMClient: ['GetParameterCommand', 400, 'application/x-amz-json-1.1', '{"__type":"ParameterNotFound"}'],
    LambdaClient: [
      'InvokeCommand',
      409,
      'application/json',
      '{"Type":"User","message":"there is one","__type":"DurableExecutionAlreadyStartedException"}',
    ],
    EventBridgeClient: ['PutEventsCommand', 500, 'application/x-amz-json-1.1', '{"__type":"InternalException","message":"sorry"}'],
  } as const;

  it.each(Object.entries(refusals))('tells errors of %s by the same code and kind', async (name, [command, statusCode, type, text]) => {
    const full: Exported = Object.assign({}, ...[...clients.keys()].map((client) => require(client)));
    const { Readable } = await import('node:stream');
    const answer = async (sdk: Exported) => {
      const [Client, Command] = [sdk[name], sdk[command]];
      if (Client === undefined || Command === undefined) throw new Error(`${name} or ${command} is missing`);
      const handle = async () => ({
        response: { statusCode, headers: { 'content-type': type }, body: Readable.from([Buffer.from(text)]) },
      });
      const settings = {
        region: 'us-east-1',
        credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        requestHandler: { handle },
        maxAttempts: 1,
      };
      const client = new Client(settings) as Client;
      return attempt(() => client.send(new Command({ Name: 'x', FunctionName: 'x', AutoScalingGroupName: 'x', TableName: 'x' })));
    };
    const expected = await answer(full);
    expect(expected.ok).toBe(false);
    expect(await answer(lean)).toEqual(expected);
  });

  it('leaves nothing that the sources tell an error by', async () => {
    // The older services send a code that isn't the name that the SDK gives the error; a lean bundle knows the code alone.
    const renamed: { client: string; name: string; code: string }[] = [];
    for (const client of clients.keys()) {
      for (const shape of Object.values(require(client) as Record<string, unknown>)) {
        if (!Array.isArray(shape) || shape[0] !== -3) continue;
        const [, , name, traits] = shape;
        const code = traits?.awsQueryError?.[0];
        if (code !== undefined && code !== name) renamed.push({ client, name, code });
      }
    }
    expect(renamed.map(({ name }) => name)).toContain('ScalingActivityInProgressFault');
    const sources = await sourcesOf('shared', 'functions');
    const wanting = renamed.filter(({ client, name, code }) =>
      sources.some(
        (source) =>
          (source.includes(client) || !source.includes('@aws-sdk/client-')) &&
          source.includes(`'${name}'`) &&
          !source.includes(`'${code}'`),
      ),
    );
    expect(wanting).toEqual([]);
  });

  it('keeps the names that errors are told apart by', async () => {
    const engine = '@aws/durable-execution-sdk-js';
    const errors = Object.entries(require(engine) as Record<string, unknown>).flatMap(([name, value]) =>
      // The base class of them is abstract, so no error is of it.
      typeof value === 'function' && value.prototype instanceof Error && name !== 'DurableOperationError' ? [name] : [],
    );
    const names = [...errors, 'PartialIntakeError', 'LeaseLostError', 'MalformedEventError'];
    const entry = join(folder, 'errors.ts');
    const from = (path: string) => JSON.stringify(join(root, path));
    const lines = [
      `export { ${errors.join(', ')} } from '${require.resolve(engine).replace(/dist-cjs.*/, 'dist/index.mjs')}';`,
      `export { PartialIntakeError } from ${from('shared/intake/ingest.ts')};`,
      `export { LeaseLostError } from ${from('shared/ports/ledger.ts')};`,
      `export { MalformedEventError } from ${from('shared/model/malformed.ts')};`,
    ];
    await writeFile(entry, lines.join('\n'));
    const bundled: Record<string, { name: string }> = require((await bundle('errors', folder, entry)).file);
    // The durable SDK tells people, and our adapter, of an error by the name of its class.
    expect(names).toContain('StepInterruptedError');
    expect(names.map((name) => bundled[name]?.name)).toEqual(names);
  });
});

describeWhole('zod in a bundle', () => {
  it('reads as ever, and says that it has no JSON Schema', async () => {
    const entry = join(folder, 'schemas.ts');
    await writeFile(entry, `export * as z from '${require.resolve('zod').replace(/index\.cjs$/, 'index.js')}';`);
    const { z }: { z: typeof import('zod') } = require((await bundle('schemas', folder, entry)).file);
    const schema = z.strictObject({ name: z.string().min(1), count: z.int().default(3) });
    expect(schema.parse({ name: 'a' })).toEqual({ name: 'a', count: 3 });
    expect(schema.safeParse({ name: '', more: 1 }).error?.issues.map(({ code }) => code)).toEqual(['too_small', 'unrecognized_keys']);
    for (const convert of [() => z.toJSONSchema(schema), () => schema.toJSONSchema()]) expect(convert).toThrow('JSON Schema is left out');
  });

  it.each(functionNames())('compiles nothing when %s is loaded', async (name) => {
    const { file } = await bundle(name, folder);
    const trap = 'Function = new Proxy(Function, { construct: () => { console.log("compiled"); return () => {}; } });';
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', `${trap} require(${JSON.stringify(file)}); console.log('loaded')`], {
      env: environmentOf(name),
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['loaded\n', '']);
  });
});
