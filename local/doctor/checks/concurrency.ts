import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { errorName } from '../../../shared/model/errors.ts';
import { broken, brokenOr, type Check } from '../check.ts';

/** The functions that every deployment has. */
const functions = ['intake', 'remediate', 'watch', 'approve', 'beat', 'dashboard-widget'] as const;

/** Lambda keeps this many for functions that reserve none. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const least = 100;

/** `Concurrent executions`. https://docs.aws.amazon.com/general/latest/gr/lambda-service.html */
const quota = 'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000';

export const concurrency: Check = {
  id: 'concurrency',
  reads: "the account's limit, and what the functions reserve of it",
  permissions: ['lambda:GetAccountSettings', 'lambda:GetFunctionConcurrency'],
  look: async ({ lambda, nameOf, redeploy }) => {
    const { AccountLimit = {} } = await lambda.send(new GetAccountSettingsCommand({}));
    const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: left = 0 } = AccountLimit;
    const found = [];
    let reserved = 0;
    let unreserved = 0;
    for (const part of functions) {
      const FunctionName = nameOf(part);
      const answer = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })).catch((error: unknown) => {
        if (errorName(error) === 'ResourceNotFoundException') return null;
        throw error;
      });
      const own = answer?.ReservedConcurrentExecutions;
      reserved += own ?? 0;
      if (answer === null) found.push(broken(`there is no function ${FunctionName}`, redeploy));
      else if (own === undefined) unreserved++;
      else if (own === 0)
        found.push(
          broken(
            `0 are reserved for ${FunctionName}, so it never runs`,
            `aws lambda delete-function-concurrency --function-name ${FunctionName}`,
          ),
        );
    }
    if (limit < least) found.push(broken(`the account's limit is ${limit}, so that a storm of incidents has to wait`, quota));
    else if (unreserved > 0 && left < least) found.push(broken(`of ${limit} in the account, ${left} are left over`, quota));
    return brokenOr(found, `${left} of ${limit} in the account left over, ${reserved} reserved for selfheal`);
  },
};
