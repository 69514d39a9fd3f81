import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { errorName } from '../../../shared/model/errors.ts';
import { broken, brokenOr, type Check } from '../check.ts';

/** As infrastructure/ledger.yml has them. */
const indexes = ['by-day', 'out-of-service'] as const;
const expiry = 'expiresAt';

export const table: Check = {
  id: 'table',
  reads: "the ledger's table, its indexes and what lets old items expire",
  permissions: ['dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive'],
  look: async ({ deployment: { dynamodb }, names: { ledger: TableName }, redeploy }) => {
    const described = await dynamodb.send(new DescribeTableCommand({ TableName })).catch((error: unknown) => {
      if (errorName(error) === 'ResourceNotFoundException') return null;
      throw error;
    });
    if (!described?.Table) return [broken(`there is no table ${TableName}, so nothing is treated`, redeploy)];
    const { TableStatus = 'unknown', GlobalSecondaryIndexes = [] } = described.Table;
    // A table that is being updated serves as before.
    const isUp = (status: string | undefined) => status === 'ACTIVE' || status === 'UPDATING';
    const found = indexes.flatMap((name) => {
      const index = GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === name);
      if (index && isUp(index.IndexStatus)) return [];
      return [broken(index ? `index ${name} is ${index.IndexStatus}` : `there is no index ${name}`, redeploy)];
    });
    if (!isUp(TableStatus)) found.push(broken(`table ${TableName} is ${TableStatus}`, redeploy));
    const { TimeToLiveDescription: { TimeToLiveStatus, AttributeName } = {} } = await dynamodb.send(
      new DescribeTimeToLiveCommand({ TableName }),
    );
    if (!TimeToLiveStatus?.startsWith('ENABL') || AttributeName !== expiry)
      found.push(
        broken(
          'old incidents are kept for ever, since items do not expire',
          `aws dynamodb update-time-to-live --table-name ${TableName} --time-to-live-specification Enabled=true,AttributeName=${expiry}`,
        ),
      );
    return brokenOr(found, `${TableName} serves, with ${indexes.length} indexes, and old items expire`);
  },
};
