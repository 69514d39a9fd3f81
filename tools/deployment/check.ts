import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { quotaProblem } from './concurrency.ts';
import { protectLedger } from './ledger.ts';
import type { Template } from './template.ts';

type Asked = { protects: boolean };
export type Verdict = { problem: string | undefined; notices: string[] };

/**
 * Checks a deployment against the account before anything is changed in it. If the account can't be queried, the deployment goes on with a
 * notice: CloudFormation decides in any case.
 */
export const checkDeployment = async (template: Template, config: object, { protects }: Asked): Promise<Verdict> => {
  const lambda = new LambdaClient(config as LambdaClientConfig);
  const dynamoDb = new DynamoDBClient(config as LambdaClientConfig);
  const notices: string[] = [];
  const unasked = (what: string) => (error: Error) => {
    notices.push(`${what} could not be looked up: ${error.message}`);
    return undefined;
  };
  try {
    const problem = await quotaProblem(template, lambda).catch(unasked("The account's concurrency"));
    const notice = protects ? await protectLedger(template, dynamoDb).catch(unasked('The ledger')) : undefined;
    if (notice !== undefined) notices.push(notice);
    return { problem, notices };
  } finally {
    lambda.destroy();
    dynamoDb.destroy();
  }
};
