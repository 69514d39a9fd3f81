import type * as Sdk from '@aws-sdk/client-lambda';
import { lambdaParameters } from '../../../core/model-parameters.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { FunctionStore } from '../model/functions.ts';
import type { Hosted } from '../model/hosted.ts';
import { parseFunctionName } from '../model/name.ts';
import { invalid, type Lookup } from './common.ts';

/** What functions reserve of the account's concurrency. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
export const concurrencyOperations = (store: FunctionStore, hosted: Hosted, { expect }: Lookup): Service['operations'] => {
  const { limit } = store;
  const least = limit > lambdaParameters.unreservedLeast ? lambdaParameters.unreservedLeast : Math.min(10, limit);

  const put = (input: Sdk.PutFunctionConcurrencyCommandInput) => {
    const { found } = expect(input.FunctionName);
    const wanted = input.ReservedConcurrentExecutions ?? 0;
    if (!Number.isInteger(wanted) || wanted < 0) throw invalid('ReservedConcurrentExecutions must be a whole number, and not below 0.');
    const rest = limit - store.reserved() + (found.reserved ?? 0) - wanted;
    if (rest < least && wanted > (found.reserved ?? 0))
      throw invalid(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${least}].`,
      );
    found.reserved = wanted;
    store.flow();
    return { ReservedConcurrentExecutions: wanted };
  };

  const get = (input: Sdk.GetFunctionConcurrencyCommandInput) => {
    const { name } = parseFunctionName(input.FunctionName ?? '');
    const reserved =
      store.get(name) || !Object.hasOwn(hosted.reserved, name) ? expect(input.FunctionName).found.reserved : hosted.reserved[name];
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  };

  return {
    GetAccountSettings: operation<Sdk.GetAccountSettingsCommandInput, Sdk.GetAccountSettingsCommandOutput>(
      () => sdk.lambda().GetAccountSettings$,
      () => ({
        AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit - store.reserved() },
        AccountUsage: { FunctionCount: store.list().length },
      }),
    ),
    PutFunctionConcurrency: operation<Sdk.PutFunctionConcurrencyCommandInput, Sdk.PutFunctionConcurrencyCommandOutput>(
      () => sdk.lambda().PutFunctionConcurrency$,
      put,
    ),
    GetFunctionConcurrency: operation<Sdk.GetFunctionConcurrencyCommandInput, Sdk.GetFunctionConcurrencyCommandOutput>(
      () => sdk.lambda().GetFunctionConcurrency$,
      get,
    ),
    DeleteFunctionConcurrency: operation<Sdk.DeleteFunctionConcurrencyCommandInput, Sdk.DeleteFunctionConcurrencyCommandOutput>(
      () => sdk.lambda().DeleteFunctionConcurrency$,
      ({ FunctionName }) => {
        expect(FunctionName).found.reserved = undefined;
        store.flow();
        return {};
      },
    ),
  };
};
