import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import type { LambdaHooks } from './model/hooks.ts';
import { parseFunctionName } from './model/name.ts';
import { executionOperations } from './operations/executions.ts';
import { createFunctions, type Functions } from './operations/functions.ts';

export type Lambda = {
  service: Service;
  /** Puts a function there that can be described and deployed, and that doesn't run. */
  place: Functions['place'];
  /** Invokes a function asynchronously, as an alarm or a rule does; false where it doesn't exist. */
  deliver(functionArn: string, payload: unknown): Promise<boolean>;
};

/**
 * Lambda: Invoke, the answers to callbacks, the lists of executions and of the versions that have some, and the account's concurrency; what
 * runs is the host's. Beside it stand functions that are only described and deployed.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export const createLambda = (
  world: World,
  {
    onInvoke = () => undefined,
    onCallback = () => false,
    executions = () => [],
    concurrency = { limit: 1000, reserved: {} },
  }: LambdaHooks = {},
): Lambda => {
  const functions = createFunctions(world);
  return {
    place: functions.place,
    deliver: async (functionArn, payload) => {
      const { name, qualifier } = parseFunctionName(functionArn);
      return (await onInvoke({ functionName: name, qualifier, type: 'Event', executionName: undefined, payload })) !== undefined;
    },
    service: {
      signingName: 'lambda',
      protocols: ['rest-json'],
      operations: {
        ...functions.operations,
        ...executionOperations(world, { onInvoke, onCallback, executions, concurrency }, functions),
      },
    },
  };
};
