import type * as Sdk from '@aws-sdk/client-lambda';
import type { LambdaFaults } from '../../../core/service-interfaces.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Service } from '../../../wire/protocol/service.ts';
import type { FunctionStore } from '../model/functions.ts';

/** Calls that somebody in the world makes, by his access key: the same as anybody's over the wire, and CloudTrail tells of them. */
export const createCaller = (world: World, operations: Service['operations']) => {
  const requestIds = world.random.fork('lambda calls');
  return (accessKey: string, operation: string, input: object): unknown => {
    const { account, region, calls } = world;
    const context = {
      now: world.clock.now(),
      requestId: requestIds.uuid(),
      account,
      region,
      accessKey,
      userAgent: 'console.amazonaws.com',
    };
    const { now: at, requestId, userAgent } = context;
    const log = (error: string | null) =>
      calls.push({ at, requestId, service: 'lambda', operation, input, error, accessKey, userAgent, answerLost: false });
    try {
      const output = operations[operation]?.run(input, context);
      log(null);
      return output;
    } catch (error) {
      if (error instanceof AwsError) log(error.code);
      throw error;
    }
  };
};

/** Somebody deploys new code, and its behaviour is what it is from its first invocation on. */
export const createDeploy =
  (store: FunctionStore, call: ReturnType<typeof createCaller>): LambdaFaults['deploy'] =>
  (FunctionName, { alias: Name, weight, errors, durationMs, by }) => {
    const found = store.get(FunctionName);
    if (!found) throw new RangeError(`there is no function ${FunctionName.slice(0, 100)}`);
    if (Name !== undefined && !found.aliases.has(Name))
      throw new RangeError(`the function ${FunctionName} has no alias ${Name.slice(0, 100)}`);
    try {
      const ZipFile = new TextEncoder().encode(`${FunctionName} ${store.random.uuid()}`);
      const { Version: FunctionVersion = '' } = call(by, 'UpdateFunctionCode', { FunctionName, ZipFile, Publish: Name !== undefined }) as {
        Version?: string;
      };
      // `$LATEST` has the same code.
      for (const version of new Set([FunctionVersion, '$LATEST'])) store.behave(FunctionName, version, { errors, durationMs });
      if (Name === undefined) return;
      const shifted: Partial<Sdk.UpdateAliasCommandInput> =
        weight === undefined
          ? { FunctionVersion, RoutingConfig: { AdditionalVersionWeights: {} } }
          : { RoutingConfig: { AdditionalVersionWeights: { [FunctionVersion]: weight } } };
      call(by, 'UpdateAlias', { FunctionName, Name, ...shifted });
    } catch (error) {
      if (error instanceof AwsError) throw new RangeError(error.message);
      throw error;
    }
  };
