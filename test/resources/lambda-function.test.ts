import { LambdaClient, PublishVersionCommand, UpdateAliasCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lambdaFunction } from '../../shared/resources/lambda-function.ts';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const aboutCheckout = (id = 'checkout') => alarmOn('AWS/Lambda', { type: 'service', id });

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
  await world.place(aboutCheckout('checkout:live'));
});
afterEach(() => world.close());

const deploy = async (at: number) => {
  const lambda = world.operator.of(LambdaClient);
  await world.aws.advanceTo(at);
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'checkout', ZipFile: new Uint8Array([1]) }));
  await world.aws.advanceTo(at + minute / 2);
  const { Version: FunctionVersion } = await lambda.send(new PublishVersionCommand({ FunctionName: 'checkout' }));
  await lambda.send(new UpdateAliasCommand({ FunctionName: 'checkout', Name: 'live', FunctionVersion }));
};

describe('a look at a Lambda function', () => {
  test('tells its state and when it was changed last', async () => {
    const seen = await world.look(aboutCheckout());
    expect(seen.result).toBe('found');
    expect(seen.line).toBe('Lambda function checkout: Active; code or settings changed at 2026-10-20 12:00 UTC, 31 d ago; nodejs24.x');
    expect(seen.change).toBeNull();
  });

  test('names a deployment five minutes before the failure at once', async () => {
    await deploy(noon - 5 * minute);
    const seen = await world.look(aboutCheckout(), noon + minute);
    expect(seen.change).toEqual({
      at: noon - 5 * minute,
      text: 'code or settings changed at 11:55 UTC, 5 min 00 s before the failure',
    });
  });

  test('tells of an alias which version it is, and when that was published', async () => {
    await deploy(noon - 5 * minute);
    const { line, change } = await world.look(aboutCheckout('checkout:live'));
    expect(line).toBe(
      'Lambda function checkout:live: Active; version 2 published at 11:55 UTC, 4 min 30 s ago; alias live is version 2; nodejs24.x',
    );
    expect(change?.text).toBe('version 2 published at 11:55 UTC, 4 min 30 s before the failure');
  });

  test('tells the shares of an alias that is being shifted, and an update that is in progress', async () => {
    await deploy(noon - 5 * minute);
    const lambda = world.operator.of(LambdaClient);
    await lambda.send(
      new UpdateAliasCommand({
        FunctionName: 'checkout',
        Name: 'live',
        FunctionVersion: '1',
        RoutingConfig: { AdditionalVersionWeights: { '2': 0.1 } },
      }),
    );
    expect((await world.look(aboutCheckout('checkout:live'))).line).toContain('alias live is version 1, 10 % version 2');
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'checkout', ZipFile: new Uint8Array([2]) }));
    expect((await world.look(aboutCheckout())).line).toContain('last update InProgress');
  });

  test('calls nothing a cause that came after the failure', async () => {
    await deploy(noon + minute);
    expect((await world.look(aboutCheckout(), noon + 2 * minute)).change).toBeNull();
  });

  test('says that there is no such function only where Lambda says so', async () => {
    const seen = await world.look(aboutCheckout('unknown'));
    expect(seen).toMatchObject({
      result: 'gone',
      line: 'Lambda function unknown: AWS says that there is no such resource (ResourceNotFoundException)',
    });
  });

  test('goes on without the alias where that may not be read', async () => {
    world.refuse('lambda', 'GetAlias');
    const { result, line } = await world.look(aboutCheckout('checkout:live'));
    expect(result).toBe('found');
    expect(line).toMatch(/Active; version 1 .*; alias live could not be read: selfheal isn't allowed to \(lambda:GetAlias\)$/);
  });

  test('is at every incident of a function, and at nothing else', () => {
    expect(lambdaFunction.is(aboutCheckout())).toBe(true);
    expect(lambdaFunction.is(alarmOn('X', { type: 'service', id: 'f' }, { kind: 'lambda-failure', evidence: {} }))).toBe(true);
    expect(lambdaFunction.is(alarmOn('AWS/States', { type: 'service', id: 'checkout' }))).toBe(false);
    expect(lambdaFunction.trailName(aboutCheckout('checkout:live'))).toBe('checkout');
  });
});
