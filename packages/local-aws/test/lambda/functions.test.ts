import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  paginateListAliases,
  paginateListVersionsByFunction,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { createFunctionWorld, minute, start } from './world.ts';

const FunctionName = 'checkout';
const arn = 'arn:aws:lambda:us-east-1:123456789012:function:checkout';
const code = (n: number) => new Uint8Array([n]);
const soon = { maxWaitTime: 5, minDelay: 1, maxDelay: 1 };

let world: ReturnType<typeof createFunctionWorld>;
const place = (published = 3) =>
  world.aws.lambda.place({
    name: FunctionName,
    modifiedAt: start - minute,
    published: Array.from({ length: published }, () => start - minute),
    aliases: published > 1 ? { live: '2' } : {},
  });

beforeEach(() => {
  world = createFunctionWorld();
});
afterEach(() => world.aws.close());

describe('functions and versions', () => {
  test('a new function is pending until it is active, and its waiters know when', async () => {
    const { lambda, aws } = world;
    const create = () =>
      lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: 'arn:aws:iam::123456789012:role/shop',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { ZipFile: code(1) },
          Timeout: 10,
          Tags: { team: 'shop' },
          Publish: true,
        }),
      );
    expect(await create()).toMatchObject({
      Version: '1',
      State: 'Pending',
      StateReasonCode: 'Creating',
      Timeout: 10,
      FunctionArn: `${arn}:1`,
    });
    expect(await refusal(create())).toMatchObject({ code: 'ResourceConflictException', status: 409 });
    const update = () => lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: code(2) }));
    expect(await refusal(update())).toMatchObject({ code: 'ResourceConflictException' });
    await aws.advanceTo(start + minute);
    for (const wait of [waitUntilFunctionActiveV2, waitUntilPublishedVersionActive])
      expect((await wait({ client: lambda, ...soon }, { FunctionName, Qualifier: '1' })).state).toBe('SUCCESS');
    expect(await update()).toMatchObject({ Version: '$LATEST', LastUpdateStatus: 'InProgress' });
    await aws.advanceTo(start + 2 * minute);
    expect((await waitUntilFunctionUpdatedV2({ client: lambda, ...soon }, { FunctionName })).state).toBe('SUCCESS');
    expect((await lambda.send(new GetFunctionCommand({ FunctionName }))).Tags).toEqual({ team: 'shop' });
    await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    const gone = await refusal(lambda.send(new GetFunctionCommand({ FunctionName })));
    expect(gone).toEqual({ code: 'ResourceNotFoundException', status: 404, message: `Function not found: ${arn}` });
    const list = lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(await refusal(list)).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
  });

  test('a version is published once for a change, keeps what it had, and its number is never used again', async () => {
    place(1);
    const { lambda, aws } = world;
    const publish = async (more = {}) => (await lambda.send(new PublishVersionCommand({ FunctionName, ...more }))).Version;
    expect(await publish()).toBe('1');
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 30, MemorySize: 512 }));
    expect(await refusal(publish())).toMatchObject({ code: 'ResourceConflictException', status: 409 });
    await aws.advanceTo(start + minute);
    expect(await publish({ Description: 'more time' })).toBe('2');
    const of = (Qualifier: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
    expect(await of('1')).toMatchObject({ Timeout: 3, Version: '1' });
    expect(await of('2')).toMatchObject({ Timeout: 30, MemorySize: 512, Description: 'more time' });
    await lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier: '2' }));
    expect(await refusal(of('2'))).toMatchObject({ code: 'ResourceNotFoundException', message: `Function not found: ${arn}:2` });
    expect(await publish()).toBe('3');
    const wrong = refusal(publish({ CodeSha256: 'another' }));
    expect(await wrong).toMatchObject({ code: 'InvalidParameterValueException' });
    expect(await refusal(publish({ RevisionId: 'another' }))).toMatchObject({ code: 'PreconditionFailedException', status: 412 });
  });

  test('pages through versions and aliases', async () => {
    place(60);
    const { lambda } = world;
    const versions: (string | undefined)[] = [];
    for await (const { Versions = [] } of paginateListVersionsByFunction({ client: lambda, pageSize: 1000 }, { FunctionName })) {
      expect(Versions.length).toBeLessThanOrEqual(50);
      versions.push(...Versions.map(({ Version }) => Version));
    }
    expect(versions).toEqual(['$LATEST', ...Array.from({ length: 60 }, (_, i) => String(i + 1))]);
    for (const Name of ['a', 'b']) await lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: '1' }));
    const names: (string | undefined)[] = [];
    for await (const { Aliases = [] } of paginateListAliases({ client: lambda, pageSize: 1 }, { FunctionName, FunctionVersion: '1' }))
      names.push(...Aliases.map(({ Name }) => Name));
    expect(names).toEqual(['a', 'b']);
    const marker = lambda.send(new ListAliasesCommand({ FunctionName, Marker: 'somewhere' }));
    expect(await refusal(marker)).toMatchObject({ code: 'InvalidParameterValueException' });
    const many = lambda.send(new ListVersionsByFunctionCommand({ FunctionName, MaxItems: 10_001 }));
    expect(await refusal(many)).toMatchObject({ code: 'ValidationException' });
  });

  test.each([
    ['2', 'ResourceConflictException', 'Unable to delete version because the following aliases reference it: [live]'],
    ['$LATEST', 'InvalidParameterValueException', '$LATEST version cannot be deleted without deleting the function.'],
  ])('the version %s is not deleted', async (Qualifier, errorCode, message) => {
    place();
    const call = world.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    expect(await refusal(call)).toMatchObject({ code: errorCode, message });
  });
});

// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
describe('aliases', () => {
  const update = (more: object) => world.lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', ...more }));

  test('an alias moves only from the revision that is named, with weights and without', async () => {
    place();
    const { RevisionId } = await world.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    const shifted = await update({ RevisionId, RoutingConfig: { AdditionalVersionWeights: { 3: 0.1 } } });
    expect(shifted).toMatchObject({ FunctionVersion: '2', RoutingConfig: { AdditionalVersionWeights: { 3: 0.1 } } });
    expect(await refusal(update({ FunctionVersion: '1', RevisionId }))).toEqual({
      code: 'PreconditionFailedException',
      status: 412,
      message:
        'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
    });
    const cleared = await update({ FunctionVersion: '3', RevisionId: shifted.RevisionId, RoutingConfig: { AdditionalVersionWeights: {} } });
    expect(cleared).toMatchObject({ FunctionVersion: '3', AliasArn: `${arn}:live` });
    expect(cleared.RoutingConfig).toBeUndefined();
  });

  test.each([
    [{ FunctionVersion: '9' }, 'ResourceNotFoundException'],
    [{ RoutingConfig: { AdditionalVersionWeights: { 9: 0.5 } } }, 'ResourceNotFoundException'],
    [{ RoutingConfig: { AdditionalVersionWeights: { 2: 0.5 } } }, 'InvalidParameterValueException'],
    [{ RoutingConfig: { AdditionalVersionWeights: { 1: 0.5, 3: 0.1 } } }, 'InvalidParameterValueException'],
    [{ RoutingConfig: { AdditionalVersionWeights: { 3: 1.5 } } }, 'ValidationException'],
    [{ FunctionVersion: '$LATEST', RoutingConfig: { AdditionalVersionWeights: { 3: 0.5 } } }, 'InvalidParameterValueException'],
  ])('refuses case %#, and nothing has changed', async (input, errorCode) => {
    place();
    expect(await refusal(update(input))).toMatchObject({ code: errorCode });
    expect(await world.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).toMatchObject({ FunctionVersion: '2' });
  });

  test('an alias is made once, found by its function, and gone once it is deleted', async () => {
    place();
    const { lambda } = world;
    const create = (Name: string) => lambda.send(new CreateAliasCommand({ FunctionName, Name, FunctionVersion: '1' }));
    expect(await create('beta')).toMatchObject({ Name: 'beta', FunctionVersion: '1' });
    expect(await refusal(create('beta'))).toMatchObject({
      code: 'ResourceConflictException',
      message: `Alias already exists: ${arn}:beta`,
    });
    expect(await refusal(create('7'))).toMatchObject({ code: 'ValidationException' });
    expect(await lambda.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: 'beta' }))).toMatchObject({ Version: '1' });
    await lambda.send(new DeleteAliasCommand({ FunctionName, Name: 'beta' }));
    const gone = lambda.send(new GetAliasCommand({ FunctionName, Name: 'beta' }));
    expect(await refusal(gone)).toMatchObject({ code: 'ResourceNotFoundException', message: `Cannot find alias arn: ${arn}:beta` });
  });
});

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
test('a reserve never leaves less than 100 to the others', async () => {
  place();
  const { lambda } = world;
  const reserve = (ReservedConcurrentExecutions: number) =>
    lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  expect(await reserve(900)).toMatchObject({ ReservedConcurrentExecutions: 900 });
  expect(await refusal(reserve(901))).toEqual({
    code: 'InvalidParameterValueException',
    status: 400,
    message:
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  });
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  expect(AccountLimit).toMatchObject({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 100 });
  expect((await lambda.send(new GetFunctionCommand({ FunctionName }))).Concurrency).toEqual({ ReservedConcurrentExecutions: 900 });
  await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
  expect(ReservedConcurrentExecutions).toBeUndefined();
});

test('an account with a small quota has no room for a reserve but 0, which throttles all', async () => {
  world = createFunctionWorld({ concurrency: { limit: 10, reserved: {} } });
  place();
  const reserve = (ReservedConcurrentExecutions: number) =>
    world.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  expect((await refusal(reserve(1))).message).toMatch(/below its minimum value of \[10\]\.$/);
  const invoke = () => world.lambda.send(new InvokeCommand({ FunctionName, Qualifier: 'live' }));
  expect(await invoke()).toMatchObject({ StatusCode: 200, ExecutedVersion: '2' });
  await reserve(0);
  expect(await refusal(invoke())).toMatchObject({ code: 'TooManyRequestsException', status: 429 });
});

test('a function has tags, and its versions and aliases have none', async () => {
  place();
  const { lambda } = world;
  await lambda.send(new TagResourceCommand({ Resource: arn, Tags: { selfheal: 'on', team: 'shop' } }));
  await lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['team'] }));
  expect((await lambda.send(new ListTagsCommand({ Resource: arn }))).Tags).toEqual({ selfheal: 'on' });
  const ofAlias = lambda.send(new ListTagsCommand({ Resource: `${arn}:live` }));
  expect(await refusal(ofAlias)).toMatchObject({ code: 'InvalidParameterValueException' });
  const elsewhere = lambda.send(new ListTagsCommand({ Resource: `${arn}s` }));
  expect(await refusal(elsewhere)).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
});

// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
test('an event source mapping is on its way before it is there, and says who changed it last', async () => {
  place();
  const { lambda, aws } = world;
  const EventSourceArn = 'arn:aws:sqs:us-east-1:123456789012:orders';
  const create = () => lambda.send(new CreateEventSourceMappingCommand({ FunctionName: `${FunctionName}:live`, EventSourceArn }));
  const { UUID, ...made } = await create();
  expect(made).toMatchObject({ State: 'Creating', FunctionArn: `${arn}:live`, BatchSize: 10, StateTransitionReason: 'USER_INITIATED' });
  expect(await refusal(create())).toMatchObject({ code: 'ResourceConflictException', status: 409 });
  const disable = () => lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  expect(await refusal(disable())).toMatchObject({ code: 'ResourceInUseException' });
  const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
  await aws.advanceTo(start + minute);
  expect(await state()).toBe('Enabled');
  expect((await disable()).State).toBe('Disabling');
  await aws.advanceTo(start + 2 * minute);
  expect(await state()).toBe('Disabled');
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  await aws.advanceTo(start + 3 * minute);
  aws.faults.inject({ fault: 'disable-mapping', target: FunctionName });
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
  expect(EventSourceMappings).toMatchObject([
    { State: 'Disabled', StateTransitionReason: 'SYSTEM_INITIATED', LastProcessingResult: 'PROBLEM: Function call failed' },
  ]);
  await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
  await aws.advanceTo(start + 4 * minute);
  expect(await refusal(state())).toMatchObject({ code: 'ResourceNotFoundException', status: 404 });
});

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
test('calls that manage functions share fifteen a second', async () => {
  world = createFunctionWorld({ throttle: 'aws' });
  place();
  const look = () => world.lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
  for (let i = 0; i < 15; i++) await look();
  expect(await refusal(look())).toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  expect(await world.lambda.send(new GetFunctionCommand({ FunctionName }))).toHaveProperty('Configuration');
});
