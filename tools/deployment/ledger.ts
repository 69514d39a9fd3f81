import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../shared/model/errors.ts';
import type { Template } from './template.ts';

/**
 * Turns on deletion protection of the ledger once it exists. Before, it would block the rollback of a failed first deployment. Returns a
 * notice for people.
 */
export const protectLedger = async (template: Template, dynamoDb: DynamoDBClient): Promise<string | undefined> => {
  const { Properties } = template.Resources.Ledger ?? {};
  if (!Properties) return undefined;
  try {
    await dynamoDb.send(new DescribeTableCommand({ TableName: String(Properties.TableName) }));
  } catch (error) {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    return 'The ledger can be deleted for now, so that this first deployment can be tried again if it fails. The next deployment turns its deletion protection on.';
  }
  Properties.DeletionProtectionEnabled = true;
  return undefined;
};
