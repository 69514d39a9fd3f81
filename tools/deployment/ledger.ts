import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Template } from './template.ts';

/**
 * Turns on what keeps the ledger from being deleted, once there is one: until then it would be in the way of a first deployment that fails,
 * which has to take it back to be tried again. Says what people should know.
 */
export const protectLedger = async (template: Template, dynamoDb: DynamoDBClient): Promise<string | undefined> => {
  const { Properties } = template.Resources.Ledger ?? {};
  if (!Properties) return undefined;
  try {
    await dynamoDb.send(new DescribeTableCommand({ TableName: String(Properties.TableName) }));
  } catch (error) {
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
    return 'The ledger can be deleted for now, so that this first deployment can be tried again if it fails. The next deployment turns its deletion protection on.';
  }
  Properties.DeletionProtectionEnabled = true;
  return undefined;
};
